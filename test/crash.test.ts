/**
 * A build that dies at any moment does no harm: the next one ends in the bytes of a clean build. The death is played in this
 * process, at every single change of the disk: the change is made in part, and from then on nothing changes any more, as
 * for a process that is gone. A few builds are killed for real as well.
 */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHANGES, type Death, dieAt, restoreDisk } from './changed-disk.js';
import { type Files, lastingOutputsIn } from './project-files.js';
import { DONE, type Ran, runMain } from './run-main.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const SOURCES = fileURLToPath(new URL('../src', import.meta.url));
const SCRATCH = fs.mkdtempSync(path.join(tmpdir(), 'polyagent-crash-'));
const TARGETS = 'claude-code,agents-md,codex,claude-plugin';

afterEach(restoreDisk);
afterAll(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));

const build = (folder: string): Promise<Ran> => runMain(folder, 'build', '-q', '--to', TARGETS);

const LONG = 'Look at each thing twice, and say what you see.\n'.repeat(250);
const agent = (name: string, words: string): string =>
  `---\nname: ${name}\ndescription: "Use for ${words}."\ntools: Read\n---\nYou help with ${words}.\n${words.startsWith('long') ? words + LONG : ''}`;

interface Agents {
  readonly [name: string]: string;
}

/** The project as it was; with agents changed, gone, come and renamed; and after that once more. */
const BEFORE: Agents = { one: 'letters', two: 'numbers', three: 'colours', four: 'shapes', long: 'long texts' };
const AFTER: Agents = {
  one: 'letters',
  two: 'large numbers',
  four: 'shapes and forms',
  five: 'sounds',
  long: 'longer texts',
  ell: 'long lists',
};
const LATER: Agents = { one: 'words', two: 'all numbers', six: 'shapes and forms', three: 'tints', long: 'long books' };

function write(folder: string, agents: Agents): void {
  fs.rmSync(path.join(folder, 'agents'), { recursive: true, force: true });
  fs.mkdirSync(path.join(folder, 'agents'), { recursive: true });
  for (const [name, words] of Object.entries(agents)) fs.writeFileSync(path.join(folder, 'agents', `${name}.md`), agent(name, words));
}

const clean = new Map<Agents, Files>();
beforeAll(async () => {
  for (const [index, agents] of [BEFORE, AFTER, LATER].entries()) {
    const folder = path.join(SCRATCH, `clean-${index}`);
    write(folder, agents);
    expect(await build(folder)).toEqual(DONE);
    clean.set(agents, lastingOutputsIn(folder));
    expect(Object.keys(lastingOutputsIn(folder)).length).toBeGreaterThan(12);
  }
});

/** The next build in a folder ends as a clean one, without a word. */
async function expectClean(folder: string, agents: Agents, title: string): Promise<void> {
  expect(await build(folder), title).toEqual(DONE);
  expect(lastingOutputsIn(folder), title).toEqual(clean.get(agents));
}

/** A project that was built before the change, or never. */
async function prepared(name: string, built: boolean): Promise<string> {
  const folder = path.join(SCRATCH, name);
  write(folder, BEFORE);
  if (built) await build(folder);
  write(folder, AFTER);
  return folder;
}

/** A build that dies at the n-th change of the disk. Says whether it came so far. */
async function deadBuild(folder: string, n: number, how: Death): Promise<boolean> {
  const count = dieAt(n, how);
  await build(folder).catch(() => undefined);
  restoreDisk();
  return count() >= n;
}

