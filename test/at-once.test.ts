/** Several programs in one folder at the same time do each other no harm, and say nothing that is not so. */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../src/cli/main.js';
import { JOURNAL, LOCK } from '../src/project/own-files.js';
import { dieAt, patchDisk, restoreDisk } from './changed-disk.js';
import { giveToNobody, runAsNobody } from './nobody.js';
import { type Files, lastingOutputsIn, writeFiles } from './project-files.js';
import { DONE, type Ran, runMain } from './run-main.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const SCRATCH = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'polyagent-at-once-')));
const TARGETS = 'claude-code,codex,agents-md';
const CLAUDE = 'dist/claude-code/.claude/agents';
const ASKS = ['lstatSync', 'readFileSync', 'statSync'] as const;
const asks = Object.fromEntries(ASKS.map((name) => [name, fs[name]]));

let folder = '';
let made = 0;
let started: ChildProcess[] = [];
beforeEach(fresh);
afterEach(() => {
  restoreDisk();
  restoreAsks();
  vi.restoreAllMocks();
  for (const child of started) child.kill('SIGKILL');
  started = [];
});
afterAll(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));

function fresh(): void {
  folder = path.join(SCRATCH, String(made++));
  write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b'), 'agents/c.md': agent('c') });
}

const at = (...parts: string[]): string => path.join(folder, ...parts);
const agent = (name: string, words = 'first'): string =>
  `---\nname: ${name}\ndescription: Does ${name}, ${words}.\n---\nThe body says ${words}.\n`;

const write = (files: Files): void => writeFiles(folder, files);

/** Changes, adds and removes agents. */
function change(): void {
  write({ 'agents/a.md': agent('a', 'second'), 'agents/d.md': agent('d') });
  fs.rmSync(at('agents/c.md'));
}

const run = (...args: string[]): Promise<Ran> => runMain(folder, ...args, '--to', TARGETS);
const build = (): Promise<Ran> => run('build', '-q');

function spawnOne(...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [CLI, ...args, '--to', TARGETS], { cwd: folder });
  started.push(child);
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, text: said.join('') })));
}

const outputs = (): Files => lastingOutputsIn(folder);

/** What a clean build of the sources makes. */
async function cleanBuild(): Promise<Files> {
  const here = folder;
  folder = path.join(SCRATCH, String(made++));
  fs.cpSync(path.join(here, 'agents'), at('agents'), { recursive: true });
  expect(await build()).toEqual(DONE);
  const clean = outputs();
  expect(clean).not.toEqual({});
  folder = here;
  return clean;
}

const lockOf = (pid: number): string => JSON.stringify({ pid, host: hostname() });

