/** Paths: how they are compared and shown. */
import { lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { oncePer } from './once-per.js';

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

/** Globs and messages use `/`. */
export const slashed = (file: string): string => (path.sep === '\\' ? file.replaceAll('\\', '/') : file);

/** A file as it is from a folder, with `/`: how messages and manifests name it. */
export const pathFrom = (folder: string, file: string): string => slashed(path.relative(folder, file));
