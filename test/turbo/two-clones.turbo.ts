/** `polyagent build` as a task of Turborepo: what one clone has built, another one at another place gets from the cache. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WORKSPACE = fileURLToPath(new URL('workspace', import.meta.url));
const SCRATCH = realpathSync(mkdtempSync(path.join(tmpdir(), 'polyagent-turbo-')));
const [ONE, TWO] = ['first/one', 'another/place/two'].map((name) => path.join(SCRATCH, name)) as [string, string];
const AGENTS = 'packages/agents';
const QUIET = { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1', FORCE_COLOR: '0' };

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...QUIET },
    encoding: 'utf8',
    timeout: 240_000,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return stdout + stderr;
}

const npm = (args: readonly string[], cwd: string): string =>
  run('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], cwd);

const git = (args: readonly string[], cwd: string): string =>
  run('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], cwd);

const turbo = (clone: string): string =>
  run(path.join(clone, 'node_modules/.bin/turbo'), ['run', 'build', '--ui=stream', '--cache-dir', path.join(SCRATCH, 'cache')], clone);

/** What is in the output folder of a clone, by path. */
function outputs(clone: string): { [name: string]: string } {
  const dist = path.join(clone, AGENTS, 'dist');
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = files.map((entry) => path.relative(dist, path.join(entry.parentPath, entry.name))).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(dist, name), 'utf8')]));
}

beforeAll(() => {
  const packed = path.join(SCRATCH, 'packed');
  mkdirSync(packed);
  npm(['pack', '--pack-destination', packed], ROOT);
  const tarball = path.join(packed, readdirSync(packed)[0] ?? '');
  /** Where the lock file says that it is. */
  const bring = (clone: string): void => cpSync(tarball, path.join(clone, '../polyagent.tgz'));

  const origin = path.join(SCRATCH, 'origin/workspace');
  cpSync(WORKSPACE, origin, { recursive: true });
  writeFileSync(path.join(origin, '.gitignore'), 'node_modules/\ndist/\n.turbo/\n');
  bring(origin);
  npm(['install', '--package-lock-only'], origin);
  for (const args of [
    ['init', '--quiet'],
    ['add', '--all'],
    ['commit', '--quiet', '--message', 'Begin'],
  ]) {
    git(args, origin);
  }
  for (const clone of [ONE, TWO]) {
    git(['clone', '--quiet', origin, clone], SCRATCH);
    bring(clone);
    npm(['install'], clone);
  }
});
afterAll(() => rmSync(SCRATCH, { recursive: true, force: true }));

it('is what the documentation shows', () => {
  expect(readFileSync(path.join(ROOT, 'docs/ci.md'), 'utf8')).toContain(readFileSync(path.join(WORKSPACE, AGENTS, 'turbo.json'), 'utf8'));
});

it('is done once for two clones, and gives both the same bytes', () => {
  expect(turbo(ONE)).toMatch(/@acme\/agents:build: cache miss, executing/);
  const built = outputs(ONE);
  expect(Object.keys(built)).toEqual([
    '.polyagent.json',
    'agents-md/AGENTS.md',
    'claude-code/.claude/agents/reviewer.md',
    'claude-code/.claude/agents/tester.md',
    'claude-plugin/.claude-plugin/plugin.json',
    'claude-plugin/agents/reviewer.md',
    'claude-plugin/agents/tester.md',
  ]);

  const second = turbo(TWO);
  expect(second).toMatch(/@acme\/agents:build: cache hit/);
  expect(second).toContain('>>> FULL TURBO');
  expect(outputs(TWO)).toEqual(built);
  // It is as if it had been built there: polyagent knows the files as its own, and has nothing to change.
  const polyagent = path.join(TWO, 'node_modules/.bin/polyagent');
  expect(run(polyagent, ['check'], path.join(TWO, AGENTS))).toContain('up to date');
  expect(run(polyagent, ['build'], path.join(TWO, AGENTS))).toContain('(0 written, 6 unchanged)');
  expect(outputs(TWO)).toEqual(built);
});

it.each([
  ['a fragment', `${AGENTS}/agents/fragments/checklist.md`],
  ['a fragment of another package of the workspace', 'packages/fragments/manners.md'],
])('is done again when %s has changed, and not when it is as before', (_, fragment) => {
  const before = outputs(ONE);
  const file = path.join(TWO, fragment);
  const text = readFileSync(file, 'utf8');
  appendFileSync(file, '- One thing more.\n');
  expect(turbo(TWO)).toMatch(/@acme\/agents:build: cache miss, executing/);
  expect(outputs(TWO)['claude-code/.claude/agents/reviewer.md']).toContain('- One thing more.');
  writeFileSync(file, text);
  expect(turbo(TWO)).toContain('>>> FULL TURBO');
  expect(outputs(TWO)).toEqual(before);
});

it('is not done again when a file has changed that is no input', () => {
  writeFileSync(path.join(TWO, AGENTS, 'NOTES.md'), 'Text.\n');
  expect(turbo(TWO)).toContain('>>> FULL TURBO');
});

it('leaves an output that the build would remove, as docs/ci.md says', () => {
  const extra = path.join(TWO, AGENTS, 'agents/extra.md');
  writeFileSync(extra, '---\nname: extra\ndescription: One more.\n---\nText.\n');
  expect(turbo(TWO)).toMatch(/@acme\/agents:build: cache miss, executing/);
  rmSync(extra);
  expect(turbo(TWO)).toContain('>>> FULL TURBO');
  const names = Object.keys(outputs(TWO));
  expect(names.filter((name) => !(name in outputs(ONE)))).toEqual(['claude-code/.claude/agents/extra.md', 'claude-plugin/agents/extra.md']);
});
