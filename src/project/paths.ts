/** Paths: how they are compared and shown. */
import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { oncePer } from './once-per.js';
import { codeOf } from './system-error.js';

/** The real path of the nearest part of a path that exists, with the rest behind it. */
export function realOf(file: string): string {
  try {
    return realpathSync.native(file);
  } catch {
    const parent = path.dirname(file);
    return parent === file ? file : path.join(realOf(parent), path.basename(file));
  }
}

/** Gives the real paths of many files that lie in a few folders. */
export function createRealPaths(): (file: string) => string {
  const realFolder = oncePer(realOf);
  return (file) => (isLink(file) ? realOf(file) : path.join(realFolder(path.dirname(file)), path.basename(file)));
}

/** A link on the way to a file. */
export interface Link {
  readonly link: string;
  /** Where it leads: of a file what it says, of a folder in full. */
  readonly leads: string;
}

/** The file itself, when it is a link, or the topmost folder below a given one that is a link out of it. */
export function linkOnWay(file: string, within: string): Link | undefined {
  const way = path.relative(within, file).split(path.sep).slice(0, -1);
  for (let count = 1; count <= way.length; count++) {
    const folder = path.join(within, ...way.slice(0, count));
    if (isLink(folder) && !isInside(realOf(folder), realOf(within))) return { link: folder, leads: realOf(folder) };
  }
  try {
    return { link: file, leads: readlinkSync(file) };
  } catch {
    return undefined;
  }
}

/** Where it cannot be told, it may be one. */
function isLink(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() !== false;
  } catch {
    return true;
  }
}

/** Whether a path is a folder, or lies below it. */
export function isInside(file: string, root: string): boolean {
  const relative = path.relative(root, file);
  return relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative));
}

/** What lies in the place of a folder, or on the way to it, and is none; nothing when the folder is there or can be made. */
export function inPlaceOf(folder: string): string | undefined {
  for (let at = folder; ; at = path.dirname(at)) {
    try {
      if (statSync(at).isDirectory()) return undefined;
      return at;
    } catch (error) {
      const code = codeOf(error);
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || path.dirname(at) === at) return undefined;
    }
  }
}

/** Globs and messages use `/`. */
export const slashed = (file: string): string => (path.sep === '\\' ? file.replaceAll('\\', '/') : file);

/** A file as it is from a folder, with `/`: how messages and manifests name it. */
export const pathFrom = (folder: string, file: string): string => slashed(path.relative(folder, file));

/** The folder that a pattern begins with; of another source, itself. */
export const folderOf = (source: string): string => source.replace(/[^/]*[*?{[(].*$/s, '');
