/** The bundled program, run as a user runs it: in a folder of its own, with nothing installed there. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TARGETS } from '../src/targets/index.js';
import type { Target } from '../src/targets/target.js';
import { filesBelow, writeFiles } from './project-files.js';
import { SIX } from './read-sample.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = path.join(ROOT, 'dist/cli.js');
const SCRATCH = mkdtempSync(path.join(tmpdir(), 'polyagent-cli-'));
const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder = '';
let made = 0;

beforeAll(() => {
  if (!existsSync(CLI)) throw new Error('dist/cli.js is missing: npm run build');
});
beforeEach(() => {
  folder = path.join(SCRATCH, String(made++));
  mkdirSync(folder);
  // A few targets, so that what is tested can be seen. A config of a test's own is preferred.
  writeFileSync(at(DEFAULTS), `export default { targets: ${JSON.stringify(SIX)} };\n`);
});
afterAll(() => rmSync(SCRATCH, { recursive: true, force: true }));

/** The environment of the test run without what turns colours on or off. */
function environment(extra: { readonly [name: string]: string } = {}): NodeJS.ProcessEnv {
  const { NO_COLOR: _no, FORCE_COLOR: _force, ...env } = process.env;
  return { ...env, ...extra };
}

function run(
  args: readonly string[],
  { env = {}, cwd = folder, program = CLI }: { env?: { [name: string]: string }; cwd?: string; program?: string } = {},
): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd,
    env: environment(env),
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: status, stdout, stderr };
}

function shell(command: string, cwd = folder): Ran {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { cwd, env: environment(), encoding: 'utf8', timeout: 180_000 });
  return { code: status, stdout, stderr };
}

const at = (...parts: string[]): string => path.join(folder, ...parts);
const read = (...parts: string[]): string => readFileSync(at(...parts), 'utf8');
const agent = (name: string, more = '', body = 'Body.\n'): string => `---\nname: ${name}\ndescription: Does ${name}.\n${more}---\n${body}`;

const write = (files: { readonly [name: string]: string | Uint8Array }): void => writeFiles(folder, files);

/** All files below a folder, sorted; links are not followed. */
const tree = (below = '.'): string[] => filesBelow(at(below)).filter((file) => path.posix.basename(file) !== DEFAULTS);

const DEFAULTS = 'build.config.mjs';
const filesOf = (targets: readonly Target[], id: string): string[] =>
  targets.map((target) => `${target.name}/${target.path.replace('{id}', id)}`);
const ALL = (id: string): string[] =>
  filesOf(
    TARGETS.filter(({ name }) => SIX.includes(name)),
    id,
  );
const CLAUDE = 'dist/claude-code/.claude/agents';

