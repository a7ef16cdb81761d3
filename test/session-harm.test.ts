/**
 * Builds of a session that goes on: one dies after some edits, or in one; others write to its folder meanwhile. Whatever
 * happens, the next build ends in the bytes of a clean one.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JOURNAL, LOCK, MANIFEST } from '../src/project/own-files.js';
import { openSession, type Session } from '../src/project/session.js';
import type { BuildResult } from '../src/project/update.js';
import { dieAt, patchDisk, restoreDisk, systemError } from './changed-disk.js';
import { type Files, lastingOutputsIn, writeFiles } from './project-files.js';
import { DONE, type Ran, runMain } from './run-main.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const SCRATCH = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'polyagent-session-')));
const TARGETS = ['claude-code', 'agents-md'];
const OTHERS = ['codex', 'cursor'];
const CLAUDE = 'dist/claude-code/.claude/agents';

let folder = '';
let made = 0;
beforeEach(fresh);
afterEach(restoreDisk);
afterAll(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));

/** A new project. */
function fresh(): void {
  folder = path.join(SCRATCH, String(made++));
  write({ 'agents/a.md': agent('a', 'one'), 'agents/b.md': agent('b', 'one'), 'agents/c.md': agent('c', 'one') });
}

const at = (...parts: string[]): string => path.join(folder, ...parts);
const agent = (name: string, words: string): string =>
  `---\nname: ${name}\ndescription: Does ${name}, ${words}.\n---\nThe body says ${words}.\n`;

const write = (files: Files): void => writeFiles(folder, files);
const build = (to: readonly string[] = TARGETS, cwd = folder): Promise<Ran> => runMain(cwd, 'build', '-q', '--to', to.join());

/** A whole build of another process, with other targets. */
function buildElsewhere(): void {
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'build', '-q', '--to', OTHERS.join()], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** What a clean build of the sources makes. */
async function cleanBuild(to: readonly string[]): Promise<Files> {
  const other = path.join(SCRATCH, String(made++));
  fs.cpSync(at('agents'), path.join(other, 'agents'), { recursive: true });
  expect(await build(to, other)).toEqual(DONE);
  const clean = lastingOutputsIn(other);
  expect(clean).not.toEqual({});
  return clean;
}

async function expectClean(to: readonly string[] = TARGETS): Promise<void> {
  expect(await build(to)).toEqual(DONE);
  expect(lastingOutputsIn(folder)).toEqual(await cleanBuild(to));
}

async function open(): Promise<Session> {
  const session = await openSession({ cwd: folder, to: TARGETS });
  expect(codes(await session.update())).toEqual([]);
  return session;
}

const codes = ({ diagnostics }: BuildResult): string[] =>
  diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);

/** Edits an agent, and has it built. */
async function edit(session: Session, name: string, words: string): Promise<string[]> {
  write({ [`agents/${name}.md`]: agent(name, words) });
  return codes(await session.update(new Set([at('agents', `${name}.md`)])));
}

const said = (name: string): string => fs.readFileSync(at(CLAUDE, `${name}.md`), 'utf8');

describe('a session that dies', () => {
  it('leaves journals, which the next build takes up', async () => {
    const session = await open();
    for (const words of ['two', 'three']) for (const name of ['a', 'b']) expect(await edit(session, name, words)).toEqual([]);
    expect(fs.existsSync(at('dist', JOURNAL))).toBe(true);
    expect(said('a')).toContain('three');
    write({ 'agents/a.md': agent('a', 'four') });
    fs.rmSync(at('agents/b.md'));
    await expectClean();
  });

  it.each(['page', 'half', 'after'] as const)('in an edit does no harm: %s', async (how) => {
    for (let n = 1; ; n++) {
      fresh();
      const session = await open();
      await edit(session, 'a', 'two');
      write({ 'agents/a.md': agent('a', 'three') });
      const count = dieAt(n, how);
      await session.update(new Set([at('agents/a.md')])).catch(() => undefined);
      restoreDisk();
      if (n % 2 === 0) write({ 'agents/a.md': agent('a', 'four') });
      await expectClean();
      if (count() < n) break;
      expect(n).toBeLessThan(40);
    }
  });

  it('leaves nothing after its end', async () => {
    const session = await open();
    await edit(session, 'a', 'two');
    await session.close();
    expect(fs.existsSync(at('dist', JOURNAL))).toBe(false);
    expect(lastingOutputsIn(folder)).toEqual(await cleanBuild(TARGETS));
  });
});