describe('builds', () => {
  it('of the same targets, with the lock of a dead one in the way', async () => {
    expect(await build()).toEqual(DONE);
    change();
    write({ [`dist/${LOCK}`]: lockOf(2 ** 30) });
    const ran = await Promise.all(Array.from({ length: 5 }, () => spawnOne('build', '-q')));
    expect(ran).toEqual(Array.from({ length: 5 }, () => DONE));
    expect(outputs()).toEqual(await cleanBuild());
  });

  it('end where a dead lock cannot be taken away', async () => {
    expect(await build()).toEqual(DONE);
    change();
    write({ [`dist/${LOCK}`]: lockOf(2 ** 30) });
    giveToNobody(folder);
    fs.chmodSync(at('dist'), 0o555);
    const { code, text } = runAsNobody(folder, 'build', '-q', '--to', TARGETS);
    fs.chmodSync(at('dist'), 0o755);
    expect([code, text]).toEqual([1, expect.stringContaining('output-blocked')]);
    expect(await build()).toEqual(DONE);
    expect(outputs()).toEqual(await cleanBuild());
  });

  it('say what is in the way of their lock', async () => {
    write({ [`dist/${LOCK}/mine.txt`]: 'mine' });
    expect(await build()).toEqual({ code: 2, text: expect.stringContaining(`${LOCK} is a folder`) });
    expect(fs.readFileSync(at('dist', LOCK, 'mine.txt'), 'utf8')).toBe('mine');
  });

  it('do not take the lock of one that was quicker with a dead lock', async () => {
    write({ [`dist/${LOCK}`]: lockOf(2 ** 30) });
    const seen: string[][] = [];
    let isOver = false;
    patchDisk(({ name, file, make }) => {
      if (name === 'renameSync' && path.basename(file).includes(LOCK) && !isOver) {
        isOver = true;
        write({ [`dist/${LOCK}`]: lockOf(process.ppid) });
        setTimeout(() => {
          seen.push(fs.readdirSync(at('dist')), [fs.readFileSync(at('dist', LOCK), 'utf8')]);
          fs.rmSync(at('dist', LOCK));
        }, 150);
      }
      return make();
    });
    expect(await build()).toEqual(DONE);
    expect(seen).toEqual([[LOCK], [lockOf(process.ppid)]]);
    restoreDisk();
    expect(outputs()).toEqual(await cleanBuild());
  });

  it.each([
    ['build', lockOf(process.ppid), `(process ${process.ppid})`],
    ['build --format json', JSON.stringify({ pid: 12, host: 'build-7' }), '(process 12 on build-7)'],
    ['build', 'a lock of another kind {}', undefined],
    ['check', lockOf(process.ppid), `(process ${process.ppid})`],
    ['build -q', lockOf(process.ppid), ''],
  ])('say once what they wait for: %s, %s', async (words, lock, holder) => {
    expect(await build()).toEqual(DONE);
    write({ [`dist/${LOCK}`]: lock });
    if (holder !== undefined) setTimeout(() => fs.rmSync(at('dist', LOCK)), 1300);
    const [out, errors]: [string[], string[]] = [[], []];
    const take = (said: string[]): { write: (text: string) => void } => ({ write: (text) => void said.push(text) });
    const argv = [...words.split(' '), '--to', TARGETS];
    expect(await main(argv, { cwd: folder, stdout: take(out), stderr: take(errors), env: {} })).toBe(0);
    const line = `Waiting for another build ${holder} that writes to dist. If there is none, delete dist/${LOCK}.\n`;
    expect(errors.join('')).toBe(holder ? line : '');
    expect(out.join('')).not.toContain('Waiting');
  });

  it('and a watch', async () => {
    const watch = spawnOne('watch');
    const child = started.at(-1) as ChildProcess;
    for (let turn = 0; turn < 6; turn++) {
      write({ 'agents/a.md': agent('a', `turn ${turn}`), [`agents/n${turn % 2}.md`]: agent(`n${turn % 2}`, `turn ${turn}`) });
      if (turn % 3 === 2) fs.rmSync(at('agents/n0.md'), { force: true });
      expect(await spawnOne('build', '-q')).toEqual(DONE);
    }
    child.kill('SIGINT');
    const { text } = await watch;
    expect(text).not.toMatch(/error|edited|foreign|blocked/i);
    expect(await build()).toEqual(DONE);
    expect(outputs()).toEqual(await cleanBuild());
    expect(fs.existsSync(at('dist', JOURNAL))).toBe(false);
  }, 60_000);
});

describe('a file that somebody writes while a build runs', () => {
  it.each([
    ['in the place of a new output', 'd.md', 'it came while the build ran', 0],
    ['in the place of one that is replaced', 'a.md', 'it was changed while the build ran', 0],
    ['in the place of one that is replaced, by a clock that is an hour behind', 'a.md', 'it was changed while the build ran', 3_600_000],
  ])('%s stays, and the help says to look at it', async (_title, name, reason, ahead) => {
    expect(await build()).toEqual(DONE);
    change();
    const { now } = Date;
    vi.spyOn(Date, 'now').mockImplementation(() => now() + ahead);
    patchDisk(({ name: call, file, make }) => {
      if (call === 'appendFileSync' && file === at('dist', JOURNAL)) write({ [`${CLAUDE}/${name}`]: 'mine' });
      return make();
    });
    const { code, text } = await build();
    expect([code, text]).toEqual([1, expect.stringContaining(`${CLAUDE}/${name}\` cannot be written: ${reason}`)]);
    expect(text).toContain('help: Look at the file and run the build again');
    expect(fs.readFileSync(at(CLAUDE, name), 'utf8')).toBe('mine');
    restoreDisk();
    expect((await build()).text).toMatch(/output-(?:edited|foreign)/);
  });
});

