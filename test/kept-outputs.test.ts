/** What is left over, or seems so, and has to stay: an assistant would lose an agent, or have one twice. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Files, filesBelow, writeFiles } from './project-files.js';
import { DONE, type Ran, runMain } from './run-main.js';

const SCRATCH = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'polyagent-kept-')));

let folder = '';
let made = 0;
beforeEach(() => {
  folder = path.join(SCRATCH, String(made++));
  write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b') });
});
afterAll(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));

const at = (...parts: string[]): string => path.join(folder, ...parts);
const agent = (name: string, more = ''): string => `---\nname: ${name}\ndescription: Does ${name}.\n${more}---\nBody.\n`;
const write = (files: Files): void => writeFiles(folder, files);
const config = (targets: readonly unknown[], more: object = {}): void =>
  write({ 'build.config.mjs': `export default ${JSON.stringify({ ...more, targets })};\n` });
const run = (...args: string[]): Promise<Ran> => runMain(folder, ...args);
const build = (): Promise<Ran> => run('build', '-q');

/** All that lies in the folder beside sources and config. */
const outputs = (): string[] => filesBelow(folder).filter((file) => !/^agents\/|\.mjs$|\.polyagent\.json$/.test(file));

describe('an output stays while what is to take its place is missing', () => {
  const IN_PLACE = [{ name: 'claude-code', outDir: '.' }];
  const HERE = ['.claude/agents/a.md', '.claude/agents/b.md'];

  it('because it would be one file with another', async () => {
    config(IN_PLACE);
    expect(await build()).toEqual(DONE);
    config([
      { name: 'claude-code', outDir: 'out' },
      { name: 'claude-plugin', outDir: 'out/.claude' },
    ]);
    for (let again = 0; again < 2; again++) {
      expect(await build()).toEqual({ code: 1, text: expect.stringContaining('output-collision') });
      expect(outputs()).toEqual(expect.arrayContaining(HERE));
    }
    config([{ name: 'claude-code', outDir: 'out' }]);
    expect(await build()).toEqual(DONE);
    expect(outputs()).toEqual(expect.not.arrayContaining(HERE));
    expect(outputs()).toEqual(expect.arrayContaining(['out/.claude/agents/a.md', 'out/.claude/agents/b.md']));
  });

  it('because a file of somebody else lies there, and nothing else stays', async () => {
    config(IN_PLACE);
    expect(await build()).toEqual(DONE);
    config([{ name: 'claude-code', outDir: 'out' }]);
    write({ 'out/.claude/agents/a.md': 'Mine.\n' });
    const { text } = await run('build', '--dry-run', '--verbose');
    expect(text).toMatch(/^- .claude\/agents\/b.md$/m);
    expect(text).toMatch(/warning\[output-left\]: `.claude\/agents\/a.md`/);
    for (let again = 0; again < 2; again++) {
      expect(await build()).toEqual({ code: 1, text: expect.stringContaining('output-foreign') });
      expect(outputs()).toEqual(['.claude/agents/a.md', 'out/.claude/agents/a.md', 'out/.claude/agents/b.md']);
    }
    fs.rmSync(at('out/.claude/agents/a.md'));
    expect(await build()).toEqual(DONE);
    expect(outputs()).toEqual(['out/.claude/agents/a.md', 'out/.claude/agents/b.md']);
  });

  it.each([
    ['its name', () => write({ 'agents/b.md': agent('zed') }), ''],
    [
      'its path and name',
      () => {
        fs.rmSync(at('agents/b.md'));
        write({ 'agents/zed.md': agent('zed') });
      },
      '',
    ],
    [
      'its path, and is broken',
      () => {
        fs.rmSync(at('agents/b.md'));
        write({ 'agents/zed.md': '---\nname: [\n---\nBody.\n' });
      },
      'broken',
    ],
  ])('after an agent has changed %s', async (_title, rename, broken) => {
    const folder = 'dist/claude-code/.claude/agents';
    config(['claude-code', 'codex']);
    expect(await build()).toEqual(DONE);
    rename();
    if (broken === '') write({ [`${folder}/zed.md`]: 'Mine.\n' });
    for (let again = 0; again < 2; again++) {
      expect((await build()).code).toBe(1);
      expect(outputs()).toContain(`${folder}/b.md`);
      // Where it has its output, the old one goes.
      expect(outputs().includes('dist/codex/.codex/agents/b.toml')).toBe(broken !== '');
    }
    if (broken === '') fs.rmSync(at(folder, 'zed.md'));
    else write({ 'agents/zed.md': agent('zed') });
    expect(await build()).toEqual(DONE);
    expect(outputs().filter((file) => file.startsWith(folder))).toEqual([`${folder}/a.md`, `${folder}/zed.md`]);
  });

  it('and a part of a shared file stays as a whole file does', async () => {
    config([{ name: 'roo-code', outDir: '.' }]);
    expect(await build()).toEqual(DONE);
    config([{ name: 'roo-code', outDir: 'out' }]);
    write({ 'out/.roomodes': 'customModes:\n  - slug: a\n    name: Mine\n' });
    for (let again = 0; again < 2; again++) {
      expect(await build()).toEqual({ code: 1, text: expect.stringContaining('output-foreign') });
      expect(fs.readFileSync(at('.roomodes'), 'utf8')).toMatch(/slug: a\n/);
      expect(fs.readFileSync(at('.roomodes'), 'utf8')).not.toMatch(/slug: b\n/);
      expect(fs.readFileSync(at('out/.roomodes'), 'utf8')).toMatch(/slug: b\n/);
    }
    fs.rmSync(at('out/.roomodes'));
    expect(await build()).toEqual(DONE);
    expect(outputs()).toEqual(['out/.roomodes']);
  });

  it('but an agent that was broken before keeps nothing of others', async () => {
    config(['claude-code']);
    expect(await build()).toEqual(DONE);
    write({ 'agents/a.md': '---\nname: [\n---\nBody.\n' });
    fs.rmSync(at('agents/b.md'));
    expect((await build()).code).toBe(1);
    expect(outputs()).toEqual(['dist/claude-code/.claude/agents/a.md']);
  });
});