describe('what fails in an edit', () => {
  it.each([JOURNAL, 'a.md', '.a.md', LOCK])('is told, and mended by the next build: %s', async (place) => {
    const session = await open();
    patchDisk(({ file, name, make }) => {
      if (path.basename(file).startsWith(place) && file.startsWith(at('dist')))
        throw systemError('EACCES', name === 'renameSync' ? 'rename' : 'open', file);
      return make();
    });
    expect(await edit(session, 'a', 'two')).toEqual(
      place === LOCK ? [] : ['output-blocked', ...(place === JOURNAL ? ['output-blocked'] : [])],
    );
    restoreDisk();
    expect(codes(await session.update())).toEqual([]);
    expect(said('a')).toContain('two');
    await session.close();
    await expectClean();
  });
});

describe('between two edits', () => {
  it('another build may write', async () => {
    const session = await open();
    await edit(session, 'a', 'two');
    buildElsewhere();
    expect(await edit(session, 'a', 'three')).toEqual([]);
    expect(await edit(session, 'b', 'three')).toEqual([]);
    await session.close();
    await expectClean([...TARGETS, ...OTHERS]);
  });

  it.each([
    ['just before the lock is taken', 'openSync'],
    ['as soon as the lock is released', 'unlinkSync'],
  ])('another build may write, %s', async (_title, call) => {
    const session = await open();
    await edit(session, 'a', 'two');
    let isOver = false;
    patchDisk(({ name, file, make }) => {
      const isIt = !isOver && name === call && path.basename(file) === LOCK;
      if (isIt && call === 'openSync') buildElsewhere();
      const result = make();
      if (isIt && call === 'unlinkSync') buildElsewhere();
      isOver ||= isIt;
      return result;
    });
    expect(await edit(session, 'a', 'three')).toEqual([]);
    restoreDisk();
    expect(isOver).toBe(true);
    expect(await edit(session, 'b', 'three')).toEqual([]);
    await session.close();
    expect(fs.existsSync(at('dist', JOURNAL))).toBe(false);
    const owned = Object.keys((JSON.parse(fs.readFileSync(at('dist', MANIFEST), 'utf8')) as { files: object }).files);
    expect(owned).toEqual(
      expect.arrayContaining(['codex/.codex/agents/a.toml', 'cursor/.cursor/agents/b.md', 'claude-code/.claude/agents/a.md']),
    );
    write({ 'agents/a.md': agent('a', 'four'), 'agents/c.md': agent('c', 'four') });
    await expectClean([...TARGETS, ...OTHERS]);
  });

  it('an output may be edited: it stays, until it is as it was', async () => {
    const session = await open();
    await edit(session, 'a', 'two');
    fs.appendFileSync(at(CLAUDE, 'a.md'), 'By hand.\n');
    expect(await edit(session, 'b', 'three')).toEqual([]);
    expect(await edit(session, 'a', 'three')).toEqual(['output-edited']);
    expect(said('a')).toBe(`${agent('a', 'two')}By hand.\n`);
    await session.close();
    expect(await build()).toMatchObject({ code: 1, text: expect.stringContaining('output-edited') });
    fs.writeFileSync(at(CLAUDE, 'a.md'), agent('a', 'two'));
    await expectClean();
  });

  it.each([[[JOURNAL]], [['.']]])('%j may be deleted', async (gone) => {
    const session = await open();
    await edit(session, 'a', 'two');
    for (const name of gone) fs.rmSync(at('dist', name), { recursive: true });
    expect(await edit(session, 'b', 'three')).toEqual([]);
    expect(await edit(session, 'c', 'three')).toEqual([]);
    await session.close();
    await expectClean();
    expect(fs.existsSync(at('dist', JOURNAL))).toBe(false);
  });

  it.each([[[MANIFEST]], [[MANIFEST, JOURNAL]]])('%j may be deleted: then what is there counts as the user’s', async (gone) => {
    const session = await open();
    await edit(session, 'a', 'two');
    for (const name of gone) fs.rmSync(at('dist', name), { recursive: true });
    expect(new Set(await edit(session, 'b', 'three'))).toEqual(new Set(['output-foreign']));
    expect(said('b')).toBe(agent('b', 'one'));
    expect(await edit(session, 'b', 'one')).toEqual([]);
    expect(await edit(session, 'b', 'four')).toEqual([]);
    await session.close();
    await expectClean();
    expect(fs.existsSync(at('dist', JOURNAL))).toBe(false);
  });

  it('an output may be deleted, or its folder', async () => {
    const session = await open();
    fs.rmSync(at(CLAUDE, 'a.md'));
    expect(await edit(session, 'a', 'two')).toEqual([]);
    fs.rmSync(at('dist/claude-code'), { recursive: true });
    expect(await edit(session, 'a', 'three')).toEqual([]);
    expect(said('a')).toContain('three');
    await session.close();
    await expectClean();
  });
});