describe('polyagent build', () => {
  it('needs no config: agents/ goes to dist/, a folder a target', () => {
    rmSync(at(DEFAULTS));
    const [one, two] = [agent('one', '', 'Do the work.\n'), agent('two', '', 'Do the work.\n')];
    write({ 'agents/one.md': one, 'agents/sub/two.md': two, 'agents/README.md': 'Text.', 'agents/_draft.md': 'Text.' });
    const { code, stdout, stderr } = run([]);
    expect([code, stderr]).toEqual([0, '']);
    const companions = TARGETS.flatMap((target) => (target.companions ?? []).map((file) => `${target.name}/${file.path}`));
    const files = [...new Set([...filesOf(TARGETS, 'one'), ...filesOf(TARGETS, 'two'), ...companions])].sort();
    const count = files.length;
    expect(stdout).toContain(`✔ 2 agents × ${TARGETS.length} targets → ${count} files (${count} written, 0 unchanged) in `);
    expect(tree('dist')).toEqual(['.polyagent.json', ...files].sort());
    expect(read(CLAUDE, 'one.md')).toBe(read('agents/one.md'));
  });

  it('takes files, folders, globs and --to, --out', () => {
    write({ 'x/a.md': agent('a'), 'x/b.md': agent('b'), 'y/c.md': agent('c') });
    expect(run(['build', 'x/a.md', '--to', 'cursor, codex', '--out', 'o1']).code).toBe(0);
    expect(tree('o1')).toEqual(['.polyagent.json', 'codex/.codex/agents/a.toml', 'cursor/.cursor/agents/a.md']);
    expect(run(['build', '*/*.md', '!x/b.md', '-t', 'cursor', '-o', 'o2']).code).toBe(0);
    expect(tree('o2')).toEqual(['.polyagent.json', 'cursor/.cursor/agents/a.md', 'cursor/.cursor/agents/c.md']);
    expect(run([at('y'), '-t', 'cursor', '-o', at('o3')]).code).toBe(0);
    expect(tree('o3')).toEqual(['.polyagent.json', 'cursor/.cursor/agents/c.md']);
  });

  it('uses fragments beside the agents', () => {
    write({
      'agents/a.md': agent('a', 'fragments: [care]\n', '# A\n\n## One\n\nText.\n'),
      'agents/fragments/care.md': '## Care\n\n- Be careful.\n',
    });
    expect(run([]).code).toBe(0);
    expect(read(CLAUDE, 'a.md')).toBe('---\nname: a\ndescription: Does a.\n---\n# A\n\n## One\n\nText.\n\n## Care\n\n- Be careful.\n');
  });

  it('writes nothing with --dry-run, and says what it would', () => {
    write({ 'agents/a.md': agent('a') });
    const { code, stdout } = run(['--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain(`+ ${CLAUDE}/a.md\n`);
    expect(stdout).toContain('(6 to write, 0 unchanged)');
    expect(tree()).toEqual(['agents/a.md']);
  });

  it('ends with 1 on warnings only when --strict', () => {
    write({ 'agents/a.md': agent('a', 'tools: Reed\n') });
    expect(run([]).code).toBe(0);
    expect(run(['--strict']).code).toBe(1);
  });

  it('prints JSON, all of it and nothing else, with --format json', () => {
    write({ 'agents/a.md': agent('a', 'tools: Reed\n'), 'agents/b.md': 'Text.\n' });
    const { code, stdout, stderr } = run(['--format', 'json']);
    expect([code, stderr]).toEqual([1, '']);
    const result = JSON.parse(stdout) as {
      ok: boolean;
      version: number;
      failed: string[];
      files: { path: string }[];
      diagnostics: { code: string; file: string; help: string }[];
    };
    expect([result.version, result.ok, result.failed, result.files.length]).toEqual([1, false, ['agents/b.md'], 6]);
    expect(result.diagnostics.find(({ file }) => file === 'agents/b.md')).toMatchObject({
      code: 'front-matter-missing',
      severity: 'error',
      range: { start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 6, offset: 5 } },
    });
  });

  it('prints JSON without characters that a terminal acts on', () => {
    write({ 'agents/a.md': agent('a', '"x\u009b31m": 1\ntools: "Reed\u009b31m"\n') });
    const { stdout } = run(['--format', 'json']);
    expect(stdout).toContain('Reed');
    expect(stdout).not.toMatch(/(?!\n)\p{Cc}/u);
  });

  it('says nothing but errors with --quiet', () => {
    write({ 'agents/a.md': agent('a', 'tools: Reed\n') });
    expect(run(['--quiet'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(run(['--quiet', '--strict'])).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^warning\[/) });
    write({ 'agents/b.md': '' });
    const { code, stdout, stderr } = run(['-q']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error\[source-empty\]: .+\n {2}agents\/b\.md:1:1\n[\s\S]*help: /);
  });
});

describe('a second build', () => {
  it('touches nothing when nothing has changed', () => {
    write({ 'agents/a.md': agent('a') });
    run([]);
    const past = new Date('2020-01-01');
    const files = tree('dist').map((file) => at('dist', file));
    for (const file of files) utimesSync(file, past, past);
    expect(run([]).stdout).toContain('(0 written, 6 unchanged)');
    expect(files.map((file) => statSync(file).mtimeMs)).toEqual(files.map(() => past.getTime()));
  });

  it('leaves an edited output alone, and writes the others', () => {
    write({ 'agents/a.md': agent('a') });
    run([]);
    write({ [`${CLAUDE}/a.md`]: 'mine', 'agents/a.md': agent('a', '', 'New.\n') });
    const { code, stderr } = run([]);
    expect(code).toBe(1);
    expect(stderr).toContain('error[output-edited]');
    expect(stderr).toContain(`${CLAUDE}/a.md`);
    expect(read(CLAUDE, 'a.md')).toBe('mine');
    expect(read('dist/cursor/.cursor/agents/a.md')).toContain('New.');
    expect(run([]).code).toBe(1);
    expect(run(['--force']).code).toBe(0);
    expect(read(CLAUDE, 'a.md')).toContain('New.');
    expect(run([]).code).toBe(0);
  });

  it('leaves a foreign file alone until --force', () => {
    write({ 'agents/a.md': agent('a'), [`${CLAUDE}/a.md`]: 'theirs', [`${CLAUDE}/z.md`]: 'theirs too' });
    const { code, stderr } = run([]);
    expect(code).toBe(1);
    expect(stderr).toContain('error[output-foreign]');
    expect(read(CLAUDE, 'a.md')).toBe('theirs');
    expect(read('dist/codex/.codex/agents/a.toml')).toContain('name = "a"');
    expect(run(['--force']).code).toBe(0);
    expect(read(CLAUDE, 'a.md')).toBe(agent('a'));
    expect(read(CLAUDE, 'z.md')).toBe('theirs too');
  });

  it('adopts a file that is the same: it may be replaced, and is never removed', () => {
    write({ 'agents/a.md': agent('a'), 'agents/c.md': agent('c'), [`${CLAUDE}/a.md`]: agent('a'), [`${CLAUDE}/c.md`]: agent('c') });
    expect(run([]).code).toBe(0);
    rmSync(at('agents/a.md'));
    write({ 'agents/b.md': agent('b'), 'agents/c.md': agent('c', 'model: opus\n') });
    expect(run([]).code).toBe(0);
    expect(tree(CLAUDE)).toEqual(['a.md', 'b.md', 'c.md']);
    expect(read(CLAUDE, 'c.md')).toContain('model: opus');
  });

  it('removes the outputs of a source that is gone, and folders that are empty then', () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b', 'targets: [cursor]\n') });
    run([]);
    rmSync(at('agents/a.md'));
    const { code, stdout } = run([]);
    expect(code).toBe(0);
    expect(stdout).toContain('6 removed');
    expect(tree('dist')).toEqual(['.polyagent.json', 'cursor/.cursor/agents/b.md']);
    expect(readdirSync(at('dist')).sort()).toEqual(expect.arrayContaining(['.polyagent.json', 'cursor']));
    expect(existsSync(at('dist/claude-code/.claude'))).toBe(false);
  });

  it('does not remove an output that was edited', () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b') });
    run([]);
    rmSync(at('agents/a.md'));
    write({ [`${CLAUDE}/a.md`]: 'mine' });
    expect(run([]).code).toBe(1);
    expect(read(CLAUDE, 'a.md')).toBe('mine');
    expect(existsSync(at('dist/cursor/.cursor/agents/a.md'))).toBe(false);
  });

  it('keeps the old outputs of a source that fails', () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b') });
    run([]);
    write({ 'agents/a.md': 'no front matter' });
    expect(run([]).code).toBe(1);
    expect(tree('dist')).toEqual(['.polyagent.json', ...ALL('a'), ...ALL('b')].sort());
    expect(read(CLAUDE, 'a.md')).toBe(agent('a'));
  });

  it('moves the outputs of an agent that is renamed', () => {
    write({ 'agents/a.md': agent('a') });
    run([]);
    write({ 'agents/a.md': agent('z') });
    expect(run([]).code).toBe(0);
    expect(tree('dist')).toEqual(['.polyagent.json', ...ALL('z')].sort());
  });

  it('moves the outputs of an agent whose letters change case', () => {
    write({ 'agents/a.md': agent('Some Name') });
    run([]);
    write({ 'agents/a.md': agent('some name') });
    expect(run([]).code).toBe(0);
    expect(tree('dist')).toEqual(['.polyagent.json', ...ALL('some-name')].sort());
  });

  it('leaves outputs of a source alone that it was not asked to build', () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b') });
    run([]);
    expect(run(['build', 'agents/a.md']).code).toBe(0);
    expect(run(['build', '--to', 'cursor']).code).toBe(0);
    expect(tree('dist')).toEqual(['.polyagent.json', ...ALL('a'), ...ALL('b')].sort());
  });

  it.each(['{ "version": 1, "files": {', '{ "version": 2, "files": {} }'])(
    'ends with 2 and touches nothing when the manifest is %s',
    (manifest) => {
      write({ 'agents/a.md': agent('a') });
      run([]);
      write({ 'dist/.polyagent.json': manifest, 'agents/a.md': agent('a', '', 'New.\n') });
      const { code, stderr } = run([]);
      expect(code).toBe(2);
      expect(stderr).toContain('.polyagent.json is broken, or of another version');
      expect(read(CLAUDE, 'a.md')).toBe(agent('a'));
      expect(read('dist/.polyagent.json')).toBe(manifest);
    },
  );

  it('never removes a source that is its own output', () => {
    const config = (agents: string): string => `export default { agents: ${agents}, targets: [{ name: 'claude-code', outDir: '.' }] };`;
    write({ '.claude/agents/a.md': agent('a'), '.claude/agents/b.md': agent('b'), 'build.config.ts': config("['.claude/agents']") });
    expect(run([]).stdout).toContain('2 unchanged');
    write({ 'build.config.ts': config("['.claude/agents', '!.claude/agents/a.md']") });
    const { code, stdout } = run([]);
    expect([code, stdout]).toEqual([0, expect.not.stringContaining('removed')]);
    expect(read('.claude/agents/a.md')).toBe(agent('a'));
  });

  it('never replaces a source that it reaches by another path', () => {
    const source = agent('a', 'targets: [claude-code]\n');
    write({
      '.claude/agents/a.md': source,
      'build.config.ts': "export default { agents: 'mine', targets: [{ name: 'claude-code', outDir: '.' }] };",
    });
    symlinkSync('.claude/agents', at('mine'));
    const { code, stderr } = run(['--force']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('output-is-source')]);
    expect(read('.claude/agents/a.md')).toBe(source);
  });

  it('knows its own files after a build that was killed before its last manifest', () => {
    write({ 'agents/a.md': agent('a') });
    run([]);
    const before = read('dist/.polyagent.json');
    write({ 'agents/a.md': agent('a', '', 'Second.\n') });
    run([]);
    // What the disk looks like when the second build is killed between its files and its last manifest.
    const during = JSON.parse(read('dist/.polyagent.json')) as { files: { [file: string]: { hash: string; was?: string } } };
    const old = JSON.parse(before) as typeof during;
    for (const [file, entry] of Object.entries(during.files)) entry.was = old.files[file]?.hash ?? '';
    write({ 'dist/.polyagent.json': JSON.stringify(during), 'agents/a.md': agent('a', '', 'Third.\n') });
    expect(run([]).code).toBe(0);
    expect(read(CLAUDE, 'a.md')).toContain('Third.');
    // And when it is killed before the first of its files: they are the old ones.
    write({ [`${CLAUDE}/a.md`]: agent('a', '', 'Second.\n') });
    const after = JSON.parse(read('dist/.polyagent.json')) as typeof during;
    for (const [file, entry] of Object.entries(after.files)) entry.was = during.files[file]?.hash ?? '';
    write({ 'dist/.polyagent.json': JSON.stringify(after), 'agents/a.md': agent('a', '', 'Fourth.\n') });
    expect(run([]).code).toBe(0);
    expect(read(CLAUDE, 'a.md')).toContain('Fourth.');
  });

  it('removes the outputs of a target that the config no longer has', () => {
    write({ 'agents/a.md': agent('a'), 'build.config.ts': "export default { targets: ['cursor', 'codex'] };" });
    run([]);
    write({ 'build.config.ts': "export default { targets: ['codex'] };" });
    expect(run([]).stdout).toContain('1 removed');
    expect(tree('dist')).toEqual(['.polyagent.json', 'codex/.codex/agents/a.toml']);
    // `--to` chooses for one run, and removes nothing.
    expect(run(['--to', 'cursor']).code).toBe(0);
    expect(existsSync(at('dist/codex/.codex/agents/a.toml'))).toBe(true);
  });

  it('says once that files were there already', () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b') });
    run([]);
    expect(run([]).stdout).not.toContain('taken over');
    rmSync(at('dist/.polyagent.json'));
    const count = tree('dist').length;
    const dry = run(['--dry-run', '--format', 'json']);
    expect((JSON.parse(dry.stdout) as { adopted: number }).adopted).toBe(count);
    const { code, stdout, stderr } = run([]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`\n  ${count} were there already and are taken over: no build removes them\n`);
    expect(run(['--no-cache']).stdout).not.toContain('taken over');
    expect(run([]).stdout).not.toContain('taken over');
  });

  it('never removes an adopted file, also after it was replaced', () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b'), [`${CLAUDE}/a.md`]: agent('a') });
    run([]);
    write({ 'agents/a.md': agent('a', '', 'New.\n') });
    run([]);
    rmSync(at('agents/a.md'));
    expect(run([]).code).toBe(0);
    expect(read(CLAUDE, 'a.md')).toContain('New.');
  });

  it('does not take its own output among the sources for a source', () => {
    const config = "export default { agents: 'src', targets: [{ name: 'claude-plugin', outDir: 'src' }] };";
    write({ 'src/MyAgent.md': agent('my-agent'), 'build.config.ts': config });
    for (const expected of ['2 written', '2 unchanged']) {
      const { code, stdout } = run([]);
      expect([code, stdout]).toEqual([0, expect.stringContaining(expected)]);
    }
    expect(tree('src')).toContain('agents/my-agent.md');
  });

  it('takes two ways to one folder for one folder', () => {
    mkdirSync(at('dist'), { recursive: true });
    symlinkSync('dist', at('link'));
    const config = "export default { targets: ['cursor', { name: 'claude-code', outDir: 'link' }] };";
    write({ 'agents/a.md': agent('a'), 'build.config.ts': config });
    run([]);
    const { stdout } = run([]);
    expect(stdout).toContain('2 unchanged');
    expect(stdout).not.toContain('removed');
    expect(tree('dist')).toEqual(['.claude/agents/a.md', '.polyagent.json', 'cursor/.cursor/agents/a.md']);
  });

  it('leaves what another project wrote into the same folder', () => {
    write({ 'x/a.md': agent('a'), 'y/b.md': agent('b') });
    write({
      'c1.mjs': `export default { agents: 'x', outDir: 'dist', targets: ${JSON.stringify(SIX)} };`,
      'c2.mjs': `export default { agents: 'y', outDir: 'dist', targets: ${JSON.stringify(SIX)} };`,
    });
    run(['--config', 'c1.mjs']);
    expect(run(['--config', 'c2.mjs']).stdout).not.toContain('removed');
    expect(tree('dist')).toEqual(['.polyagent.json', ...ALL('a'), ...ALL('b')].sort());
  });

  it('removes nothing that only --out or a chosen source leaves out', () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b') });
    write({ 'build.config.ts': "export default { targets: [{ name: 'claude-code', outDir: '.' }] };" });
    run([]);
    expect(run(['agents/a.md', '--out', '.']).stdout).not.toContain('removed');
    expect(tree('.claude/agents')).toEqual(['a.md', 'b.md']);
  });

  it('keeps the manifest of a target in place beside its files', () => {
    write({ 'agents/a.md': agent('a'), 'build.config.ts': "export default { targets: [{ name: 'codex', outDir: '.' }] };" });
    run([]);
    rmSync(at('dist'), { recursive: true, force: true });
    write({ 'agents/a.md': agent('a', '', 'New.\n') });
    expect(run([]).code).toBe(0);
    expect(read('.codex/agents/a.toml')).toContain('New.');
    expect(existsSync(at('.polyagent.json'))).toBe(true);
  });

  it('removes nothing outside of its folders, whatever the manifest says', () => {
    write({ 'agents/a.md': agent('a') });
    run([]);
    write({ 'precious.txt': 'x' });
    const manifest = JSON.parse(read('dist/.polyagent.json')) as { files: { [name: string]: unknown } };
    const hash = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
    for (const name of ['../precious.txt', at('precious.txt'), 'cursor/../../precious.txt'])
      manifest.files[name] = { hash, source: 'gone.md', target: 'cursor' };
    write({ 'dist/.polyagent.json': JSON.stringify(manifest) });
    for (const args of [[], ['--force']]) run(args);
    expect(read('precious.txt')).toBe('x');
  });

  it('repeats what it wrote when a file was deleted', () => {
    write({ 'agents/a.md': agent('a') });
    run([]);
    rmSync(at(CLAUDE, 'a.md'));
    expect(run([]).stdout).toContain('(1 written, 5 unchanged)');
    expect(read(CLAUDE, 'a.md')).toBe(agent('a'));
  });
});

