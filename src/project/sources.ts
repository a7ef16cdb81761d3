/** The files of a project that are compiled: found, and read. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Report } from '../diagnostics/report.js';
import type { FragmentFile } from '../stages/merge/fragments.js';
import type { SourceFile } from '../stages/parse/parse.js';
import { createInputs, type Input, type Inputs } from './cache/inputs.js';
import { createLooks, type Looks } from './cache/looks.js';
import { type FragmentPath, findAgents, findBases, findFragments, unseenFragments } from './discover.js';
import type { Manifest } from './manifest.js';
import { helpOnMissing, noAgents, refuseNone } from './no-agents.js';
import { createRealPaths, isInside, pathFrom } from './paths.js';
import type { Settings } from './settings.js';

/** The files of a project, by absolute path. */
export interface ProjectFiles {
  readonly agents: readonly string[];
  readonly fragments: readonly FragmentPath[];
  /** Where there may be more fragments, which cannot be seen. */
  readonly unseen: readonly string[];
  /** Files that agents may extend. */
  readonly bases: readonly string[];
  /** There are more agents than those. */
  readonly partial: boolean;
  /** Patterns of `sources` that match no file. */
  readonly unmatched: readonly string[];
}

/** Chooses among the absolute paths of all agents. */
export type Choose = (agentPaths: readonly string[]) => readonly string[];

/**
 * Finds the files of a project. Outputs that lie among the sources are none. Throws a UsageError as discover does, and where
 * there are no agents.
 * @param read gives the text of a file, or nothing: for a build of some agents, what they extend is looked up
 * @param choose absent for a build, which has something to do also where there are no agents any more
 */
export function findFiles(
  settings: Settings,
  manifests: ReadonlyMap<string, Manifest>,
  looks: Looks,
  read: (file: string) => string | undefined,
  choose?: Choose,
): ProjectFiles {
  // In place, an output may lie among the sources. It is none.
  const known = new Map([...manifests].filter(([, manifest]) => manifest.size > 0));
  const realPath = createRealPaths();
  const helpOn = (missing: string): string | undefined => helpOnMissing(missing, manifests);
  const unmatched: string[] = [];
  const all = findAgents(settings, looks, helpOn, (pattern) => unmatched.push(pattern)).filter(
    (file) => known.size === 0 || !isOutput(realPath(file), known),
  );
  if (all.length === 0) {
    refuseNone(settings, manifests, looks);
    if (choose) throw noAgents(settings.sources);
  }
  const agents = choose ? choose(all) : all;
  const partial = !settings.complete || agents.length < all.length;
  const fragments = findFragments(settings, all, looks);
  let bases = findBases(settings, agents, [], false, looks);
  if (partial) {
    // Some agents only: the others may be what these extend, also in folders beside them.
    const folders = foldersNamed([...agents, ...bases].flatMap((file) => read(file) ?? []));
    if (folders) bases = findBases(settings, agents, folders, true, looks);
  }
  return { agents, fragments, unseen: unseenFragments(settings, all, looks), bases, partial, unmatched };
}

const everyAgent: Choose = (paths) => paths;

export interface ReadSources {
  /** The absolute paths of the agents, of those too that could not be read. */
  readonly agentPaths: readonly string[];
  /** With paths relative to the folder of messages, as the others. */
  readonly agents: readonly SourceFile[];
  readonly fragments: readonly FragmentFile[];
  readonly unseen: readonly string[];
  readonly bases: readonly SourceFile[];
  readonly partial: boolean;
}

/** Finds and reads. What cannot be read is reported, a base only when nobody need name it. */
export function readSources(
  settings: Settings,
  manifests: ReadonlyMap<string, Manifest>,
  report: Report,
  choose: Choose = everyAgent,
): ReadSources {
  const shown = (file: string): string => pathFrom(settings.cwd, file);
  const { read: open } = createInputs(new Map());
  const looks = createLooks();
  const files = findFiles(settings, manifests, looks, (file) => textOf(open(file)), choose);
  const read = (file: string): SourceFile[] => {
    const input = open(file);
    if (input.hash !== undefined) return input.content ? [{ path: shown(file), content: input.content }] : [];
    report.addForFile('source-unreadable', shown(file), { reason: input.reason });
    return [];
  };
  const tell = (file: string, reason: string): void => report.addForFile('source-unreadable', shown(file), { reason });
  const lost = foldersWithoutBase(files, looks.closed, open, tell);
  return {
    agentPaths: files.agents,
    agents: files.agents.filter((file) => !lost.some((folder) => isInside(file, folder))).flatMap(read),
    fragments: files.fragments.flatMap(({ name, file }) => read(file).map((one) => ({ name, ...one }))),
    unseen: files.unseen.map(shown),
    bases: files.bases.filter((file) => open(file).hash !== undefined).flatMap(read),
    partial: files.partial,
  };
}

/**
 * Folders whose base cannot be read, or not be looked for: without it their agents would be others. Every agent of a folder
 * inherits from `_base.md` though none names it; any other base that cannot be read is missed where it is named.
 * @param closed folders that cannot be listed, each with the reason
 */
export function foldersWithoutBase(
  { agents, bases }: ProjectFiles,
  closed: ReadonlyMap<string, string>,
  open: Inputs['open'],
  tell: (file: string, reason: string) => void,
): string[] {
  const unread = bases.flatMap((file): (readonly [file: string, folder: string, reason: string])[] => {
    const input = path.basename(file) === '_base.md' ? open(file) : undefined;
    return input && input.hash === undefined ? [[file, path.dirname(file), input.reason]] : [];
  });
  const unseen = [...closed].flatMap(([folder, reason]) =>
    agents.some((agent) => isInside(agent, folder)) ? [[folder, folder, reason] as const] : [],
  );
  return [...unread, ...unseen].map(([file, folder, reason]) => {
    tell(file, reason);
    return folder;
  });
}

/** What is not read again is not asked for its text. */
const textOf = (input: Input): string | undefined => ('content' in input ? input.content?.toString() : undefined);

/** The folders of the names that files extend; `undefined` when none extends anything. */
function foldersNamed(texts: readonly string[]): string[] | undefined {
  const names = texts.flatMap((text) => /^extends[ \t]*:(.*)$/m.exec(text)?.[1]?.replaceAll(/['"[\]\s]|#.*$/g, '') ?? []);
  return names.length === 0 ? undefined : [...new Set(names.filter((name) => name.includes('/')).map((name) => path.posix.dirname(name)))];
}

/** Whether a manifest says that a file was made from another one, which is still there. */
function isOutput(real: string, manifests: ReadonlyMap<string, Manifest>): boolean {
  return [...manifests].some(([folder, manifest]) => {
    const entry = isInside(real, folder) ? manifest.get(pathFrom(folder, real)) : undefined;
    const source = entry && path.resolve(folder, entry.source);
    return source !== undefined && source !== real && existsSync(source);
  });
}
