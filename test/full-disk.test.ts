/**
 * What cannot be written is told, file by file, and harms nothing: the disk is full from some write on, or for one of them;
 * a folder, the manifest or the journal may not be written. The next build, which may, ends as a clean one.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type DiskChange, patchDisk, restoreDisk, systemError } from './changed-disk.js';
import { giveToNobody, IS_ROOT, runAsNobody } from './nobody.js';
import { type Files, lastingOutputsIn } from './project-files.js';
import { type Ran, runMain } from './run-main.js';

const SCRATCH = fs.mkdtempSync(path.join(tmpdir(), 'polyagent-full-'));
const TARGETS = ['claude-code', 'agents-md', 'codex'];

afterEach(restoreDisk);
afterAll(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));

const build = (folder: string): Promise<Ran> => runMain(folder, 'build', '--to', TARGETS.join());

const buildAsNobody = (folder: string): Ran => runAsNobody(folder, 'build', '--to', TARGETS.join());

const agent = (name: string, words: string): string => `---\nname: ${name}\ndescription: Use for ${words}.\n---\nYou help with ${words}.\n`;

function write(folder: string, agents: { readonly [name: string]: string }): void {
  fs.rmSync(path.join(folder, 'agents'), { recursive: true, force: true });
  fs.mkdirSync(path.join(folder, 'agents'), { recursive: true });
  for (const [name, words] of Object.entries(agents)) fs.writeFileSync(path.join(folder, 'agents', `${name}.md`), agent(name, words));
}

/** A project that was built, and has changed since. */
async function prepared(name: string, built = true): Promise<string> {
  const folder = path.join(SCRATCH, name);
  write(folder, { one: 'letters', two: 'numbers', three: 'colours' });
  if (built) await build(folder);
  write(folder, { one: 'letters', two: 'large numbers', four: 'long\n'.repeat(2000) });
  return folder;
}

let known: Files | undefined;
/** What a clean build makes. */
async function clean(): Promise<Files> {
  if (!known) {
    const folder = await prepared('clean', false);
    expect(await build(folder)).toMatchObject({ code: 0 });
    known = lastingOutputsIn(folder);
  }
  return known;
}

/** The build failed, and each output that is not as it should be was named. */
async function expectNamed(folder: string, { code, text }: Ran, title = ''): Promise<void> {
  expect(code, title).toBe(1);
  const [now, wanted] = [lastingOutputsIn(folder), await clean()];
  for (const file of new Set([...Object.keys(now), ...Object.keys(wanted)])) {
    if (now[file] !== wanted[file] && !/^\.|\/$/.test(file)) expect(text, `${title}: ${file}`).toContain(`dist/${file}`);
  }
}

async function expectMended(folder: string, title = ''): Promise<void> {
  expect(await build(folder), title).toMatchObject({ code: 0 });
  expect(lastingOutputsIn(folder), title).toEqual(await clean());
}

/** Fails as a system does that has no room: what fits is written. */
function failFor(code: string, { name, file, makePart }: DiskChange): never {
  if (name === 'writeFileSync' || name === 'appendFileSync' || name === 'writeSync') {
    makePart((length) => Math.floor(length / 2));
    throw systemError(code, 'write', file);
  }
  throw systemError(code, name.replace('Sync', ''), file);
}

const NEEDS_ROOM: readonly string[] = ['writeFileSync', 'appendFileSync', 'writeSync', 'mkdirSync', 'openSync'];

describe.each([
  ['from some write on', (at: number, n: number) => at >= n],
  ['for one write', (at: number, n: number) => at === n],
])('the disk is full %s', (title, isFull) => {
  it.each([
    ['the first build', false],
    ['a build that changes, adds and removes', true],
  ])(
    'in %s',
    async (_title, built) => {
      await clean();
      let failed = 0;
      for (let n = 1; ; n++) {
        const folder = await prepared(`${title}-${built}-${n}`, built);
        let count = 0;
        let hit = '';
        patchDisk((change) => {
          if (!NEEDS_ROOM.includes(change.name) || !isFull(++count, n)) return change.make();
          // What is kept for the next build is nobody's loss.
          if (change.file.startsWith(folder)) hit ||= path.basename(change.file);
          return failFor('ENOSPC', change);
        });
        const ran = await build(folder);
        restoreDisk();
        // Without a lock a build goes on.
        if (ran.code !== 0 || (hit !== '' && hit !== '.polyagent.lock' && hit !== 'dist'))
          await expectNamed(folder, ran, `write ${n}, ${hit}`);
        failed += ran.code === 0 ? 0 : 1;
        await expectMended(folder, `after write ${n}, ${hit}`);
        fs.rmSync(folder, { recursive: true });
        if (hit === '') break;
      }
      expect(failed).toBeGreaterThan(12);
    },
    60_000,
  );
});

