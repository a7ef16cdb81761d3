/** The parts of watching that need no disk, or no real clock: batches, the screen, the bar. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgressBar } from '../src/cli/progress.js';
import { createScreen } from '../src/cli/screen.js';
import { type Batch, createBatches } from '../src/project/watch/batches.js';
import { gitAtWork } from '../src/project/watch/git.js';
import { isNoise } from '../src/project/watch/noise.js';

describe('batches', () => {
  const built: string[][] = [];
  let scratch = '';
  beforeEach(() => {
    built.length = 0;
    scratch = mkdtempSync(path.join(tmpdir(), 'polyagent-batches-'));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(scratch, { recursive: true });
  });
  const note = async ({ files, folders }: Batch): Promise<void> => void built.push([...files, ...folders]);
  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

  it('wait for five quiet milliseconds', async () => {
    const batches = createBatches(note);
    batches.file('/a');
    await pass(4);
    batches.file('/a');
    await pass(4);
    expect(built).toEqual([]);
    await pass(1);
    expect(built).toEqual([['/a']]);
  });

  it('wait longer for more files than few, and a tenth of a second at most', async () => {
    const batches = createBatches(note);
    for (let n = 0; n < 3; n++) batches.file(`/${n}`);
    await pass(5);
    expect(built).toHaveLength(1);
    for (let n = 0; n < 10; n++) batches.file(`/${n}`);
    await pass(39);
    expect(built).toHaveLength(1);
    await pass(1);
    expect(built).toHaveLength(2);
    for (let n = 0; n < 5000; n++) batches.file(`/${n}`);
    await pass(99);
    expect(built).toHaveLength(2);
    await pass(1);
    expect(built).toHaveLength(3);
  });

  it('wait for a burst that pauses, for two seconds at most', async () => {
    const batches = createBatches(note);
    for (let n = 0; n < 40; n++) {
      for (let file = 0; file < 25; file++) batches.file(`/${n}-${file}`);
      await pass(90);
    }
    expect(built.map((files) => files.length)).toEqual([575]);
    await pass(100);
    expect(built.map((files) => files.length)).toEqual([575, 425]);
  });

  it('wait until Git is done: with a burst for long, with few files not', async () => {
    let git: number | undefined = 0;
    const batches = createBatches(note, () => git);
    batches.file('/a');
    for (; git < 480; git += 20) await pass(20);
    expect(built).toHaveLength(0);
    git = 500;
    await pass(45);
    expect(built).toEqual([['/a']]);
    for (let n = 0; n < 10; n++) batches.file(`/${n}`);
    for (; git < 3000; git += 100) await pass(100);
    expect(built).toHaveLength(1);
    batches.file('/last');
    git = undefined;
    await pass(200);
    expect(built.map((files) => files.length)).toEqual([1, 11]);
    git = 0;
    for (let n = 0; n < 10; n++) batches.file(`/${n}`);
    await pass(4900);
    expect(built).toHaveLength(2);
    await pass(200);
    expect(built).toHaveLength(3);
  });

  it('do not wait for changes to end: a second is enough', async () => {
    const batches = createBatches(note);
    for (let ms = 0; ms < 3000; ms += 4) {
      batches.file('/a');
      await pass(4);
    }
    expect(built).toHaveLength(3);
  });

  it('hand over one at a time, and what came meanwhile as the next one', async () => {
    let finish = (): void => undefined;
    const batches = createBatches(async (batch) => {
      await note(batch);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    batches.file('/a');
    await pass(5);
    batches.file('/b');
    batches.folder('/c');
    await pass(500);
    expect(built).toEqual([['/a']]);
    finish();
    await pass(6);
    expect(built).toEqual([['/a'], ['/b', '/c']]);
  });

  it.each(['the file', 'its folder'])('wait for the writer of an empty file, of which %s is told', async (told) => {
    const batches = createBatches(note);
    const file = path.join(scratch, 'inner/a.md');
    mkdirSync(path.dirname(file));
    const [tell, name] = told === 'the file' ? [batches.file, file] : [batches.folder, path.dirname(file)];
    writeFileSync(file, '');
    // The clock of files goes on as it will.
    const written = Date.now() / 1000 + 0.15;
    utimesSync(file, written, written);
    tell(name);
    await pass(100);
    expect(built).toEqual([]);
    writeFileSync(file, 'text');
    await pass(30);
    expect(built).toEqual([[name]]);
    writeFileSync(file, '');
    utimesSync(file, 1, 1);
    tell(name);
    await pass(5);
    expect(built).toEqual([[name], [name]]);
  });

  it('end with the one that is being built, and build no more', async () => {
    const batches = createBatches(note);
    batches.file('/a');
    await batches.close();
    batches.file('/b');
    await pass(500);
    expect(built).toEqual([]);
  });
});

describe('Git', () => {
  let scratch = '';
  beforeEach(() => {
    scratch = mkdtempSync(path.join(tmpdir(), 'polyagent-git-'));
  });
  afterEach(() => rmSync(scratch, { recursive: true }));

  it.each(['a repository', 'a worktree'])('is at work in %s for as long as the index is locked', (kind) => {
    const inner = path.join(scratch, 'work/agents');
    mkdirSync(inner, { recursive: true });
    const folder = kind === 'a worktree' ? path.join(scratch, 'other/worktrees/work') : path.join(scratch, 'work/.git');
    mkdirSync(folder, { recursive: true });
    if (kind === 'a worktree') writeFileSync(path.join(scratch, 'work/.git'), 'gitdir: ../other/worktrees/work\n');
    const atWork = gitAtWork(inner);
    expect(atWork()).toBeUndefined();
    const lock = path.join(folder, 'index.lock');
    writeFileSync(lock, '');
    utimesSync(lock, Date.now() / 1000 - 60, Date.now() / 1000 - 60);
    expect(atWork()).toBeGreaterThanOrEqual(59_000);
    rmSync(lock);
    expect(atWork()).toBeUndefined();
  });
});

describe('names', () => {
  it.each([
    '.a.md.swp',
    '.a.md.swo',
    '4913',
    'a.md~',
    '#a.md#',
    '.#a.md',
    'sedXy12Zq',
    'a.md___jb_old___',
    '.a.md.kate-swp',
    '.a.md.12.tmp',
    '._a.md',
  ])('%s is noise', (name) => expect(isNoise(name)).toBe(true));
  it.each([
    'a.md',
    '_base.md',
    '4914',
    'sedate.md',
    'build.config.ts',
    'a~b.md',
    '.package-lock.json',
    'swp.md',
    'tmp.md',
    'claude-code.hbs',
  ])('%s is none', (name) => expect(isNoise(name)).toBe(false));
});

const ESCAPE = '\x1b';
const SEQUENCE = new RegExp(`^${ESCAPE}\\[(\\d*)([AJKm])$`);
const TOKENS = new RegExp(`${ESCAPE}\\[\\d*[AJKm]|[\\s\\S]`, 'g');

/** What a terminal shows after some output: it knows line ends, wrapping, and the sequences that are used. */
function terminal(columns: number, rows: number) {
  const lines: string[] = [''];
  let [row, column] = [0, 0];
  const put = (character: string): void => {
    if (column === columns) [row, column] = [row + 1, 0];
    const line = (lines[row] ?? '').padEnd(column);
    lines[row] = line.slice(0, column) + character + line.slice(column + 1);
    column++;
  };
  const write = (text: string): void => {
    for (const [token] of text.matchAll(TOKENS)) {
      const [, count = '', kind] = SEQUENCE.exec(token) ?? [];
      if (kind === 'A') {
        if (Number(count) >= rows) throw new Error('above the top of the terminal');
        row -= Number(count);
      } else if (kind === 'J') lines.splice(row, lines.length, (lines[row] ?? '').slice(0, column));
      else if (kind === 'K') lines[row] = (lines[row] ?? '').slice(0, column);
      else if (token === '\n') [row, column] = [row + 1, 0];
      else if (token === '\r') column = 0;
      else if (kind === undefined) put(token);
      lines[row] ??= '';
    }
  };
  return { output: { write, isTTY: true, columns, rows }, text: () => lines.join('\n').trimEnd() };
}