function restoreAsks(): void {
  Object.assign(fs, asks);
  syncBuiltinESMExports();
}

/** Has something happen before the n-th time that the disk is asked about the output folder. Says whether it did. */
function whenAsked(n: number, happen: () => void): () => boolean {
  let count = 0;
  for (const name of ASKS) {
    const real = asks[name] as (...args: unknown[]) => unknown;
    Object.assign(fs, {
      [name]: (...args: unknown[]): unknown => {
        if (String(args[0]).startsWith(at('dist')) && ++count === n) {
          restoreAsks();
          happen();
        }
        return real(...args);
      },
    });
  }
  syncBuiltinESMExports();
  return () => count >= n;
}

describe('a check', () => {
  it('says nothing wrong, whenever another build comes', async () => {
    for (let n = 1; ; n += 2) {
      fresh();
      expect(await build()).toEqual(DONE);
      fs.cpSync(at('dist'), at('before'), { recursive: true });
      change();
      expect(await build()).toEqual(DONE);
      fs.renameSync(at('dist'), at('after'));
      fs.renameSync(at('before'), at('dist'));
      const came = whenAsked(n, () => {
        fs.rmSync(at('dist'), { recursive: true });
        fs.cpSync(at('after'), at('dist'), { recursive: true });
      });
      const { code, text } = await run('check');
      restoreAsks();
      expect(text, `at ${n}`).not.toMatch(/edited|error\[/);
      if (!came()) {
        expect(code).toBe(1);
        break;
      }
      // All of what the other build made, or, when it came at the very end, nothing of it.
      expect([code, text], `at ${n}`).toEqual([code, expect.stringContaining(code === 0 ? '✔' : '2 to add, 3 to change, 2 to remove')]);
    }
  });

  it.each(['check', 'build'])('waits for a build that is writing: %s', async (command) => {
    for (const n of [4, 7, 9, 12, 16]) {
      fresh();
      expect(await build()).toEqual(DONE);
      change();
      dieAt(n, 'page');
      await build().catch(() => undefined);
      restoreDisk();
      fs.cpSync(at('dist'), at('half'), { recursive: true });
      expect(await build()).toEqual(DONE);
      fs.renameSync(at('dist'), at('after'));
      fs.renameSync(at('half'), at('dist'));
      // It lives, and is only slow.
      write({ [`dist/${LOCK}`]: lockOf(process.ppid) });
      setTimeout(() => {
        fs.rmSync(at('dist'), { recursive: true });
        fs.renameSync(at('after'), at('dist'));
      }, 60);
      const { code, text } = await run(command, ...(command === 'build' ? ['--dry-run'] : []));
      expect([code, text]).toEqual([0, expect.stringMatching(command === 'check' ? '✔' : '0 to write')]);
    }
  });

  it('changes nothing', async () => {
    expect(await build()).toEqual(DONE);
    change();
    const before = outputs();
    const changes: string[] = [];
    patchDisk(({ file, make }) => {
      changes.push(path.relative(folder, file));
      return make();
    });
    expect((await run('check')).code).toBe(1);
    expect((await run('build', '--dry-run')).code).toBe(0);
    fs.rmSync(at(CLAUDE), { recursive: true, force: true });
    restoreDisk();
    expect(changes.filter((file) => !file.startsWith('..'))).toEqual([CLAUDE]);
    expect(Object.keys(before).length).toBeGreaterThan(13);
  });
});
