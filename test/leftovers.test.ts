/** What is left over goes: outputs of sources that are gone, and the folders that are empty then. Nothing else ever does. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { giveToNobody, runAsNobody } from './nobody.js';
import { type Files, namesBelow, writeFiles } from './project-files.js';
import { DONE, type Ran, runMain } from './run-main.js';

const SCRATCH = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'polyagent-left-')));

let folder = '';
let made = 0;
beforeEach(() => {
  folder = path.join(SCRATCH, String(made++));
  fs.mkdirSync(path.join(folder, 'agents'), { recursive: true });
});
afterAll(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));

const run = (...args: string[]): Promise<Ran> => runMain(folder, ...args, ...(args.includes('--to') ? [] : ['--to', 'claude-code']));
const build = (...args: string[]): Promise<Ran> => run('build', '-q', ...args);

const buildAsNobody = (): Ran => runAsNobody(folder, 'build', '-q', '--to', 'claude-code');
const CLAUDE = 'dist/claude-code/.claude/agents';
const at = (...parts: string[]): string => path.join(folder, ...parts);
const agent = (name: string, more = ''): string => `---\nname: ${name}\ndescription: Does ${name}.\n${more}---\nBody.\n`;

const write = (files: Files): void => writeFiles(folder, files);
const tree = (): string[] => namesBelow(at('dist'));

const claudeTree = (...names: string[]): string[] =>
  [
    '.polyagent.json',
    'claude-code/',
    'claude-code/.claude/',
    'claude-code/.claude/agents/',
    ...names.map((name) => `claude-code/.claude/agents/${name}.md`),
  ].sort();

describe('what is left over', () => {
  it('goes with its source, and with the folders that are empty then', async () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b', 'targets: [codex]\n') });
    expect(await build('--to', 'claude-code,codex')).toEqual(DONE);
    fs.rmSync(at('agents/b.md'));
    expect(await build('--to', 'claude-code,codex')).toEqual(DONE);
    expect(tree().filter((file) => file.startsWith('codex/.codex/agents/'))).toEqual([
      'codex/.codex/agents/',
      'codex/.codex/agents/a.toml',
    ]);
    fs.renameSync(at('agents/a.md'), at('agents/c.md'));
    write({ 'agents/c.md': agent('c') });
    expect(await build('--to', 'claude-code,codex')).toEqual(DONE);
    expect(fs.readdirSync(at(CLAUDE))).toEqual(['c.md']);
    write({ 'agents/c.md': agent('c', 'targets: [claude-code]\n') });
    expect(await build('--to', 'claude-code,codex')).toEqual(DONE);
    expect(tree()).toEqual(claudeTree('c'));
  });

  it('goes when a folder of sources was moved, or a file lies in its place', async () => {
    write({ 'agents/a.md': agent('a'), 'agents/sub/b.md': agent('b') });
    expect(await build()).toEqual(DONE);
    fs.rmSync(at('agents/sub'), { recursive: true });
    fs.writeFileSync(at('agents/sub'), 'a file');
    expect(await build()).toEqual(DONE);
    expect(tree()).toEqual(claudeTree('a'));
  });

  it('goes without what is the user’s beside it', async () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b'), 'agents/c.md': agent('c', 'targets: [codex]\n') });
    expect(await build('--to', 'claude-code,codex')).toEqual(DONE);
    write({ [`${CLAUDE}/mine.md`]: 'Mine.', 'dist/codex/.codex/agents/.keep': '', 'dist/notes/n.txt': 'Mine.' });
    fs.mkdirSync(at('dist/claude-code/.claude/empty'));
    fs.rmSync(at('agents/b.md'));
    write({ 'agents/c.md': agent('c', 'targets: [claude-code]\n'), 'agents/a.md': agent('a', 'targets: [claude-code]\n') });
    expect(await build('--to', 'claude-code,codex')).toEqual(DONE);
    expect(tree()).toEqual(
      [
        ...claudeTree('a', 'c', 'mine'),
        'claude-code/.claude/empty/',
        'codex/',
        'codex/.codex/',
        'codex/.codex/agents/',
        'codex/.codex/agents/.keep',
        'notes/',
        'notes/n.txt',
      ].sort(),
    );
  });

  it('goes without a folder that is a symbolic link, and without what that leads to', async () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b', 'targets: [codex]\n') });
    fs.mkdirSync(at('dist/inside/agents'), { recursive: true });
    fs.mkdirSync(at('dist/codex/.codex'), { recursive: true });
    fs.symlinkSync(at('dist/inside/agents'), at('dist/codex/.codex/agents'));
    write({ 'agents/a.md': agent('a', 'targets: [claude-code]\n') });
    expect(await build('--to', 'claude-code,codex')).toEqual(DONE);
    expect(fs.readdirSync(at('dist/inside/agents'))).toEqual(['b.toml']);
    fs.rmSync(at('agents/b.md'));
    expect(await build('--to', 'claude-code,codex')).toEqual(DONE);
    expect(tree()).toEqual([...claudeTree('a'), 'codex/', 'codex/.codex/', 'codex/.codex/agents', 'inside/', 'inside/agents/'].sort());
  });

  it('stays when a folder has become a link that leads out', async () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b') });
    expect(await build()).toEqual(DONE);
    fs.renameSync(at('dist/claude-code'), at('elsewhere'));
    fs.symlinkSync(at('elsewhere'), at('dist/claude-code'));
    fs.rmSync(at('agents/b.md'));
    expect((await build()).code).toBe(1);
    expect(fs.readdirSync(at('elsewhere/.claude/agents'))).toEqual(['a.md', 'b.md']);
  });

  it('stays when somebody edited it, replaced it by a folder, or had it before', async () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b'), 'agents/c.md': agent('c'), 'agents/d.md': agent('d') });
    write({ [`${CLAUDE}/d.md`]: agent('d') });
    expect(await build()).toEqual(DONE);
    fs.appendFileSync(at(CLAUDE, 'b.md'), 'More.\n');
    fs.rmSync(at(CLAUDE, 'c.md'));
    write({ [`${CLAUDE}/c.md/mine.txt`]: 'Mine.' });
    for (const name of ['b', 'c', 'd']) fs.rmSync(at('agents', `${name}.md`));
    const { code, text } = await build();
    expect(code).toBe(1);
    expect(text).toContain('output-edited');
    expect(text).toContain(`${CLAUDE}/b.md`);
    expect(text).not.toContain(`${CLAUDE}/c.md`);
    expect(fs.readdirSync(at(CLAUDE))).toEqual(['a.md', 'b.md', 'c.md', 'd.md']);
    expect(await build()).toEqual({ code, text });
  });

  it('of a shared file goes with the last part, and only then', async () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b', 'targets: [codex]\n') });
    expect(await build('--to', 'agents-md,codex')).toEqual(DONE);
    fs.rmSync(at('agents/a.md'));
    expect(await build('--to', 'agents-md,codex')).toEqual(DONE);
    expect(tree()).toEqual(['.polyagent.json', 'codex/', 'codex/.codex/', 'codex/.codex/agents/', 'codex/.codex/agents/b.toml']);
  });

  it('of a shared file that somebody took away is forgotten, and not made again', async () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b', 'targets: [codex]\n') });
    expect(await build('--to', 'agents-md,codex')).toEqual(DONE);
    fs.rmSync(at('agents/a.md'));
    fs.rmSync(at('dist/agents-md/AGENTS.md'));
    expect(await build('--to', 'agents-md,codex')).toEqual(DONE);
    expect(tree()).toEqual(['.polyagent.json', 'codex/', 'codex/.codex/', 'codex/.codex/agents/', 'codex/.codex/agents/b.toml']);
  });
});

describe('where the last agent', () => {
  beforeEach(async () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b') });
    expect(await build()).toEqual(DONE);
  });

  it('was deleted its outputs go, those excepted that somebody edited', async () => {
    for (const name of ['a', 'b']) fs.rmSync(at('agents', `${name}.md`));
    write({ [`${CLAUDE}/b.md`]: 'mine' });
    const checked = await run('check');
    expect([checked.code, checked.text]).toEqual([1, expect.stringContaining('1 to remove, 1 edited by hand')]);
    const tried = await run('build', '--dry-run');
    expect(tried.text).toContain('1 to remove');
    expect(tree()).toEqual(claudeTree('a', 'b'));
    const { code, text } = await run('build');
    expect([code, text]).toEqual([1, expect.stringContaining('0 agents × 1 target → 0 files (0 written, 0 unchanged, 1 removed)')]);
    expect(text).toMatch(/output-edited.*b\.md/);
    expect(tree()).toEqual(claudeTree('b'));
    fs.rmSync(at(CLAUDE, 'b.md'));
    for (const command of ['build', 'check', 'build']) expect((await run(command, '-q')).code).toBe(0);
    expect(tree()).toEqual(['.polyagent.json']);
    fs.rmSync(at('dist'), { recursive: true });
    for (const command of ['build', 'check']) expect((await run(command)).code).toBe(2);
  });

  it.each([
    ['lay in a folder that is gone', () => fs.rmSync(at('agents'), { recursive: true }), [], /make an empty folder/],
    ['is only looked for elsewhere', () => fs.mkdirSync(at('docs')), ['docs'], /No agents in docs/],
    ['is only looked for by another pattern', () => undefined, ['agents/**/*.mdx'], /No agents/],
    [
      'is only looked for by a pattern in a folder that is gone',
      () => fs.renameSync(at('agents'), at('away')),
      ['agents/*.md'],
      /empty folder/,
    ],
    [
      'is only not looked for',
      () => write({ 'build.config.mjs': "export default { agents: ['agents', '!agents/*'] };\n" }),
      [],
      /No agents/,
    ],
  ])('%s nothing is removed', async (_title, change, sources, message) => {
    change();
    for (const command of ['build', 'check']) {
      const { code, text } = await run(command, ...sources);
      expect([code, text]).toEqual([2, expect.stringMatching(message)]);
    }
    expect(tree()).toEqual(claudeTree('a', 'b'));
  });

  it('is in a Git submodule its outputs go only where that is checked out', async () => {
    for (const name of ['a', 'b']) fs.rmSync(at('agents', `${name}.md`));
    write({ '.gitmodules': '[submodule "ours"]\n\tpath = agents\n\turl = https://example.com/agents.git\n' });
    for (const command of ['build', 'check']) {
      const { code, text } = await run(command);
      expect([code, text]).toEqual([2, expect.stringContaining('submodule update --init')]);
    }
    expect(tree()).toEqual(claudeTree('a', 'b'));
    write({ 'agents/.git': 'gitdir: ../.git/modules/ours\n' });
    expect(await build()).toEqual(DONE);
    expect(tree()).toEqual(['.polyagent.json']);
  });

  it('lies in a folder that cannot be listed nothing is removed', async () => {
    giveToNobody(folder);
    fs.chmodSync(at('agents'), 0o311);
    const { code, text } = buildAsNobody();
    fs.chmodSync(at('agents'), 0o755);
    expect([code, text]).toEqual([2, expect.stringContaining('No agents in agents: agents cannot be read (EACCES)')]);
    expect(tree()).toEqual(claudeTree('a', 'b'));
  });
});

