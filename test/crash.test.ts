/**
 * A build that dies at any moment does no harm: the next one ends in the bytes of a clean build. The death is played in this
 * process, at every single change of the disk: the change is made in half, and from then on nothing changes any more, as
 * for a process that is gone. A few builds are killed for real as well.
 */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/cli/main.js';
import { LOCK } from '../src/project/lock.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const SCRATCH = fs.mkdtempSync(path.join(tmpdir(), 'polyagent-crash-'));
const TARGETS = 'claude-code,agents-md,codex,claude-plugin';
const CHANGES = ['writeFileSync', 'writeSync', 'openSync', 'renameSync', 'unlinkSync', 'rmSync', 'rmdirSync', 'mkdirSync'] as const;

afterEach(revive);
afterAll(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));

class Died extends Error {}

const original = Object.fromEntries(CHANGES.map((name) => [name, fs[name]]));

/** Lets the process die at the n-th change of the disk. Gives the number of changes that were asked for. */
function dieAt(n: number, how: 'before' | 'half' | 'after'): () => number {
  let count = 0;
  for (const name of CHANGES) {
    const real = original[name] as (...args: unknown[]) => unknown;
    const played = (...args: unknown[]): unknown => {
      if (name === 'openSync' && !/[wa]/.test(String(args[1]))) return real(...args);
      count++;
      if (count > n) throw new Died();
      if (count < n) return real(...args);
      const [target, content] = args;
      if (how === 'after') real(...args);
      else if (how === 'half' && name === 'writeFileSync' && typeof content === 'string')
        real(target, content.slice(0, content.length / 2));
      throw new Died();
    };
    Object.assign(fs, { [name]: played });
  }
  syncBuiltinESMExports();
  return () => count;
}

function revive(): void {
  for (const name of CHANGES) Object.assign(fs, { [name]: original[name] });
  syncBuiltinESMExports();
}

async function build(folder: string): Promise<number> {
  const quiet = { write: () => undefined };
  return await main(['build', '--to', TARGETS], { cwd: folder, stdout: quiet, stderr: quiet, env: {} });
}

/** The process that held the lock is gone. One that died before it filled the lock left an empty one. */
function forgetHolder(folder: string): void {
  const file = path.join(folder, 'dist', LOCK);
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  if (text !== '') fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(text), pid: 2 ** 30 }));
}

const agent = (name: string, words: string): string =>
  `---\nname: ${name}\ndescription: "Use for ${words}."\ntools: Read\n---\nYou help with ${words}.\n`;

/** The project as it is, and as it will be: one agent changed, one gone, one come, one renamed. */
const BEFORE = { one: 'letters', two: 'numbers', three: 'colours', four: 'shapes' };
const AFTER = { one: 'letters', two: 'large numbers', four: 'shapes and forms', five: 'sounds' };

function write(folder: string, agents: { readonly [name: string]: string }): void {
  fs.rmSync(path.join(folder, 'agents'), { recursive: true, force: true });
  fs.mkdirSync(path.join(folder, 'agents'), { recursive: true });
  for (const [name, words] of Object.entries(agents)) fs.writeFileSync(path.join(folder, 'agents', `${name}.md`), agent(name, words));
}

/** All that lies in the output folder, hidden files too. */
function outputs(folder: string): { [file: string]: string } {
  const root = path.join(folder, 'dist');
  if (!fs.existsSync(root)) return {};
  const files = fs.readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [path.relative(root, file), fs.readFileSync(file, 'utf8')]),
  );
}

let clean: { [file: string]: string } = {};
beforeAll(async () => {
  const folder = path.join(SCRATCH, 'clean');
  write(folder, AFTER);
  expect(await build(folder)).toBe(0);
  clean = outputs(folder);
  expect(Object.keys(clean).length).toBeGreaterThan(12);
});

/** A project that was built before the change, or never. */
async function prepared(name: string, built: boolean): Promise<string> {
  const folder = path.join(SCRATCH, name);
  write(folder, BEFORE);
  if (built) await build(folder);
  write(folder, AFTER);
  return folder;
}

/** The manifest says `made` and `adopted` of how files came to be; what they are is the same. */
const bytes = (files: { readonly [file: string]: string }): { [file: string]: string } =>
  Object.fromEntries(
    Object.entries(files).map(([file, text]) => [
      file,
      file.endsWith('.polyagent.json') ? text.replaceAll(/,"(?:made|adopted)":true/g, '') : text,
    ]),
  );

describe.each([
  ['the first build', false],
  ['a build that changes, adds and removes', true],
])('%s', (_title, built) => {
  it.each(['before', 'half', 'after'] as const)(
    'may die %s any change of the disk',
    async (how) => {
      let total = Number.POSITIVE_INFINITY;
      let points = 0;
      for (let n = 1; n <= total; n++) {
        const folder = await prepared(`${built}-${how}-${n}`, built);
        const count = dieAt(n, how);
        await build(folder).catch(() => undefined);
        revive();
        if (count() < n) total = n;
        else points++;
        forgetHolder(folder);
        expect(await build(folder), `death ${n}`).toBe(0);
        expect(bytes(outputs(folder)), `death ${n}`).toEqual(bytes(clean));
        fs.rmSync(folder, { recursive: true });
      }
      expect(points).toBeGreaterThan(20);
    },
    120_000,
  );
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
      expect(bytes(outputs(folder)), `killed after ${ms} ms`).toEqual(bytes(clean));
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
    expect(bytes(outputs(folder))).toEqual(bytes(clean));
  }, 60_000);
});