it('knows every call that changes the disk', () => {
  const READING = /^(?:access|close|exists|fstat|glob|lstat|read\w*|realpath|stat)Sync$/;
  const files = fs.readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const calls = new Set<string>();
  for (const file of files) {
    const text = fs.readFileSync(path.join(SOURCES, file), 'utf8');
    for (const [, names = ''] of text.matchAll(/import \{([^}]*)\} from 'node:fs';/g))
      for (const name of names.split(',')) if (!name.trim().startsWith('type ')) calls.add(name.trim());
    for (const [, name = ''] of text.matchAll(/\bfs\.(\w+)\(/g)) calls.add(name);
    expect(text, file).not.toContain('fs/promises');
  }
  const known: readonly string[] = ['', 'constants', 'watch', ...CHANGES];
  expect([...calls].filter((name) => !READING.test(name) && !known.includes(name))).toEqual([]);
  expect(calls).toContain('appendFileSync');
});

describe.each([
  ['the first build', false],
  ['a build that changes, adds and removes', true],
])('%s', (_title, built) => {
  it.each(['page', 'half'] as const)(
    'may die at any change of the disk: %s',
    async (how) => {
      let points = 0;
      for (let n = 1; ; n++, points++) {
        const folder = await prepared(`${built}-${how}-${n}`, built);
        const came = await deadBuild(folder, n, how);
        await expectClean(folder, AFTER, `death ${n}`);
        fs.rmSync(folder, { recursive: true });
        if (!came) break;
      }
      expect(points).toBeGreaterThan(20);
    },
    120_000,
  );

  it.each([
    ['page', BEFORE],
    ['after', LATER],
  ] as const)(
    'may die (%s), and the sources be others afterwards',
    async (how, next) => {
      for (let n = 1; ; n++) {
        const folder = await prepared(`${built}-then-${how}-${n}`, built);
        const came = await deadBuild(folder, n, how);
        write(folder, next);
        await expectClean(folder, next, `death ${n}`);
        fs.rmSync(folder, { recursive: true });
        if (!came) break;
      }
    },
    120_000,
  );

  it('may die twice in a row, with other sources each time', async () => {
    for (let n = 1; n <= 16; n++) {
      const folder = await prepared(`${built}-twice-${n}`, built);
      const [first, second] = [1 + ((n * 7) % 53), 1 + ((n * 11) % 61)];
      await deadBuild(folder, first, n % 2 === 0 ? 'page' : 'after');
      write(folder, LATER);
      await deadBuild(folder, second, n % 3 === 0 ? 'after' : 'page');
      const last = n % 4 === 0 ? AFTER : n % 4 === 1 ? BEFORE : LATER;
      write(folder, last);
      await expectClean(folder, last, `deaths ${first}, ${second}`);
      fs.rmSync(folder, { recursive: true });
    }
  }, 120_000);
});

describe('a build that is killed', () => {
  it('leaves nothing behind that the next one takes for good', async () => {
    for (let ms = 60; ms < 400; ms += 40) {
      const folder = await prepared(`killed-${ms}`, true);
      const child = spawn(process.execPath, [CLI, 'build', '-q', '--to', TARGETS], { cwd: folder, stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      setTimeout(() => child.kill('SIGKILL'), ms);
      await ended;
      const { status, stderr } = spawnSync(process.execPath, [CLI, 'build', '-q', '--to', TARGETS], { cwd: folder, encoding: 'utf8' });
      expect(`${status} ${stderr}`).toBe('0 ');
      expect(lastingOutputsIn(folder), `killed after ${ms} ms`).toEqual(clean.get(AFTER));
    }
  }, 60_000);
});

describe('two builds at once', () => {
  it('do not lose what the other one wrote', async () => {
    const folder = await prepared('at-once', false);
    const run = (targets: string): Promise<number | null> =>
      new Promise((resolve) => {
        spawn(process.execPath, [CLI, 'build', '-q', '--to', targets], { cwd: folder, stdio: 'inherit' }).once('exit', resolve);
      });
    const codes = await Promise.all(['claude-code', 'codex', 'claude-plugin', 'agents-md', 'claude-code,codex'].map(run));
    expect(codes).toEqual([0, 0, 0, 0, 0]);
    expect(lastingOutputsIn(folder)).toEqual(clean.get(AFTER));
  }, 60_000);
});