describe('the last good output stays', () => {
  it.each([
    ['cannot be parsed', (file: string) => fs.writeFileSync(file, '---\nname: [\n---\nBody.\n')],
    ['has no name that can be one', (file: string) => fs.writeFileSync(file, '---\nname: "../x"\ndescription: X.\n---\nBody.\n')],
    ['needs a fragment that is not there', (file: string) => fs.writeFileSync(file, agent('b', 'fragments: [nowhere]\n'))],
    ['is not UTF-8', (file: string) => fs.writeFileSync(file, Buffer.from([0xff, 0xfe, 0xfd]))],
    [
      'leads nowhere',
      (file: string) => {
        fs.rmSync(file);
        fs.symlinkSync('nowhere.md', file);
      },
    ],
  ])('when a source %s', async (_title, spoil) => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b') });
    expect(await build()).toEqual(DONE);
    spoil(at('agents/b.md'));
    write({ 'agents/a.md': agent('a', 'tools: Read\n') });
    for (let again = 0; again < 2; again++) {
      expect((await build()).code).toBe(1);
      expect(fs.readFileSync(at(CLAUDE, 'b.md'), 'utf8')).toBe(agent('b'));
      expect(fs.readFileSync(at(CLAUDE, 'a.md'), 'utf8')).toContain('tools: Read');
    }
    fs.rmSync(at('agents/b.md'));
    expect(await build()).toEqual(DONE);
    expect(tree()).toEqual(claudeTree('a'));
  });

  it.each([
    ['a source cannot be read', 'agents/sub/b.md', 0o000],
    ['a folder of sources cannot be entered', 'agents/sub', 0o000],
    ['a folder of sources cannot be listed', 'agents/sub', 0o311],
    ['a folder of sources can be listed and no more', 'agents/sub', 0o444],
  ])('when %s', async (_title, place, mode) => {
    write({ 'agents/a.md': agent('a'), 'agents/sub/b.md': agent('b') });
    expect(await build()).toEqual(DONE);
    giveToNobody(folder);
    fs.chmodSync(at(place), mode);
    const { code, text } = buildAsNobody();
    fs.chmodSync(at(place), 0o755);
    expect(text).toContain('agents/sub');
    expect(code).toBe(1);
    expect(tree()).toEqual(claudeTree('a', 'b'));
    expect(await build()).toEqual(DONE);
  });

  it.each([
    ['of sources', 'agents'],
    ['among the sources', 'agents/sub'],
  ])('when a link to a folder %s leads nowhere', async (_title, link) => {
    fs.rmSync(at('agents'), { recursive: true });
    write({ 'drive/b.md': agent('b'), ...(link !== 'agents' && { 'agents/a.md': agent('a') }) });
    fs.symlinkSync(at('drive'), at(link));
    expect(await build()).toEqual(DONE);
    const before = tree();
    expect(before).toContain('claude-code/.claude/agents/b.md');
    fs.renameSync(at('drive'), at('away'));
    const { code, text } = await build();
    expect([code, text]).toEqual([1, expect.stringMatching(new RegExp(`source-unreadable.*\\n {2}${link}\\n`))]);
    expect(tree()).toEqual(before);
    fs.renameSync(at('away'), at('drive'));
    expect(await build()).toEqual(DONE);
    fs.rmSync(at('drive/b.md'));
    write({ 'drive/c.md': agent('c') });
    expect(await build()).toEqual(DONE);
    expect(tree()).not.toContain('claude-code/.claude/agents/b.md');
  });

  it('when it was made of an agent in a Git submodule that is not checked out', async () => {
    write({
      'agents/a.md': agent('a'),
      'agents/sub/b.md': agent('b'),
      'agents/sub/.git': 'gitdir: ../../.git/modules/sub\n',
      '.gitmodules': '[submodule "sub"]\n\tpath = agents/sub\n\turl = https://example.com/sub.git\n',
    });
    expect(await build()).toEqual(DONE);
    fs.rmSync(at('agents/sub'), { recursive: true });
    fs.mkdirSync(at('agents/sub'));
    const { code, text } = await build();
    expect([code, text]).toEqual([1, expect.stringMatching(/source-unreadable.*submodule.*\n {2}agents\/sub\n/)]);
    expect(tree()).toEqual(claudeTree('a', 'b'));
  });

  it('when another project made it, whose folder is away', async () => {
    fs.rmSync(at('agents'), { recursive: true, force: true });
    write({ 'one/agents/a.md': agent('a'), 'two/agents/b.md': agent('b') });
    const buildOf = (project: string): Promise<Ran> => runMain(at(project), 'build', '-q', '--to', 'claude-code', '-o', '../dist');
    expect(await buildOf('one')).toEqual(DONE);
    expect(await buildOf('two')).toEqual(DONE);
    fs.renameSync(at('two'), at('away'));
    expect(await buildOf('one')).toEqual(DONE);
    expect(tree()).toEqual(claudeTree('a', 'b'));
  });

  it('when a folder above the sources, which may have a base, cannot be listed', async () => {
    write({ 'shared/agents/a.md': agent('a'), 'build.config.mjs': "export default { agents: 'shared/agents' };\n" });
    expect(await build()).toEqual(DONE);
    giveToNobody(folder);
    fs.chmodSync(at('shared'), 0o311);
    const { code, text } = buildAsNobody();
    fs.chmodSync(at('shared'), 0o755);
    expect([code, text]).toEqual([1, expect.stringMatching(/source-unreadable.*\n {2}shared\n/)]);
    expect(tree()).toEqual(claudeTree('a'));
  });

  it.each([
    ['cannot be listed', 0o000],
    ['leads nowhere', undefined],
  ])('when a folder of fragments %s, and it is said', async (_title, mode) => {
    write({ 'agents/a.md': agent('a', 'fragments: [safety]\n'), 'agents/fragments/safety.md': '## Safety\n\n- Knock.\n' });
    expect(await build()).toEqual(DONE);
    const before = fs.readFileSync(at(CLAUDE, 'a.md'), 'utf8');
    if (mode === undefined) {
      fs.renameSync(at('agents/fragments'), at('away'));
      fs.symlinkSync(at('drive'), at('agents/fragments'));
    } else fs.chmodSync(at('agents/fragments'), mode);
    giveToNobody(folder);
    const { code, text } = buildAsNobody();
    if (mode !== undefined) fs.chmodSync(at('agents/fragments'), 0o755);
    expect([code, text]).toEqual([1, expect.stringMatching(/agents\/fragments.* cannot be read|cannot be read.*\n {2}agents\/fragments/)]);
    expect(text).not.toContain('has no fragments');
    expect(fs.readFileSync(at(CLAUDE, 'a.md'), 'utf8')).toBe(before);
  });

  it('and nobody hears of a folder that cannot be listed and never had a source', async () => {
    write({ 'agents/a.md': agent('a'), 'agents/data/x.txt': 'Text.' });
    expect(await build()).toEqual(DONE);
    giveToNobody(folder);
    fs.chmodSync(at('agents/data'), 0o000);
    write({ 'agents/b.md': agent('b') });
    fs.chmodSync(at('agents/b.md'), 0o644);
    expect(buildAsNobody()).toEqual(DONE);
    fs.chmodSync(at('agents/data'), 0o755);
    expect(tree()).toEqual(claudeTree('a', 'b'));
  });
});
