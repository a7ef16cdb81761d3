/** Where things lie that can be made again, and may be thrown away at any time. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { realOf, slashed } from '../paths.js';
import { shortHashOf } from './inputs.js';

const NAME = 'polyagent';

/** Values of CACHE_DIR that switch the caches of other programs on or off, and name no folder. */
const SWITCHES = ['true', 'false', '1', '0'];

/** What the answer depends on beside the disk. Tests give their own. */
export interface Machine {
  readonly env: { readonly [name: string]: string | undefined };
  readonly platform: NodeJS.Platform;
  /** The home of the user. Throws when there is none. */
  readonly home: () => string;
}

const THIS: Machine = { env: process.env, platform: process.platform, home: homedir };

/**
 * The folder for what a project at `root` can do without: `node_modules/.cache/polyagent` of the nearest folder that has
 * packages, as other tools do it, the variable CACHE_DIR included; where there is none, or it cannot be written, the
 * platform's folder for caches. Projects that would share a folder have one of their own in it. Nothing is made.
 */
export function cacheFolder(root: string, machine: Machine = THIS): string {
  const project = path.join(NAME, shortHashOf(realOf(root)));
  const named = machine.env.CACHE_DIR;
  if (named && !SWITCHES.includes(named)) return path.resolve(root, named, project);
  const packages = nearestPackages(root);
  const found = packages && folderIn(packages, root);
  if (found !== undefined && isWritable(found)) return found;
  const base = platformFolder(machine);
  return base === undefined ? path.resolve(root, 'node_modules', '.cache', NAME) : path.join(base, project);
}

/** The nearest `node_modules` at or above a folder. */
function nearestPackages(root: string): string | undefined {
  for (let at = path.resolve(root); ; at = path.dirname(at)) {
    const packages = path.join(at, 'node_modules');
    if (isFolder(packages)) return packages;
    if (at === path.dirname(at)) return undefined;
  }
}

/**
 * The project's folder in `node_modules`. The members of a workspace, and checkouts that are linked to one `node_modules`,
 * are told apart by their way from there: it is the same on every machine.
 */
function folderIn(packages: string, root: string): string {
  const way = slashed(path.relative(realOf(packages), realOf(root)));
  return path.join(packages, '.cache', NAME, ...(way === '..' ? [] : [shortHashOf(way)]));
}

/** Whether a folder can be written, or made: the nearest part of it that is there decides. */
function isWritable(folder: string): boolean {
  if (!existsSync(folder)) return isWritable(path.dirname(folder));
  try {
    accessSync(folder, constants.W_OK);
    return isFolder(folder);
  } catch {
    return false;
  }
}

function isFolder(file: string): boolean {
  try {
    return statSync(file).isDirectory();
  } catch {
    return false;
  }
}

/**
 * The platform's folder for the caches of a user; `undefined` when the user has no home. The package `env-paths` knows the
 * same, but looks for the home when it is loaded, and ends a program whose user has none.
 */
function platformFolder({ env, platform, home }: Machine): string | undefined {
  const named = platform === 'win32' ? env.LOCALAPPDATA : platform === 'darwin' ? undefined : env.XDG_CACHE_HOME;
  // The XDG specification has relative paths ignored.
  if (named && path.isAbsolute(named)) return named;
  const below = { win32: ['AppData', 'Local'], darwin: ['Library', 'Caches'] }[platform as string] ?? ['.cache'];
  try {
    return path.join(home(), ...below);
  } catch {
    return undefined;
  }
}
