/** Which files are agents, and which fragments they may use. */
import { existsSync, lstatSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { globSync, isDynamicPattern } from 'tinyglobby';
import { isInside, slashed } from './paths.js';
import type { Settings } from './settings.js';
import { UsageError } from './usage-error.js';

/** Papers that lie beside agents and are none. */
const PAPERS = ['README', 'CHANGELOG', 'LICENSE', 'LICENCE', 'CONTRIBUTING', 'CODE_OF_CONDUCT', 'SECURITY', 'AGENTS', 'CLAUDE', 'GEMINI'];
const IGNORED = ['**/fragments/**', '**/_*', '**/node_modules/**', ...PAPERS.map((name) => `**/${name}.md`)];

/** A fragment: its name is its path below the folder, without `.md`. */
export interface FragmentPath {
  readonly name: string;
  readonly file: string;
}

/** The absolute paths of all agents, sorted. Throws a UsageError when a source is not there or nothing is found. */
export function findAgents({ sources, sourceRoot, outDir }: Settings): string[] {
  const excluded = sources.filter((source) => source.startsWith('!')).map((source) => source.slice(1));
  const found = new Set<string>();
  for (const source of sources) {
    if (source.startsWith('!')) continue;
    const absolute = path.resolve(sourceRoot, source);
    const stat = statOf(absolute);
    if (stat === 'broken' || stat?.isFile()) found.add(absolute);
    else if (stat?.isDirectory()) for (const file of walk('**/*.md', absolute, outDir)) found.add(file);
    else if (isDynamicPattern(source)) for (const file of walk(source, sourceRoot, outDir)) found.add(file);
    else throw new UsageError(`There is no file or folder ${source}`, 'Name a folder of agents, an agent, or a glob in quotes.');
  }
  const gone =
    excluded.length > 0
      ? new Set(globSync(excluded.map(slashed), { cwd: sourceRoot, absolute: true, dot: true }).map((file) => path.resolve(file)))
      : new Set();
  const agents = [...found].filter((file) => !gone.has(file)).sort();
  if (agents.length === 0)
    throw new UsageError(`No agents in ${sources.join(', ')}`, 'An agent is a Markdown file (`.md`) with front matter.');
  return agents;
}

/** The fragments that the agents may use: those of the config, or of folders `fragments` beside the sources and above. */
export function findFragments({ fragments, sources, sourceRoot }: Settings, agents: readonly string[]): FragmentPath[] {
  const folders = fragments ?? nearbyFolders(sources, sourceRoot, agents);
  const byName = new Map<string, string>();
  for (const folder of folders) {
    if (fragments && !existsSync(folder))
      throw new UsageError(`There is no folder of fragments ${path.relative(sourceRoot, folder)}`, 'Check `fragments` in the config.');
    for (const file of globSync('**/*.md', { cwd: folder, absolute: true, ignore: PAPERS.map((name) => `**/${name}.md`) }).sort()) {
      const name = slashed(path.relative(folder, path.resolve(file))).replace(/\.md$/, '');
      const twin = byName.get(name);
      if (twin !== undefined) {
        const shown = [twin, file].map((one) => slashed(path.relative(sourceRoot, one))).join(' and ');
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

/**
 * The folder for a new fragment of some of the agents: the first of the config; or the nearest that is there already; or
 * one in the folder that was given as a source, or beside the agents. A build of any of them finds it.
 */
export function folderForFragment({ fragments, sources, sourceRoot }: Settings, agents: readonly string[]): string {
  if (fragments?.[0] !== undefined) return fragments[0];
  const given = givenFolders(sources, sourceRoot).map((folder) => path.join(folder, 'fragments'));
  const places = placesOfFragments(sources, sourceRoot, agents).filter((place) =>
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

/** The folders `fragments` that are there. */
function nearbyFolders(sources: readonly string[], sourceRoot: string, agents: readonly string[]): string[] {
  return placesOfFragments(sources, sourceRoot, agents).filter((folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory());
}

/** `fragments` from the folder of each agent upwards to the root of the sources, and in given folders; the deepest first. */
function placesOfFragments(sources: readonly string[], sourceRoot: string, agents: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const start of new Set([...agents.map((agent) => path.dirname(agent)), ...givenFolders(sources, sourceRoot)])) {
    for (let at = start; ; at = path.dirname(at)) {
      folders.add(path.join(at, 'fragments'));
      if (at === sourceRoot || !isInside(at, sourceRoot) || at === path.dirname(at)) break;
    }
  }
  return [...folders].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

function givenFolders(sources: readonly string[], sourceRoot: string): string[] {
  return sources
    .map((source) => path.resolve(sourceRoot, source))
    .filter((source) => statSync(source, { throwIfNoEntry: false })?.isDirectory());
}

/** A link that leads nowhere, or in a circle, is there all the same: reading it says what is wrong. */
function statOf(file: string): Stats | 'broken' | undefined {
  if (!lstatSync(file, { throwIfNoEntry: false })) return undefined;
  try {
    return statSync(file);
  } catch {
    return 'broken';
  }
}

function walk(pattern: string, cwd: string, outDir: string): string[] {
  // What a build wrote is no source, also when the output folder lies inside the sources.
  const inside = path.relative(cwd, outDir);
  const own = inside !== '' && isInside(outDir, cwd) ? [`${slashed(inside)}/**`] : [];
  return globSync(slashed(pattern), { cwd, absolute: true, ignore: [...IGNORED, ...own], caseSensitiveMatch: true }).map((file) =>
    path.resolve(file),
  );
}
