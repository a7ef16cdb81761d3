/** Where the cache of a project lies, in folders made for the purpose and on machines that are made up. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder, type Machine } from '../../src/project/cache/folder.js';

const SCRATCH = realpathSync(mkdtempSync(path.join(tmpdir(), 'polyagent-cache-')));
let made = 0;
let folder = '';

beforeEach(() => {
  folder = path.join(SCRATCH, String(made++));
  mkdirSync(folder);
});
afterAll(() => rmSync(SCRATCH, { recursive: true, force: true }));

const at = (...parts: string[]): string => path.join(folder, ...parts);
const machine = (more: Partial<Machine> = {}): Machine => ({ env: {}, platform: 'linux', home: () => at('home'), ...more });
const HASH = /^[0-9a-f]{16}$/;
// No mode keeps the superuser from writing.
const isSuperuser = process.getuid?.() === 0;

function make(...folders: string[]): void {
  for (const one of folders) mkdirSync(at(one), { recursive: true });
}

/** The folder with the hash at its end taken off. */
function base(root: string, more?: Partial<Machine>): string {
  const found = cacheFolder(at(root), machine(more));
  expect(path.basename(found)).toMatch(HASH);
  return path.relative(folder, path.dirname(found));
}

describe('the cache folder', () => {
  it('lies in the node_modules of the project, and is not made', () => {
    make('project/node_modules', 'project/agents');
    expect(cacheFolder(at('project'), machine())).toBe(at('project/node_modules/.cache/polyagent'));
    expect(cacheFolder(`${at('project')}/agents/..`, machine())).toBe(at('project/node_modules/.cache/polyagent'));
    expect(readdirSync(at('project/node_modules'))).toEqual([]);
  });

  it('is one for each member of a workspace, the same on every machine', () => {
    make('one/node_modules', 'one/packages/a', 'one/packages/b', 'two/node_modules', 'two/packages/a');
    expect(base('one/packages/a')).toBe('one/node_modules/.cache/polyagent');
    const [a, b, moved] = ['one/packages/a', 'one/packages/b', 'two/packages/a'].map((root) => cacheFolder(at(root), machine()));
    expect(a).not.toBe(b);
    expect(path.basename(String(a))).toBe(path.basename(String(moved)));
  });

  it('is one for each checkout that is linked to the packages of another one', () => {
    make('first/node_modules', 'second');
    symlinkSync(at('first/node_modules'), at('second/node_modules'), 'junction');
    expect(cacheFolder(at('first'), machine())).toBe(at('first/node_modules/.cache/polyagent'));
    expect(base('second')).toBe('second/node_modules/.cache/polyagent');
  });

  it('is one for a project, by whichever path it is reached', () => {
    make('project');
    symlinkSync(at('project'), at('link'), 'junction');
    expect(cacheFolder(at('link'), machine())).toBe(cacheFolder(at('project'), machine()));
  });

  it('is where CACHE_DIR says, unless that is a switch', () => {
    make('project/node_modules');
    expect(base('project', { env: { CACHE_DIR: at('given') } })).toBe('given/polyagent');
    expect(base('project', { env: { CACHE_DIR: '.given' } })).toBe('project/.given/polyagent');
    for (const CACHE_DIR of ['true', 'false', '0', '1', '']) {
      expect(cacheFolder(at('project'), machine({ env: { CACHE_DIR } }))).toBe(at('project/node_modules/.cache/polyagent'));
    }
  });

  it('is the one of the platform where there are no packages', () => {
    make('project');
    // The folders above the scratch folder must have none either.
    expect(base('project')).toBe('home/.cache/polyagent');
    expect(base('project', { env: { XDG_CACHE_HOME: at('xdg') } })).toBe('xdg/polyagent');
    expect(base('project', { env: { XDG_CACHE_HOME: 'relative' } })).toBe('home/.cache/polyagent');
    expect(base('project', { platform: 'darwin', env: { XDG_CACHE_HOME: at('xdg') } })).toBe('home/Library/Caches/polyagent');
    expect(base('project', { platform: 'win32' })).toBe('home/AppData/Local/polyagent');
    expect(base('project', { platform: 'win32', env: { LOCALAPPDATA: at('local') } })).toBe('local/polyagent');
  });

  it.skipIf(isSuperuser)('is the one of the platform where packages cannot be written, and stays where it can be', () => {
    make('project/node_modules', 'owned/node_modules/.cache/polyagent');
    for (const root of ['project', 'owned']) chmodSync(at(root, 'node_modules'), 0o555);
    expect(base('project')).toBe('home/.cache/polyagent');
    expect(cacheFolder(at('owned'), machine())).toBe(at('owned/node_modules/.cache/polyagent'));
    for (const root of ['project', 'owned']) chmodSync(at(root, 'node_modules'), 0o755);
  });

  it('is the one of the platform where a file lies in the way', () => {
    make('project/node_modules', 'other');
    writeFileSync(at('project/node_modules/.cache'), '');
    writeFileSync(at('other/node_modules'), '');
    expect(base('project')).toBe('home/.cache/polyagent');
    expect(base('other')).toBe('home/.cache/polyagent');
  });

  it('is in the project for a user without a home', () => {
    make('project');
    const home = (): string => {
      throw new Error('ENOENT');
    };
    expect(cacheFolder(at('project'), machine({ home }))).toBe(at('project/node_modules/.cache/polyagent'));
  });
});