describe('the screen', () => {
  it('keeps lines, and replaces what stands below them', () => {
    const { output, text } = terminal(20, 10);
    output.write('$ polyagent watch\n');
    const screen = createScreen(output, true);
    screen.show('\nerror: a long line that is wrapped twice\n\nWatching');
    expect(text()).toBe('$ polyagent watch\n\nerror: a long line t\nhat is wrapped twice\n\nWatching');
    screen.print('one\n');
    expect(text()).toBe('$ polyagent watch\none');
    screen.show('Watching');
    screen.print('two\n');
    screen.show('Watching');
    expect(text()).toBe('$ polyagent watch\none\ntwo\nWatching');
    screen.show('');
    expect(text()).toBe('$ polyagent watch\none\ntwo');
  });

  it('cuts what the terminal cannot hold, and keeps the last line', () => {
    const { output, text } = terminal(20, 6);
    const screen = createScreen(output, true);
    screen.show(`${Array.from({ length: 30 }, (_, n) => `line ${n}`).join('\n')}\nWatching`);
    expect(text()).toBe('line 0\nline 1\nline 2\n…\nWatching');
    screen.show('Watching');
    expect(text()).toBe('Watching');
  });

  it('counts the columns of wide characters, and none for colours', () => {
    const { output, text } = terminal(10, 10);
    const screen = createScreen(output, true);
    screen.show('\x1b[31m0123456789\x1b[39m\nend');
    screen.show('x');
    expect(text()).toBe('x');
  });

  it('takes a terminal that does not know its size for one of 80 columns', () => {
    const written: string[] = [];
    const screen = createScreen({ write: (text: string) => written.push(text), isTTY: true, columns: 0, rows: 0 }, true);
    screen.show('one\ntwo');
    screen.show('');
    expect(written).toEqual(['one\ntwo', '\r\x1b[1A\x1b[J']);
  });

  it.each([
    ['', 'start\nours'],
    ['3 passed', 'start\n3 passed\nours'],
    ['3 passed\n', 'start\n3 passed\nours'],
    ['x', 'start\nx\nours'],
    ['0123456789', 'start\n0123456789\nours'],
    ['0123456789012345678', 'start\n0123456789\n012345678\nours'],
  ])('begins a line of its own behind another program that wrote %j', (theirs, expected) => {
    const { output, text } = terminal(10, 10);
    const screen = createScreen(output, true);
    screen.print('start\n');
    output.write(theirs);
    screen.newLine();
    screen.print('ours\n');
    expect(text().replaceAll(/ +$/gm, '')).toBe(expected);
  });

  it('loses nothing of what another program wrote where the width is not known', () => {
    const { output, text } = terminal(200, 10);
    const screen = createScreen({ ...output, columns: 0, getWindowSize: () => [0, 0] }, true);
    output.write('3 passed');
    screen.newLine();
    screen.print('ours\n');
    expect(text()).toBe('3 passed\nours');
  });

  it('shows nothing where nothing can be replaced', () => {
    let text = '';
    const screen = createScreen({ write: (more: string) => (text += more) }, false);
    screen.show('Watching');
    screen.print('one\n');
    expect(text).toBe('one\n');
  });
});