describe('a place that may not be written', () => {
  it.each([
    ['the output folder', 'dist/', 'EROFS'],
    ['the folder of a target', 'dist/codex/', 'EACCES'],
    ['a shared file', 'dist/agents-md/', 'EPERM'],
    ['the manifest', 'dist/.polyagent.json', 'EACCES'],
    ['the manifest, and its draft', '.polyagent.json', 'EIO'],
    ['the journal', 'dist/.polyagent.journal', 'EACCES'],
    ['the lock', 'dist/.polyagent.lock', 'EACCES'],
  ])('%s', async (title, place, code) => {
    for (const built of [false, true]) {
      const folder = await prepared(`${title}-${built}`, built);
      fs.mkdirSync(path.join(folder, 'dist'), { recursive: true });
      const before = lastingOutputsIn(folder);
      patchDisk((change) => {
        const file = path.relative(folder, change.file);
        if (!(place.startsWith('dist') ? file.startsWith(place) : file.includes(place))) return change.make();
        throw systemError(code, change.name === 'writeFileSync' ? 'open' : change.name.replace('Sync', ''), change.file);
      });
      const ran = await build(folder);
      restoreDisk();
      if (title === 'the lock') expect(ran).toMatchObject({ code: 0 });
      else {
        await expectNamed(folder, ran, title);
        expect(ran.text).toContain(code);
        if (title.startsWith('the manifest')) expect(ran.text.match(/output-blocked/g)).toHaveLength(1);
        if (title === 'the journal') expect(ran.text).toContain('.polyagent.journal');
        for (const [file, content] of Object.entries(lastingOutputsIn(folder))) {
          if (before[file] !== content && !file.startsWith('.')) expect(content, file).toBe((await clean())[file]);
        }
      }
      await expectMended(folder, title);
    }
  });
});

describe.skipIf(process.platform === 'win32')('really', () => {
  it.each([
    ['the output folder', 'dist', 0o555],
    ['the folder of a target', 'dist/codex/.codex/agents', 0o555],
    ['a folder that cannot be entered', 'dist/codex', 0o000],
    ['the manifest, which cannot be read', 'dist/.polyagent.json', 0o000],
  ])('%s', async (title, place, mode) => {
    const folder = await prepared(`really-${title}`);
    giveToNobody(folder);
    const before = fs.statSync(path.join(folder, place)).mode;
    fs.chmodSync(path.join(folder, place), mode);
    const ran = buildAsNobody(folder);
    fs.chmodSync(path.join(folder, place), before);
    if (place.endsWith('.json'))
      expect(ran).toMatchObject({ code: 2, text: expect.stringContaining('.polyagent.json cannot be read (EACCES)') });
    else await expectNamed(folder, ran, title);
    expect(ran.text).toContain('EACCES');
    await expectMended(folder, title);
  });

  it('another user goes on where one was killed', async ({ skip }) => {
    if (!IS_ROOT) skip('only root can be two users');
    const folder = await prepared('another user');
    giveToNobody(folder);
    // What the other user cannot write, in a folder that it can.
    const line = JSON.stringify([
      'claude-code/.claude/agents/four.md',
      { hash: 'x', pending: [], source: '../agents/four.md', target: 'claude-code' },
    ]);
    fs.writeFileSync(path.join(folder, 'dist/.polyagent.journal'), `\n${line}\n`);
    fs.writeFileSync(path.join(folder, 'dist/claude-code/.claude/agents/four.md'), '');
    await expectNamed(folder, buildAsNobody(folder));
    expect(buildAsNobody(folder)).toMatchObject({ code: 0 });
    expect(lastingOutputsIn(folder)).toEqual(await clean());
  });

  it('a small disk', async ({ skip }) => {
    const folder = path.join(SCRATCH, 'small');
    const disk = path.join(folder, 'dist');
    fs.mkdirSync(disk, { recursive: true });
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96k', 'tmpfs', disk]).status === 0;
    if (!mounted) skip('no file system can be mounted here');
    let failed = 0;
    try {
      for (let room = 0; room <= 48; room += 4) {
        await prepared('small');
        const filler = path.join(disk, 'filler');
        const { bavail, bsize } = fs.statfsSync(disk);
        fs.writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - room * 1024)));
        const ran = await build(folder);
        fs.rmSync(filler);
        failed += ran.code === 0 ? 0 : 1;
        if (ran.code !== 0) await expectNamed(folder, ran, `${room} KiB`);
        await expectMended(folder, `${room} KiB`);
        for (const name of fs.readdirSync(disk)) fs.rmSync(path.join(disk, name), { recursive: true });
      }
      expect(failed).toBeGreaterThan(3);
    } finally {
      spawnSync('umount', [disk]);
    }
  }, 60_000);
});
