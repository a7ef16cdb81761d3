/** Which files are agents, and which fragments they may use. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { globSync, isDynamicPattern } from 'tinyglobby';
import { createLooks, type Looks } from './cache/looks.js';
import { folderOf, isInside, pathFrom, slashed } from './paths.js';
import type { Settings } from './settings.js';
import { UsageError } from './usage-error.js';

/** Papers that lie beside agents and are none. */
export const PAPERS = [
  'README',
  'CHANGELOG',
  'LICENSE',
  'LICENCE',
  'CONTRIBUTING',
  'CODE_OF_CONDUCT',
  'SECURITY',
  'AGENTS',
  'CLAUDE',
  'GEMINI',
];
const IGNORED = ['**/fragments/**', '**/_*', '**/node_modules/**', ...PAPERS.map((name) => `**/${name}.md`)];

/** A fragment: its name is its path below the folder, without `.md`. */
export interface FragmentPath {
  readonly name: string;
  readonly file: string;
}

/**
 * The absolute paths of all agents, sorted. Throws a UsageError when a source is not there, or the folder that a pattern begins with.
 * @param helpOn what to do about a path that is not there, when something is known of it
 * @param onNothing is told of patterns that match no file
 */
export function findAgents(
  { sources, sourceRoot, outDir }: Settings,
  looks: Looks,
  helpOn: (missing: string) => string | undefined = () => undefined,
  onNothing: (pattern: string) => void = () => undefined,
): string[] {
  const excluded = sources.filter((source) => source.startsWith('!')).map((source) => source.slice(1));
  const found = new Set<string>();
  for (const source of sources) {
    if (source.startsWith('!')) continue;
    const absolute = path.resolve(sourceRoot, source);
    const kind = looks.kindOf(absolute);
    if (kind === 'file') found.add(absolute);
    else if (kind === 'folder') for (const file of walk('**/*.md', absolute, outDir, looks)) found.add(file);
    else if (isDynamicPattern(source)) {
      const base = path.resolve(sourceRoot, folderOf(source));
      if (looks.kindOf(base) === 'none') {
        const help = helpOn(base) ?? `Nothing can match ${source}. Correct it, or take it out.`;
        throw new UsageError(`There is no folder ${pathFrom(sourceRoot, base)}`, help);
      }
      const files = walk(source, sourceRoot, outDir, looks);
      if (files.length === 0) onNothing(source);
      for (const file of files) found.add(file);
    } else {
      throw noSource(source, helpOn(absolute));
    }
  }
  const gone =
    excluded.length > 0
      ? new Set(
          globSync(excluded.map(slashed), { cwd: sourceRoot, absolute: true, dot: true, fs: looks.fs }).map((file) => path.resolve(file)),
        )
      : new Set();
  return [...found].filter((file) => !gone.has(file)).sort();
}

const noSource = (source: string, help = 'Name a folder of agents, an agent, or a glob in quotes.'): UsageError =>
  new UsageError(`There is no file or folder ${source}`, help);

/**
 * Throws a UsageError, as `findAgents` does, for a source that is not there, though it will be in a moment: an output folder
 * lies in it, which a build makes to lock it.
 */
export function refuseMissing(
  { sources, sourceRoot, manifestFolders }: Settings,
  looks: Looks,
  helpOn: (missing: string) => string | undefined,
): void {
  for (const source of sources) {
    const absolute = path.resolve(sourceRoot, source);
    if (source.startsWith('!') || isDynamicPattern(source) || !manifestFolders.some((folder) => isInside(folder, absolute))) continue;
    if (looks.kindOf(absolute) === 'none') throw noSource(source, helpOn(absolute));
  }
}

/** The fragments that the agents may use: those of the config, or of folders `fragments` beside the sources and above. */
export function findFragments({ fragments, sources, sourceRoot }: Settings, agents: readonly string[], looks: Looks): FragmentPath[] {
  const folders = fragments ?? nearbyFolders(sources, sourceRoot, agents, looks);
  const byName = new Map<string, string>();
  for (const folder of folders) {
    if (fragments && looks.kindOf(folder) === 'none')
      throw new UsageError(`There is no folder of fragments ${path.relative(sourceRoot, folder)}`, 'Check `fragments` in the config.');
    for (const file of globSync('**/*.md', {
      cwd: folder,
      absolute: true,
      ignore: PAPERS.map((name) => `**/${name}.md`),
      fs: looks.fs,
    }).sort()) {
      const name = pathFrom(folder, path.resolve(file)).replace(/\.md$/, '');
      const twin = byName.get(name);
      if (twin !== undefined) {
        const shown = [twin, file].map((one) => pathFrom(sourceRoot, one)).join(' and ');
        throw new UsageError(
          `Two fragments are called \`${name}\`: ${shown}`,
          'Rename one, or say in `fragments` of the config which folder counts.',
        );
      }
      byName.set(name, path.resolve(file));
    }
  }
  return [...byName].map(([name, file]) => ({ name, file }));
}

/** Where fragments were looked for and nobody can see whether there are any: folders that cannot be listed, links that lead nowhere. */
export function unseenFragments({ fragments, sources, sourceRoot }: Settings, agents: readonly string[], looks: Looks): string[] {
  const places = fragments ?? placesOfFragments(sources, sourceRoot, agents, looks);
  const closed = [...looks.closed.keys()].filter((folder) => places.some((place) => isInside(folder, place)));
  return [...closed, ...places.filter((place) => looks.asked.get(place) === 'file')];
}