describe('the bar of progress', () => {
  const draw = (columns: number, env: { [name: string]: string } = {}, isQuiet = false, isTTY = true): string[] => {
    let ms = 0;
    const drawn: string[] = [];
    const stderr = { write: (text: string) => drawn.push(text), isTTY, columns };
    const bar = createProgressBar({ stderr, env }, isQuiet, () => ms);
    for (let done = 1; done <= 12_000; done++) {
      ms = done / 10;
      bar.update(done, 12_000);
    }
    bar.end();
    return drawn;
  };

  it('comes after 300 ms, ten times a second at most, and goes', () => {
    const drawn = draw(80);
    expect(drawn).toHaveLength(10);
    expect(drawn[0]).toBe(`\r[${'█'.repeat(7)}${'─'.repeat(23)}] 3,001/12,000 outputs, 10,000/s, 1 s left\x1b[K`);
    expect(drawn.at(-1)).toBe('\r\x1b[K');
  });

  it.each([60, 45, 30, 20, 10, 4])('fits into %i columns', (columns) => {
    for (const text of draw(columns)) expect(text.replace('\r', '').replace('\x1b[K', '').length).toBeLessThan(columns);
  });

  it('asks the terminal for its width when it was resized', () => {
    let [ms, width] = [0, 80];
    const drawn: string[] = [];
    const stderr = { write: (text: string) => drawn.push(text), isTTY: true, columns: 80, getWindowSize: () => [width, 24] as const };
    const bar = createProgressBar({ stderr, env: {} }, false, () => ms);
    for (ms of [0, 400]) bar.update(ms + 1, 1000);
    width = 20;
    ms = 600;
    bar.update(600, 1000);
    expect(drawn.map((text) => text.length > 24)).toEqual([true, false]);
  });

  it.each([
    ['in a pipe', draw(80, {}, false, false)],
    ['with --quiet', draw(80, {}, true)],
    ['in CI', draw(80, { CI: 'true' })],
    ['on a dumb terminal', draw(80, { TERM: 'dumb' })],
  ])('is silent %s', (_, drawn) => expect(drawn).toEqual([]));
});