describe('a file that is replaced', () => {
  it('keeps its permissions', () => {
    write({
      'agents/a.md': agent('a'),
      'AGENTS.md': '# Mine\n',
      'build.config.ts': "export default { targets: [{ name: 'agents-md', outDir: '.' }] };\n",
    });
    chmodSync(at('AGENTS.md'), 0o640);
    expect(run(['build']).code).toBe(0);
    expect(read('AGENTS.md')).toContain('agents/a.md');
    expect(statSync(at('AGENTS.md')).mode & 0o777).toBe(0o640);
  });
});

describe('the output folder', () => {
  it('is not left through a symbolic link to a folder', () => {
    write({ 'agents/a.md': agent('a'), 'elsewhere/keep.txt': 'x' });
    mkdirSync(at('dist'));
    symlinkSync(at('elsewhere'), at('dist/claude-code'));
    const { code, stderr } = run([]);
    expect(code).toBe(1);
    expect(stderr).toContain('error[output-outside]');
    expect(tree('elsewhere')).toEqual(['keep.txt']);
    expect(existsSync(at('dist/cursor/.cursor/agents/a.md'))).toBe(true);
  });

  it('is not left through a symbolic link to a file, not by --force either', () => {
    write({ 'agents/a.md': agent('a'), 'precious.md': 'x' });
    mkdirSync(at(CLAUDE), { recursive: true });
    symlinkSync(at('precious.md'), at(CLAUDE, 'a.md'));
    for (const args of [[], ['--force']]) {
      expect(run(args).code).toBe(1);
      expect(read('precious.md')).toBe('x');
      expect(lstatSync(at(CLAUDE, 'a.md')).isSymbolicLink()).toBe(true);
    }
  });

  it('may itself be a symbolic link', () => {
    write({ 'agents/a.md': agent('a') });
    mkdirSync(at('real'));
    symlinkSync(at('real'), at('dist'));
    expect(run([]).code).toBe(0);
    expect(run([]).stdout).toContain('6 unchanged');
    expect(tree('real').length).toBe(7);
  });

  it('may lie inside the sources, and what is in it is no source', () => {
    write({ 'agents/a.md': agent('a') });
    for (let time = 0; time < 2; time++) expect(run(['--out', 'agents/out']).code).toBe(0);
    expect(run(['--out', 'agents/out']).stdout).toContain('1 agent ×');
  });

  it('takes the agents of a project in place', () => {
    write({ '.claude/agents/a.md': agent('a'), '.claude/agents/b.md': agent('b', 'color: red\n') });
    const { code } = run(['build', '.claude/agents', '--to', 'gemini-cli,cursor', '--out', 'out']);
    expect(code).toBe(0);
    expect(tree('out')).toEqual([
      '.polyagent.json',
      ...['cursor/.cursor/agents/a.md', 'cursor/.cursor/agents/b.md', 'gemini-cli/.gemini/agents/a.md', 'gemini-cli/.gemini/agents/b.md'],
    ]);
  });

  it('never has a source replaced', () => {
    const source = agent('a', 'fragments: [f]\n', '# A\n\n## One\n\nText.\n');
    write({
      '.claude/agents/a.md': source,
      '.claude/agents/fragments/f.md': '## F\n\nText of f.\n',
      'build.config.js': "export default { agents: '.claude/agents', targets: [{ name: 'claude-code', outDir: '.' }, 'cursor'] };",
    });
    for (const args of [[], ['--force']]) {
      const { code, stderr } = run(args);
      expect(code).toBe(1);
      expect(stderr).toContain('error[output-is-source]');
      expect(read('.claude/agents/a.md')).toBe(source);
    }
    expect(existsSync(at('dist/cursor/.cursor/agents/a.md'))).toBe(true);
  });

  it('may hold a folder where a file must be: the others are written', () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b') });
    mkdirSync(at(CLAUDE, 'a.md'), { recursive: true });
    const { code, stderr } = run([]);
    expect(code).toBe(1);
    expect(stderr).toContain('error[output-blocked]');
    expect(existsSync(at(CLAUDE, 'b.md'))).toBe(true);
  });

  it('may be a file: that is one error, and nothing is written', () => {
    write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b'), dist: 'a file' });
    const help = 'help: Outputs go there. Move the file away, or say another folder with --out or `outDir`.\n';
    for (const args of [[], ['check'], ['--dry-run']])
      expect(run(args)).toEqual({ code: 2, stdout: '', stderr: `error: dist is a file, not a folder\n${help}` });
    const { code, stderr } = run(['--out', 'dist/below/it']);
    expect([code, stderr]).toEqual([2, `error: dist is a file, not a folder, so there can be no dist/below/it\n${help}`]);
    expect(read('dist')).toBe('a file');
  });

  it('may have a file in the place of a folder: that is told of each output there, in words', () => {
    write({ 'agents/a.md': agent('a'), 'dist/agents-md': 'a file', 'dist/cursor': 'a file' });
    const { code, stderr } = run(['--to', 'agents-md,cursor,codex']);
    expect(code).toBe(1);
    for (const file of ['agents-md/AGENTS.md', 'cursor/.cursor/agents/a.md'])
      expect(stderr).toContain(`\`dist/${file}\` cannot be written: a file lies where a folder must be\n`);
    expect(existsSync(at('dist/codex/.codex/agents/a.toml'))).toBe(true);
  });

  it.skipIf(process.getuid?.() === 0)('may be closed to us: that is an error that names the file', () => {
    write({ 'agents/a.md': agent('a') });
    mkdirSync(at('dist/cursor'), { recursive: true });
    chmodSync(at('dist/cursor'), 0o555);
    const { code, stderr } = run([]);
    chmodSync(at('dist/cursor'), 0o755);
    expect(code).toBe(1);
    expect(stderr).toContain('dist/cursor/.cursor/agents/a.md');
  });

  it('gets no two agents on one path', () => {
    write({ 'agents/1.md': agent('A b'), 'agents/2.md': agent('a-b'), 'agents/3.md': agent('c') });
    const { code, stderr } = run([]);
    expect(code).toBe(1);
    expect(stderr).toContain('error[name-duplicate]');
    expect(tree('dist')).toEqual(['.polyagent.json', ...ALL('c')].sort());
  });
});