/**
 * Files that agents may extend: those in the folders of the agents, and above, whose name begins with `_`.
 * @param named folders to look into as well, below any of these
 * @param others whether files of other names count too: a build of some agents only may need the others
 */
export function findBases(
  { sources, sourceRoot, outDir }: Settings,
  agents: readonly string[],
  named: readonly string[],
  others: boolean,
  looks: Looks,
): string[] {
  const given = foldersAmong(sources, sourceRoot, looks);
  const found = new Set(given.flatMap((folder) => walk(['**/_*.md', '**/_*/**/*.md'], folder, outDir, looks, ['**/node_modules/**'])));
  const around = foldersAround(given, sourceRoot, agents);
  const beside = around.flatMap((folder) => named.map((name) => path.join(folder, name))).filter((folder) => isInside(folder, sourceRoot));
  for (const folder of new Set([...around, ...beside])) {
    for (const name of looks.namesIn(folder, '.md')) {
      if (others || name.startsWith('_')) found.add(path.join(folder, name));
    }
  }
  const isAgent = new Set(agents);
  return [...found].filter((file) => !isAgent.has(file)).sort();
}

/**
 * The folder for a new fragment of some of the agents: the first of the config; or the nearest that is there already; or
 * one in the folder that was given as a source, or beside the agents. A build of any of them finds it.
 */
export function folderForFragment({ fragments, sources, sourceRoot }: Settings, agents: readonly string[]): string {
  if (fragments?.[0] !== undefined) return fragments[0];
  const looks = createLooks();
  const given = foldersAmong(sources, sourceRoot, looks).map((folder) => path.join(folder, 'fragments'));
  const places = placesOfFragments(sources, sourceRoot, agents, looks).filter((place) =>
    agents.every((agent) => isInside(agent, path.dirname(place))),
  );
  const found = places.find((place) => existsSync(place)) ?? places.find((place) => given.includes(place)) ?? places[0];
  if (found === undefined)
    throw new UsageError(
      'These agents have no folder in common in which fragments are looked for',
      'Say in `fragments` of the config where they are.',
    );
  return found;
}

/** Where files may come that a build would find, there already or not. */
export interface Places {
  /** Searched with all that is below them. A file that was named as a source is one too. */
  readonly whole: readonly string[];
  /** Folders of which only files count whose name begins with `_`. */
  readonly bases: readonly string[];
}

/** The places where a build looks for sources: agents, fragments and bases. */
export function placesToLook({ fragments, sources, sourceRoot, sourceFolders }: Settings, agents: readonly string[]): Places {
  const looks = createLooks();
  const around = foldersAround(foldersAmong(sources, sourceRoot, looks), sourceRoot, agents);
  // A source that is not there yet has its fragments beside it all the same.
  const folders = fragments ?? [...placesOfFragments(sources, sourceRoot, agents, looks), path.join(sourceRoot, 'fragments')];
  return { whole: [...new Set([...sourceFolders, ...folders])], bases: around };
}

/** The folders `fragments` that are there. */
function nearbyFolders(sources: readonly string[], sourceRoot: string, agents: readonly string[], looks: Looks): string[] {
  return placesOfFragments(sources, sourceRoot, agents, looks).filter((folder) => looks.kindOf(folder) === 'folder');
}

/** `fragments` from the folder of each agent upwards to the root of the sources, and in given folders; the deepest first. */
function placesOfFragments(sources: readonly string[], sourceRoot: string, agents: readonly string[], looks: Looks): string[] {
  const around = foldersAround(foldersAmong(sources, sourceRoot, looks), sourceRoot, agents);
  return around.map((folder) => path.join(folder, 'fragments')).sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

function foldersAmong(sources: readonly string[], sourceRoot: string, looks: Looks): string[] {
  const given = sources.filter((source) => !source.startsWith('!')).map((source) => path.resolve(sourceRoot, source));
  return given.filter((source) => looks.kindOf(source) === 'folder');
}

/** The given folders, those of the agents, and those above them up to the root of the sources. */
function foldersAround(given: readonly string[], sourceRoot: string, agents: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const start of new Set([...agents.map((agent) => path.dirname(agent)), ...given])) {
    for (let at = start; !folders.has(at); at = path.dirname(at)) {
      folders.add(at);
      if (at === sourceRoot || !isInside(at, sourceRoot) || at === path.dirname(at)) break;
    }
  }
  return [...folders];
}

function walk(
  pattern: string | readonly string[],
  cwd: string,
  outDir: string,
  looks: Looks,
  ignored: readonly string[] = IGNORED,
): string[] {
  // What a build wrote is no source, also when the output folder lies inside the sources.
  const inside = path.relative(cwd, outDir);
  const own = inside !== '' && isInside(outDir, cwd) ? [`${slashed(inside)}/**`] : [];
  const patterns = [pattern].flat().map(slashed);
  const files = globSync(patterns, { cwd, absolute: true, ignore: [...ignored, ...own], caseSensitiveMatch: true, fs: looks.fs });
  return files.map((file) => path.resolve(file));
}