describe('what was there before polyagent', () => {
  const FILE = 'dist/claude-code/.claude/agents/b.md';

  it('is named once when its source goes, also after it was replaced', async () => {
    config(['claude-code']);
    write({ [FILE]: agent('b') });
    expect(await build()).toEqual(DONE);
    write({ 'agents/b.md': agent('b', 'tools: Read\n') });
    expect(await build()).toEqual(DONE);
    fs.rmSync(at('agents/b.md'));
    const { code, text } = await run('build');
    expect([code, text]).toEqual([0, expect.stringContaining(`warning[output-left]: Nothing is made into \`${FILE}\``)]);
    expect(outputs()).toContain(FILE);
    expect((await run('build', '--no-cache')).text).not.toContain('output-left');
  });

  it('in a shared file is named too', async () => {
    config([{ name: 'roo-code', outDir: '.' }]);
    expect(await build()).toEqual(DONE);
    fs.rmSync(at('.polyagent.json'));
    expect(await build()).toEqual(DONE);
    fs.rmSync(at('agents/b.md'));
    expect((await run('build')).text).toContain('warning[output-left]: Nothing is made into `b` in `.roomodes`');
    expect(fs.readFileSync(at('.roomodes'), 'utf8')).toMatch(/slug: b\n/);
  });

  it('is not all that there is after a merge conflict in the list', async () => {
    config(['claude-code']);
    expect(await build()).toEqual(DONE);
    const list = fs.readFileSync(at('dist/.polyagent.json'), 'utf8');
    const line = list.split('\n').find((one) => one.includes('b.md'));
    write({ 'dist/.polyagent.json': list.replace(`${line}\n`, `<<<<<<< HEAD\n${line}\n=======\n${line},\n>>>>>>> other\n`) });
    const { code, text } = await build();
    expect([code, text]).toEqual([2, expect.stringMatching(/has conflicts of a merge in it[\s\S]*keep the entries of both sides/)]);
  });
});

it('nothing is removed where the folder of a pattern is missing beside others', async () => {
  write({ 'more/c.md': agent('c') });
  config(['claude-code'], { agents: ['agents', 'more/*.md'] });
  expect(await build()).toEqual(DONE);
  const before = outputs().filter((file) => file.startsWith('dist'));
  fs.renameSync(at('more'), at('away'));
  for (const command of ['build', 'check']) {
    const { code, text } = await run(command);
    expect([code, text]).toEqual([2, expect.stringMatching(/There is no folder more[\s\S]*stays/)]);
  }
  expect(outputs().filter((file) => file.startsWith('dist'))).toEqual(before);
  // An empty folder says that they are gone for good.
  fs.mkdirSync(at('more'));
  const { code, text } = await run('build');
  expect([code, text]).toEqual([0, expect.stringMatching(/No agent matches `more\/\*\.md`[\s\S]*1 removed/)]);
});

describe('in place no second agent of a name comes beside its source', () => {
  const IN_PLACE = '.claude/agents';
  beforeEach(async () => {
    fs.rmSync(at('agents'), { recursive: true });
    write({ [`${IN_PLACE}/alpha.md`]: agent('alpha'), [`${IN_PLACE}/beta.md`]: agent('beta') });
    config([{ name: 'claude-code', outDir: '.' }, 'codex'], { agents: IN_PLACE });
    expect(await build()).toEqual(DONE);
  });

  it.each([
    ['was renamed', () => fs.renameSync(at(IN_PLACE, 'alpha.md'), at(IN_PLACE, 'first.md')), 'alpha', ['beta.md', 'first.md']],
    ['has another name in it', () => write({ [`${IN_PLACE}/beta.md`]: agent('gamma') }), 'gamma', ['alpha.md', 'beta.md']],
  ])('that %s, and other targets have it', async (_title, change, name, there) => {
    change();
    for (let again = 0; again < 2; again++) {
      expect(await run('build', '-q', '--force')).toEqual({
        code: 1,
        text: expect.stringContaining(`\`${IN_PLACE}/${name}.md\` would be a second agent of one name beside its source`),
      });
      expect(fs.readdirSync(at(IN_PLACE))).toEqual(there);
      expect(outputs()).toContain(`dist/codex/.codex/agents/${name}.toml`);
    }
  });

  it('and a source in another folder is nobody’s twin', async () => {
    write({ '.claude/notes/delta.md': agent('fourth') });
    config([{ name: 'claude-code', outDir: '.' }], { agents: [IN_PLACE, '.claude/notes'] });
    expect(await build()).toEqual(DONE);
    expect(fs.readdirSync(at(IN_PLACE))).toEqual(['alpha.md', 'beta.md', 'fourth.md']);
  });
});