describe('a file that others write to as well', () => {
  const THEIRS = '# Project\n\nBuild with make.\n';
  const PLACES = `export default { targets: ['agents-md', 'roo-code', 'claude-plugin'].map((name) => ({ name, outDir: '.' })) };`;
  const ours = (...names: string[]): string =>
    `\n<!-- polyagent:begin -->\n## Agents\n\n${names.map((name) => `- **${name}** (\`agents/${name}.md\`): Does ${name}.\n`).join('')}<!-- polyagent:end -->\n`;

  it('gets our part, keeps what others wrote, and loses our part with its source', () => {
    write({ 'build.config.js': PLACES, 'AGENTS.md': THEIRS, 'agents/one.md': agent('one'), 'agents/two.md': agent('two') });
    write({ 'agents/elsewhere.md': agent('elsewhere', 'targets: [codex]\n') });
    write({
      '.roomodes': 'customModes:\n  - slug: theirs # mine\n    groups: [read]\n',
      '.claude-plugin/plugin.json': '{"name":"theirs"}',
    });
    expect(run([]).code).toBe(0);
    expect(read('AGENTS.md')).toBe(THEIRS + ours('one', 'two'));
    expect(read('.roomodes')).toMatch(/^customModes:\n {2}- slug: theirs # mine\n {4}groups: \[read\]\n {2}- slug: one\n/);
    expect(read('.claude-plugin/plugin.json')).toBe('{"name":"theirs"}');
    expect(run([]).stdout).toContain('0 written');
    write({ 'AGENTS.md': read('AGENTS.md').replace('make', 'npm') });
    rmSync(at('agents/one.md'));
    expect(run([]).code).toBe(0);
    expect(read('AGENTS.md')).toBe(THEIRS.replace('make', 'npm') + ours('two'));
    expect(read('.roomodes')).not.toContain('slug: one');
    rmSync(at('agents/two.md'));
    expect(run([]).code).toBe(0);
    expect(read('AGENTS.md')).toBe(THEIRS.replace('make', 'npm'));
    expect(read('.roomodes')).toBe('customModes:\n  - slug: theirs # mine\n    groups: [read]\n');
  });

  it('goes with our last part when it was ours alone', () => {
    write({ 'build.config.js': PLACES, 'agents/one.md': agent('one'), 'agents/two.md': agent('two', 'targets: [codex]\n') });
    expect(run([]).code).toBe(0);
    expect(JSON.parse(read('.claude-plugin/plugin.json'))).toEqual({ name: 'agents' });
    rmSync(at('agents/one.md'));
    run([]);
    expect(tree()).toEqual(['.polyagent.json', 'agents/two.md', 'build.config.js']);
  });

  it('is left alone where a part is not ours, or was edited, until --force', () => {
    const theirs = 'customModes:\n  - slug: one\n    name: Mine\n    groups: []\n    roleDefinition: Mine.\n';
    write({ 'build.config.js': PLACES, 'agents/one.md': agent('one'), 'agents/two.md': agent('two'), '.roomodes': theirs });
    const first = run([]);
    expect([first.code, /output-foreign.*`one` in `\.roomodes`/s.test(first.stderr)]).toEqual([1, true]);
    expect(read('.roomodes')).toMatch(/^customModes:\n {2}- slug: one\n {4}name: Mine\n[\s\S]*slug: two/);
    write({ 'AGENTS.md': read('AGENTS.md').replace('Does two.', 'Does a lot.') });
    write({ 'agents/two.md': agent('two').replace('Does two', 'Does it') });
    const second = run([]);
    expect([second.code, /output-edited.*`two` in `AGENTS\.md`/s.test(second.stderr)]).toEqual([1, true]);
    expect(read('AGENTS.md')).toContain('Does a lot.');
    expect(run(['--force']).code).toBe(0);
    expect([read('AGENTS.md').includes('Does it.'), read('.roomodes').includes('Mine')]).toEqual([true, false]);
  });

  it('is not touched when it cannot be read as one', () => {
    write({
      'build.config.js': PLACES,
      'agents/one.md': agent('one'),
      '.roomodes': 'customModes: [\n',
      'AGENTS.md': '<!-- polyagent:begin -->\n',
    });
    const { code, stderr } = run([]);
    expect([code, stderr.match(/output-blocked/g)?.length]).toEqual([1, 2]);
    expect([read('.roomodes'), read('AGENTS.md')]).toEqual(['customModes: [\n', '<!-- polyagent:begin -->\n']);
  });

  it('stays, as every output does, when its target gets another name', () => {
    const own = (prefix: string) => `import { TARGETS } from 'polyagent';
      const own = (name) => ({ ...TARGETS.find((one) => one.name === name), name: '${prefix}' + name });
      export default { targets: ['roo-code', 'cursor'].flatMap((name) => [own(name), { name: '${prefix}' + name, outDir: '.' }]) };`;
    write({ 'agents/one.md': agent('one'), 'templates/my-roo-code.hbs': readFileSync(path.join(ROOT, 'templates/roo-code.hbs')) });
    write({ 'templates/my-cursor.hbs': readFileSync(path.join(ROOT, 'templates/cursor.hbs')), 'build.config.js': own('') });
    expect(run([]).code).toBe(0);
    const before = [read('.roomodes'), read('.cursor/agents/one.md')];
    write({ 'build.config.js': own('my-') });
    expect(run([]).code).toBe(0);
    expect([read('.roomodes'), read('.cursor/agents/one.md')]).toEqual(before);
  });

  it('is not written for two targets that keep it in different ways', () => {
    const config = `import { TARGETS } from 'polyagent';
      const index = TARGETS.find(({ name }) => name === 'agents-md');
      const other = { ...index, name: 'other', shared: { by: 'marked-list', heading: 'Others' } };
      export default { targets: [{ name: 'other', outDir: '.' }, { name: 'agents-md', outDir: '.' }, other] };`;
    write({ 'build.config.js': config, 'agents/one.md': agent('one'), 'templates/other.hbs': '- **{{agent.id}}**\n' });
    const { code, stderr } = run([]);
    expect([code, stderr.includes('output-collision'), existsSync(at('AGENTS.md'))]).toEqual([1, true, false]);
  });

  it('tells when a manifest says otherwise than the config', () => {
    const setting = "{ name: 'claude-plugin', outDir: '.', manifest: { name: 'mine', version: '2.0.0' } }";
    write({ 'build.config.js': `export default { targets: [${setting}] };`, 'agents/sub/one.md': agent('one') });
    write({ '.claude-plugin/plugin.json': '{ "name": "mine", "version": "1.0.0" }' });
    const { code, stderr } = run([]);
    expect([code, stderr.includes('`version` in `.claude-plugin/plugin.json` is not polyagent')]).toEqual([1, true]);
  });

  it('names sources from the root of the project, wherever it is built from', () => {
    write({ 'build.config.js': PLACES, 'agents/one.md': agent('one'), 'sub/x': '' });
    expect(run(['--config', '../build.config.js'], { cwd: at('sub') }).code).toBe(0);
    expect(read('AGENTS.md')).toBe(ours('one').slice(1));
  });

  it('has the keys that the config gives a manifest', () => {
    write({
      'build.config.js': "export default { targets: [{ name: 'claude-plugin', manifest: { name: 'mine', version: '1.0.0' } }] };",
      'agents/one.md': agent('one'),
    });
    expect(run([]).code).toBe(0);
    expect(read('dist/claude-plugin/.claude-plugin/plugin.json')).toBe('{\n  "name": "mine",\n  "version": "1.0.0"\n}\n');
  });

  it('knows its own parts after a build that was killed', () => {
    write({ 'build.config.js': PLACES, 'agents/one.md': agent('one'), 'AGENTS.md': THEIRS });
    run([]);
    const manifest = JSON.parse(read('.polyagent.json')) as { files: { [key: string]: { hash: string; was?: string } } };
    const entry = manifest.files['AGENTS.md#one'];
    write({
      '.polyagent.json': JSON.stringify({
        ...manifest,
        files: { ...manifest.files, 'AGENTS.md#one': { ...entry, was: entry?.hash, hash: 'new' } },
      }),
    });
    write({ 'agents/one.md': agent('one').replace('Does one', 'Does it') });
    expect(run([]).code).toBe(0);
    expect(read('AGENTS.md')).toContain('Does it.');
  });
});

describe('build.config.ts', () => {
  const TARGET = `{
    name: 'acme', title: 'Acme', verified: 'documentation', against: 'Acme 1', path: '.acme/{id}.md', format: 'yaml',
    fields: { description: { key: 'about' }, tools: { ids: Object.fromEntries(['read','list','glob','grep','write','edit','notebook','shell','web-fetch','web-search','todo','delegate','ask','skill','lsp'].map((c) => [c, c])), enforcement: { by: 'allow-list', key: 'tools', shape: 'list', patterns: false } } },
    body: { required: false },
    schema: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
  }`;

  it('may use defineConfig though polyagent is not installed there', () => {
    write({
      'build.config.ts':
        "import { defineConfig, type Config } from 'polyagent';\nconst config: Config = { agents: 'src', outDir: 'out', targets: ['cursor'] };\nexport default defineConfig(config);\n",
      'src/a.md': agent('a'),
    });
    const { code, stderr } = run([]);
    expect([code, stderr]).toEqual([0, '']);
    expect(tree('out')).toEqual(['.polyagent.json', 'cursor/.cursor/agents/a.md']);
  });

  it('brings targets, with a template', () => {
    write({
      'build.config.ts': `import { defineConfig, type Target } from 'polyagent';\nconst acme: Target = ${TARGET};\nexport default defineConfig({ targets: [acme, 'cursor'] });\n`,
      'templates/acme.hbs': '---\n{{#each header}}\n{{this}}\n{{/each}}\n---\n<!-- {{agent.source}} -->\n{{body~}}\n',
      'agents/a.md': agent('a', 'tools: Read, Bash\ntargets: { acme: { extra: 1 } }\n'),
    });
    const { code } = run([]);
    expect(code).toBe(0);
    expect(read('dist/acme/.acme/a.md')).toBe(
      '---\nabout: Does a.\ntools:\n  - read\n  - shell\nextra: 1\n---\n<!-- agents/a.md -->\nBody.\n',
    );
    expect(run(['targets']).stdout).toContain('acme');
  });

  it('maps models, sets severities and places targets', () => {
    write({
      'build.config.ts':
        "export default { models: { opus: { codex: 'gpt-6-sol' }, strong: { 'gemini-cli': 'pro' } }, rules: { 'tool-unknown': 'off', 'field-dropped': 'warning' }, targets: [{ name: 'codex', outDir: '.' }, 'gemini-cli'] };\n",
      'agents/a.md': agent('a', 'model: opus\ncolor: red\ntools: Reed\n'),
    });
    const { code, stderr } = run([]);
    expect(code).toBe(0);
    expect(stderr).toContain('warning[field-dropped]');
    expect(stderr).not.toContain('tool-unknown');
    expect(read('.codex/agents/a.toml')).toContain('model = "gpt-6-sol"');
    expect(read('dist/gemini-cli/.gemini/agents/a.md')).toContain('model: pro');
    expect(tree('dist')).toEqual(['.polyagent.json', 'gemini-cli/.gemini/agents/a.md']);
    rmSync(at('agents/a.md'));
    write({ 'agents/b.md': agent('b') });
    expect(run([]).code).toBe(0);
    expect(tree('.codex')).toEqual(['agents/b.toml']);
    expect(existsSync(at('agents'))).toBe(true);
  });

  it('keeps an error an error, whatever `rules` say', () => {
    write({ 'build.config.ts': "export default { rules: { 'name-missing': 'off' } };", 'agents/a.md': '---\ndescription: D.\n---\n' });
    expect(run([]).code).toBe(1);
  });

  it('is found by --config, and its paths are relative to it', () => {
    write({
      'sub/polyagent.config.ts': "export default { agents: 'agents', outDir: 'out', targets: ['cursor'] };",
      'sub/agents/a.md': agent('a'),
    });
    expect(run(['-c', 'sub/polyagent.config.ts']).code).toBe(0);
    expect(tree('sub/out')).toEqual(['.polyagent.json', 'cursor/.cursor/agents/a.md']);
  });

  it.each([
    ['does not parse', 'export default {', /build\.config\.ts/],
    ['throws', 'throw new Error("boom"); export default {};', /boom/],
    ['has an unknown key', 'export default { outdir: "x" };', /`outdir`[\s\S]*Did you mean `outDir`\?/],
    [
      'has an unknown key in its outline',
      'export default { outline: [{ sections: ["A"], folders: "x" }] };',
      /unknown key `folders` in `outline`[\s\S]*Did you mean `folder`\?[\s\S]*sections: \['Title', …\], folder: /,
    ],
    ['has an outline of one rule', 'export default { outline: { sections: ["A"] } };', /`outline` is no list of titles or of rules/],
    ['has an outline of titles and rules', 'export default { outline: ["A", { sections: ["B"] }] };', /`outline` is no list/],
    ['has a wrong value', 'export default { outDir: 5 };', /outDir/],
    ['sets an unknown rule', 'export default { rules: { "tool-unknwon": "off" } };', /tool-unknwon[\s\S]*Did you mean `tool-unknown`\?/],
    ['sets a rule to a wrong level', 'export default { rules: { "tool-unknown": "warn" } };', /rules/],
    ['exports nothing', 'export const x = 1;', /exports no config/],
    ['exports null', 'export default null;', /exports no config/],
    ['exports a list', 'export default [];', /exports no config/],
    ['exports a function', 'export default () => ({});', /exports no config/],
    ['names an unknown target', 'export default { targets: ["cursr"] };', /cursr[\s\S]*Did you mean `cursor`\?/],
    ['brings half a target', 'export default { targets: [{ name: "x", fields: {} }] };', /`x` has no/],
    ['imports what is not there', 'import x from "nowhere"; export default x;', /nowhere/],
  ])('that %s ends with 2 and a help line', (_, config, message) => {
    write({ 'build.config.ts': config, 'agents/a.md': agent('a') });
    const { code, stdout, stderr } = run([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: .+\nhelp: .+\n$/s);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('\n    at ');
    expect(tree().sort()).toEqual(['agents/a.md', 'build.config.ts']);
  });
});

describe('wrong use ends with 2 and the nearest name', () => {
  it.each([
    [['--dryrun'], /--dryrun[\s\S]*Did you mean --dry-run\?/],
    [['--nonsense-at-all'], /--nonsense-at-all/],
    [['biuld'], /biuld[\s\S]*Did you mean `polyagent build`\?/],
    [['targest'], /Did you mean `polyagent targets`\?/],
    [['build', '--to', 'cursr'], /`cursr`[\s\S]*Did you mean `cursor`\?/],
    [['build', '--to', ','], /--to names no target/],
    [['build', '--to'], /--to/],
    [['build', '--format', 'jsn'], /`jsn`[\s\S]*json/],
    [['build', 'nowhere.md'], /nowhere\.md/],
    [['build', '--config', 'nowhere.ts'], /nowhere\.ts/],
    [['targets', 'cursr'], /Did you mean `cursor`/],
    [['build', '--force=yes'], /force/],
  ])('%j', (args, message) => {
    write({ 'agents/a.md': agent('a') });
    const { code, stdout, stderr } = run(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: [\s\S]+\nhelp: .+\n$/);
    expect(tree()).toEqual(['agents/a.md']);
  });

  it('and so does a folder without agents', () => {
    mkdirSync(at('agents'));
    expect(run([]).code).toBe(2);
    rmSync(at('agents'), { recursive: true });
    expect(run([]).code).toBe(2);
  });
});

describe('what it says of itself', () => {
  it('polyagent targets, as a table and as JSON', () => {
    const table = run(['targets']);
    expect([table.code, table.stderr]).toEqual([0, '']);
    for (const { name } of TARGETS) expect(table.stdout).toContain(name);
    const json = run(['targets', '--json']);
    expect(json.code).toBe(0);
    expect((JSON.parse(json.stdout) as { name: string }[]).map(({ name }) => name)).toEqual(TARGETS.map(({ name }) => name));
  });

  it.each([['--help'], ['-h'], ['help']])('polyagent %s', (flag) => {
    const { code, stdout, stderr } = run([flag]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Usage: polyagent');
    expect(stdout).toContain('targets');
  });

  it('help of a command', () => {
    expect(run(['build', '--help']).stdout).toContain('--dry-run');
    expect(run(['help', 'build']).stdout).toBe(run(['build', '--help']).stdout);
    expect(run(['targets', '-h']).stdout).toContain('--json');
  });

  it.each([['--version'], ['-v']])('polyagent %s', (flag) => {
    expect(run([flag])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('as a program among others', () => {
  it.each(['targets', 'targets --json', '--help', 'build --format json --verbose'])('`%s | head -1` ends well', (command) => {
    write({ 'agents/a.md': agent('a') });
    const { code, stderr } = shell(`set -o pipefail; "${process.execPath}" "${CLI}" ${command} | head -1`);
    expect([code, stderr]).toEqual([0, '']);
  });

  it('a reader of the messages that has seen enough is no error either', () => {
    for (let index = 0; index < 200; index++) write({ [`agents/${index}.md`]: 'Text.\n' });
    const { code, stdout } = shell(
      `("${process.execPath}" "${CLI}" build --verbose 2>&1 >/dev/null; echo "code $?" >&3) 3>code.txt | head -1; cat code.txt`,
    );
    expect(code).toBe(0);
    expect(stdout).not.toContain('at ');
    expect(stdout).toContain('code 1');
  });

  it('runs through a symbolic link, as from node_modules/.bin', () => {
    mkdirSync(at('node_modules/.bin'), { recursive: true });
    symlinkSync(CLI, at('node_modules/.bin/polyagent'));
    write({
      'agents/a.md': agent('a'),
      'build.config.ts': "import { defineConfig } from 'polyagent';\nexport default defineConfig({ targets: ['cursor'] });",
    });
    expect(run(['--version'], { program: at('node_modules/.bin/polyagent') }).stdout).toBe(`${version}\n`);
    expect(run([], { program: at('node_modules/.bin/polyagent') }).code).toBe(0);
    expect(shell('./node_modules/.bin/polyagent --version').stdout).toBe(`${version}\n`);
  });

  it('colours nothing in a pipe, unless FORCE_COLOR asks for it; NO_COLOR wins', () => {
    write({ 'agents/a.md': agent('a', 'tools: Reed\n') });
    const colored = (env: { [name: string]: string }): boolean => {
      const { stdout, stderr } = run(['build', '--verbose'], { env });
      return `${stdout}${stderr}`.includes('\u001b[');
    };
    expect(colored({})).toBe(false);
    expect(colored({ FORCE_COLOR: '1' })).toBe(true);
    expect(colored({ FORCE_COLOR: '0' })).toBe(false);
    expect(colored({ NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
    expect(colored({ NO_COLOR: '' })).toBe(false);
  });

  it('works in a folder with blanks, accents and brackets in its path', () => {
    const odd = at('a b [c] é (d) {e}');
    mkdirSync(path.join(odd, 'agents'), { recursive: true });
    writeFileSync(path.join(odd, 'agents/x [y].md'), agent('agent', '', 'Do the work.\n'));
    expect(run([], { cwd: odd }).stdout).toContain('1 agent ×');
    expect(run(['build', 'agents/x [y].md'], { cwd: odd }).code).toBe(0);
    expect(run([]).code).toBe(2);
    write({
      'build.config.ts': "import { defineConfig } from 'polyagent';\nexport default defineConfig({ agents: 'a b [c] é (d) {e}/agents' });",
    });
    expect(run([]).code).toBe(0);
  });

  it.each([
    ['closing brackets in quotes', `x: ${'["]",'.repeat(5_000)}${']'.repeat(5_000)}\n`],
    ['brackets with blank lines between', `x: ${'[\n\n '.repeat(5_000)}${']'.repeat(5_000)}\n`],
    ['a list that holds itself', 'x: &x [*x]\n'],
  ])('survives front matter that would end the process: %s', (_, header) => {
    write({ 'agents/good.md': agent('good'), 'agents/bad.md': agent('bad', header) });
    const { code, stderr } = run([]);
    expect([code, stderr.includes('This is a bug')]).toEqual([1, false]);
    expect(existsSync(at(CLAUDE, 'good.md'))).toBe(true);
  });
});

describe('source maps', () => {
  const maps = (): string[] => tree('dist').filter((file) => file.endsWith('.map'));
  const ALL = "export default { targets: ['claude-code', 'codex', 'roo-code'], sourceMaps: true };\n";

  it('lie beside the files that are ours as a whole, belong to the build, and go with the flag', () => {
    write({ [DEFAULTS]: ALL.replace('true', 'false'), 'agents/a.md': agent('a') });
    expect(run(['--source-maps']).code).toBe(0);
    const beside = ['claude-code/.claude/agents/a.md.map', 'codex/.codex/agents/a.toml.map'];
    expect(maps()).toEqual(beside);
    for (const file of beside) expect(read('dist/.polyagent.json')).toContain(file);
    expect(run(['--source-maps']).stdout).toContain('(0 written, 5 unchanged)');
    expect(run(['check', '--source-maps']).stdout).toContain('5 files: up to date');
    expect(run(['check']).stdout).toContain('2 to remove');
    expect(run([]).stdout).toContain('(0 written, 3 unchanged, 2 removed)');
    expect(maps()).toEqual([]);
  });

  it('may be asked for by the config', () => {
    write({ [DEFAULTS]: ALL, 'agents/a.md': agent('a') });
    expect(run(['--dry-run']).stdout).toContain('+ dist/codex/.codex/agents/a.toml.map');
    expect(run([]).code).toBe(0);
    expect(JSON.parse(read('dist/codex/.codex/agents/a.toml.map')).sources).toContain('../../../../agents/a.md');
  });

  it('follow a template of the project to its file', () => {
    write({
      [DEFAULTS]: ALL.replace('{', "{ templates: 'layouts',"),
      'layouts/codex.hbs': `# ours\n${readFileSync(path.join(ROOT, 'templates/codex.hbs'), 'utf8')}`,
      'agents/a.md': agent('a'),
    });
    expect(run([]).code).toBe(0);
    expect(JSON.parse(read('dist/codex/.codex/agents/a.toml.map')).sources[0]).toBe('../../../../layouts/codex.hbs');
  });

  it('are not written beside a file that is left alone, nor beside a source', () => {
    write({
      [DEFAULTS]: ALL.replace("'claude-code'", "{ name: 'claude-code', outDir: '.' }").replace('{', "{ agents: '.claude/agents',"),
      '.claude/agents/a.md': agent('a'),
      'dist/codex/.codex/agents/a.toml': 'mine\n',
    });
    expect(run([]).code).toBe(1);
    expect(tree('.').filter((file) => file.endsWith('.map'))).toEqual([]);
    expect(run(['--force']).code).toBe(0);
    expect(tree('.').filter((file) => file.endsWith('.map'))).toEqual(['dist/codex/.codex/agents/a.toml.map']);
  });
});

