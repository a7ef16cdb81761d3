/** A project in which no agents are found: the last one was deleted, or something is wrong with where they are looked for. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Looks } from './cache/looks.js';
import { missingSubmodule } from './hidden.js';
import type { Manifest } from './manifest.js';
import { MANIFEST } from './own-files.js';
import { isInside, pathFrom } from './paths.js';
import type { Settings } from './settings.js';
import { UsageError } from './usage-error.js';

type Manifests = ReadonlyMap<string, Manifest>;

/** Whether manifests say that something was made of a file below a folder. */
const isKnownFolder = (folder: string, manifests: Manifests): boolean =>
  sourcesIn(manifests).some((source) => source !== folder && isInside(source, folder));

/** What to do where a folder is missing of whose agents there are outputs. */
const MISSING_FOLDER =
  'What was made of its agents stays. Bring it back; or, when they are gone for good, make an empty folder of that name, or take it out of the config: then the next build removes their outputs.';

export const helpOnMissing = (folder: string, manifests: Manifests): string | undefined =>
  isKnownFolder(folder, manifests) ? MISSING_FOLDER : undefined;

/**
 * Throws a UsageError where a build finds no agents, unless it is to remove the outputs of the last ones. For that every place
 * where agents are looked for must be there and readable, and none of the sources that the manifests know of may be left: a
 * pattern that matches nothing is more likely misspelt. After it an empty manifest stays, with which there is nothing to do.
 */
export function refuseNone({ sources, sourceRoot, sourceFolders, complete }: Settings, manifests: Manifests, looks: Looks): void {
  const missing = sourceFolders.find((folder) => looks.kindOf(folder) === 'none');
  if (missing !== undefined && isKnownFolder(missing, manifests))
    throw new UsageError(`There is no folder ${pathFrom(sourceRoot, missing)}`, MISSING_FOLDER);
  const [closed, reason] = [...looks.closed].find(([one]) => sourceFolders.some((folder) => isInside(one, folder))) ?? [];
  if (closed !== undefined)
    throw new UsageError(
      `No agents in ${sources.join(', ')}: ${pathFrom(sourceRoot, closed) || '.'} cannot be read (${reason})`,
      'Make it readable.',
    );
  const submodule = sourceFolders.find((folder) => missingSubmodule(folder) !== undefined);
  if (submodule !== undefined)
    throw new UsageError(
      `No agents in ${pathFrom(sourceRoot, submodule) || '.'}, a Git submodule that is not checked out`,
      'Run `git submodule update --init`. What was made of its agents stays.',
    );
  const known = sourcesIn(manifests).filter((source) => sourceFolders.some((folder) => isInside(source, folder)));
  const isDone = complete && [...manifests].every(([, { size }]) => size === 0) && hasManifest(manifests);
  if (missing === undefined && (known.length > 0 ? !known.some((source) => existsSync(source)) : isDone)) return;
  throw noAgents(sources);
}

export const noAgents = (sources: readonly string[]): UsageError =>
  new UsageError(`No agents in ${sources.join(', ')}`, 'An agent is a Markdown file (`.md`) with front matter.');

const hasManifest = (manifests: Manifests): boolean => [...manifests.keys()].some((folder) => existsSync(path.join(folder, MANIFEST)));

/** The absolute paths of the files that outputs were made of. */
const sourcesIn = (manifests: Manifests): string[] =>
  [...manifests].flatMap(([folder, manifest]) => [...new Set([...manifest.values()].map(({ source }) => path.resolve(folder, source)))]);
