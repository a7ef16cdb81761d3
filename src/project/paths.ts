/** Paths: how they are compared and shown. */
import { realpathSync } from 'node:fs';
import path from 'node:path';

/** The real path of the nearest part of a path that exists, with the rest behind it. */
export function realOf(file: string): string {
  try {
    return realpathSync.native(file);
  } catch {
    const parent = path.dirname(file);
    return parent === file ? file : path.join(realOf(parent), path.basename(file));
  }
}

/** Whether a path is a folder, or lies below it. */
export function isInside(file: string, root: string): boolean {
  const relative = path.relative(root, file);
  return relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative));
}

/** Globs and messages use `/`. */
export const slashed = (file: string): string => (path.sep === '\\' ? file.replaceAll('\\', '/') : file);
