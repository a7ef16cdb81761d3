/**
 * Whatever clocks and times of files say, an output is never older than its source: times in the future and long ago, the
 * same time and size for other bytes, a clock that jumps between two builds. Each project is built several times in a row,
 * by the program, which keeps what it knows in a cache, and by a session, which keeps it in memory.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openSession } from '../src/project/session.js';
import type { BuildResult } from '../src/project/update.js';
import { DONE, runMain } from './run-main.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const SCRATCH = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'polyagent-clock-')));
const CLAUDE = 'dist/claude-code/.claude/agents';
const YEAR = 365 * 24 * 3600 * 1000;

let folder = '';
let made = 0;
beforeEach(() => {
  folder = path.join(SCRATCH, String(made++));
  // Where the program keeps what it knows.
  fs.mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
  write('one');
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));

const at = (...parts: string[]): string => path.join(folder, ...parts);
const agent = (name: string, words: string, more = ''): string =>
  `---\nname: ${name}\ndescription: Does ${name}.\n${more}---\n# A\n\n## One\n\nIt says ${words}.\n`;
const SOURCES = ['agents/a.md', 'agents/b.md', 'agents/fragments/f.md'];

/** Writes the sources, all of the same size whatever the word of three letters. */
function write(word: string): void {
  fs.mkdirSync(at('agents/fragments'), { recursive: true });
  fs.writeFileSync(at('agents/a.md'), agent('a', word));
  fs.writeFileSync(at('agents/b.md'), agent('b', 'nothing', 'fragments: [f]\n'));
  fs.writeFileSync(at('agents/fragments/f.md'), `## F\n\nThe fragment says ${word}.\n`);
}

function setTimes(time: number): void {
  for (const file of [...SOURCES, 'agents', 'agents/fragments']) fs.utimesSync(at(file), time / 1000, time / 1000);
}

function expectSaid(word: string): void {
  expect(fs.readFileSync(at(CLAUDE, 'a.md'), 'utf8')).toContain(`It says ${word}.`);
  expect(fs.readFileSync(at(CLAUDE, 'b.md'), 'utf8')).toContain(`The fragment says ${word}.`);
}

const errorsIn = ({ diagnostics }: BuildResult): string[] =>
  diagnostics.flatMap(({ severity, code }) => (severity === 'error' ? [code] : []));

/** Until times of files are so old that they are trusted. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

type Build = () => Promise<void>;

/** Ways to build again and again: each may remember what the last one found. */
const WAYS: { readonly [title: string]: () => Promise<Build> } = {
  'the program': () =>
    Promise.resolve(async () => {
      expect(await runMain(folder, 'build', '-q', '--to', 'claude-code')).toEqual(DONE);
    }),
  async 'a session'() {
    const session = await openSession({ cwd: folder, to: ['claude-code'] });
    return async () => {
      expect(errorsIn(await session.update())).toEqual([]);
    };
  },
  async 'a session that is told what changed'() {
    const session = await openSession({ cwd: folder, to: ['claude-code'] });
    await session.update();
    return async () => {
      expect(errorsIn(await session.update(new Set(SOURCES.map((file) => at(file)))))).toEqual([]);
    };
  },
};

const WORDS = ['two', 'ten', 'six'];

describe.each(Object.entries(WAYS))('%s', (title, open) => {
  it.each([
    ['now', (now: number) => now],
    ['in the future', (now: number) => now + YEAR],
    ['in 1970', () => 0],
    ['before 1970', () => -YEAR],
    ['in whole seconds', (now: number) => Math.floor(now / 1000) * 1000 - 5000],
  ])('sees other bytes of the same size and time: %s', async (_when, timeOf) => {
    const build = await open();
    const time = timeOf(Date.now());
    setTimes(time);
    await settled();
    await build();
    expectSaid('one');
    for (const word of WORDS) {
      write(word);
      setTimes(time);
      await settled();
      await build();
      expectSaid(word);
      await build();
      expectSaid(word);
    }
  });

  it.each([
    ['forwards', [0, YEAR, 2 * YEAR, 3 * YEAR]],
    ['backwards', [0, -YEAR, -2 * YEAR, -30 * YEAR]],
    ['to and fro', [0, 10 * YEAR, -10 * YEAR, 0]],
    ['to 1970', [0, -Date.now(), -Date.now(), 0]],
  ])('goes with a clock that jumps %s between builds', async (_where, jumps) => {
    const build = await open();
    const real = Date.now;
    for (const [turn, word] of ['one', ...WORDS].entries()) {
      const clock = vi.spyOn(Date, 'now').mockImplementation(() => real() + (jumps[turn] ?? 0));
      write(word);
      await build();
      expectSaid(word);
      setTimes(Date.now());
      await build();
      clock.mockRestore();
      expectSaid(word);
    }
  });

  it('sees what was put in the place of a source with its time and size', async () => {
    const build = await open();
    await settled();
    await build();
    for (const word of WORDS) {
      for (const file of ['agents/a.md', 'agents/fragments/f.md']) {
        const { atime, mtime } = fs.statSync(at(file));
        const text = fs.readFileSync(at(file), 'utf8').replace(/says \w{3}/, `says ${word}`);
        fs.writeFileSync(at('draft'), text);
        fs.utimesSync(at('draft'), atime, mtime);
        fs.renameSync(at('draft'), at(file));
      }
      await settled();
      await build();
      expectSaid(word);
    }
  });

  // One that is told of sources looks at nothing else.
  it.skipIf(title.endsWith('what changed'))('sees an output that was changed, its time and size kept', async () => {
    const build = await open();
    await build();
    await build();
    const file = at(CLAUDE, 'a.md');
    const { atime, mtime } = fs.statSync(file);
    const text = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, text.replace('says one', 'says ill'));
    fs.utimesSync(file, atime, mtime);
    await expect(build()).rejects.toThrow();
    expect(fs.readFileSync(file, 'utf8')).toContain('says ill');
    fs.rmSync(file);
    await build();
    expectSaid('one');
  });

  it('sees a folder that was exchanged for another one with the same names, times and sizes', async () => {
    const build = await open();
    await settled();
    await build();
    for (const word of WORDS) {
      const [{ atime, mtime }, before] = [fs.statSync(at('agents')), fs.readFileSync(at('agents/a.md'), 'utf8')];
      fs.renameSync(at('agents'), at(`old-${word}`));
      write(word);
      for (const one of [...SOURCES, 'agents/fragments', 'agents']) fs.utimesSync(at(one), atime, mtime);
      expect(fs.statSync(at('agents/a.md')).size).toBe(before.length);
      await settled();
      await build();
      expectSaid(word);
    }
  });
});

it('sees what changed between two programs, as fast as they come', () => {
  for (const word of ['one', ...WORDS]) {
    write(word);
    setTimes(1000);
    const { status, stderr } = spawnSync(process.execPath, [CLI, 'build', '-q', '--to', 'claude-code'], { cwd: folder, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    expectSaid(word);
  }
});
