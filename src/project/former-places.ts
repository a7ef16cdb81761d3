/** Places in which a config had its outputs and has none any more, as the manifests say that lie there. */
import { closeSync, existsSync, openSync, readSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Manifest, projectIn } from './manifest.js';
import { MANIFEST } from './own-files.js';
import { realOf } from './paths.js';
import type { Settings } from './settings.js';

/**
 * Where outputs of an earlier config are looked for: in place, and in the folder that is the default. Other folders are not
 * known any more.
 * @param folders those in which outputs lie now
 */
export const otherPlaces = (root: string, folders: readonly string[]): string[] =>
  [root, path.join(root, 'dist')].map(realOf).filter((folder) => !folders.includes(folder));

/** Whether the manifest of a folder was last written by this project, with the place that its config gave. */
export function isPlaceOf(folder: string, project: string): boolean {
  const named = projectIn(beginningOf(path.join(folder, MANIFEST)));
  return named !== undefined && path.resolve(folder, named) === project;
}

/** A manifest may have many megabytes; whose it is stands at its beginning. */
function beginningOf(file: string): string {
  const bytes = Buffer.alloc(8192);
  try {
    const descriptor = openSync(file, 'r');
    try {
      return bytes.toString('utf8', 0, readSync(descriptor, bytes));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}

/** Takes manifests away that list nothing any more, in places that have no outputs. Nobody else may write meanwhile. */
export function clearPlaces({ formerFolders }: Settings, manifests: ReadonlyMap<string, Manifest>): void {
  for (const folder of formerFolders) if (manifests.get(folder)?.size === 0) rmSync(path.join(folder, MANIFEST), { force: true });
}

/** Settings without places in which nothing was left to be listed: nothing will come there any more. */
export function withoutCleared(settings: Settings): Settings {
  const isLeft = (folder: string): boolean => !settings.formerFolders.includes(folder) || existsSync(path.join(folder, MANIFEST));
  return settings.manifestFolders.every(isLeft) ? settings : { ...settings, manifestFolders: settings.manifestFolders.filter(isLeft) };
}

/** Removes the places that are empty then; not where a link leads to. */
export function removeEmptyPlaces({ formerFolders, root }: Settings): void {
  for (const folder of formerFolders) {
    if (folder !== path.join(realOf(root), 'dist')) continue;
    try {
      rmdirSync(folder);
    } catch {
      // It is not empty, or gone.
    }
  }
}