describe('the package', () => {
  it('installs from its tarball, builds, and gives types', { timeout: 180_000 }, () => {
    const packed = shell(`npm pack --ignore-scripts --pack-destination "${folder}"`, ROOT);
    expect(packed.code, packed.stderr).toBe(0);
    const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    renameSync(at(tarball ?? ''), at('x.tgz'));
    write({ 'package.json': '{ "name": "user", "version": "1.0.0", "type": "module", "private": true }' });
    const installed = shell('npm i --ignore-scripts --no-audit --no-fund --prefer-offline ./x.tgz');
    expect(installed.code, installed.stderr).toBe(0);

    const files = tree('node_modules/polyagent');
    expect(files).toEqual(
      expect.arrayContaining([
        'dist/cli.js',
        'dist/index.js',
        'dist/types/index.d.ts',
        'dist/worker.js',
        'package.json',
        'templates/codex.hbs',
        'src/targets/target.ts',
      ]),
    );
    expect(files.filter((file) => /^(?:src\/(?!targets\/)|test\/|bench\/|dist\/agents\/)/.test(file))).toEqual([]);

    write({
      'agents/a.md': agent('a'),
      'build.config.ts': "import { defineConfig } from 'polyagent';\nexport default defineConfig({ targets: ['cursor'] });\n",
      'use.ts': [
        "import { compile, TARGETS, defineConfig, type Agent, type Compilation, type Config, type Diagnostic, type Target } from 'polyagent';",
        "const result: Compilation = compile({ agents: [{ path: 'a.md', content: '' }] }, TARGETS);",
        'export const codes: string[] = result.diagnostics.map((diagnostic: Diagnostic) => diagnostic.code);',
        'export const nameOf = (agent: Agent): string => agent.name.value;',
        "export const config: Config = defineConfig({ rules: { 'tool-unknown': 'off' } });",
        'export const first: Target | undefined = TARGETS[0];',
        '// @ts-expect-error an unknown key',
        'defineConfig({ outdir: 1 });',
        '',
      ].join('\n'),
      'tsconfig.json':
        '{ "compilerOptions": { "strict": true, "module": "nodenext", "target": "es2022", "noEmit": true, "types": [] }, "files": ["use.ts", "build.config.ts"] }',
    });
    const built = shell('npx --no-install polyagent build');
    expect(built.code, built.stderr).toBe(0);
    expect(tree('dist')).toEqual(['.polyagent.json', 'cursor/.cursor/agents/a.md']);

    const typed = shell(`"${process.execPath}" "${path.join(ROOT, 'node_modules/typescript/bin/tsc')}" -p .`);
    expect(typed.stdout).toBe('');
    const used = shell(`"${process.execPath}" -e "import('polyagent').then((p) => console.log(Object.keys(p).sort().join()))"`);
    expect(used.stdout).toBe('TARGETS,compile,compileTemplate,defineConfig\n');
  });
});
