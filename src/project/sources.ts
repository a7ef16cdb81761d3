/** The files of a project that are compiled, read. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createReport, type Report } from '../diagnostics/report.js';
import type { FragmentFile } from '../stages/merge/fragments.js';
import type { SourceFile } from '../stages/parse/parse.js';
import { findAgents, findBases, findFragments } from './discover.js';
import { type Manifest, pathIn } from './manifest.js';
import { realOf, slashed } from './paths.js';
import type { Settings } from './settings.js';

export interface ReadSources {
  /** The absolute paths of the agents, of those too that could not be read. */
  readonly agentPaths: readonly string[];
  /** With paths relative to the folder of messages, as the others. */
  readonly agents: readonly SourceFile[];
  readonly fragments: readonly FragmentFile[];
  /** There are more agents than those. */
  readonly partial: boolean;
  /** Files that agents may extend. */
  readonly bases: readonly SourceFile[];
}

/** Chooses among the absolute paths of all agents. */
export type Choose = (agentPaths: readonly string[]) => readonly string[];

/** Finds and reads. Outputs that lie among the sources are none. What cannot be read is reported. */
export function readSources(
  settings: Settings,
  manifests: ReadonlyMap<string, Manifest>,
  report: Report,
  choose: Choose = (paths) => paths,
): ReadSources {
  const shown = (file: string): string => slashed(path.relative(settings.cwd, file));
  // In place, an output may lie among the sources. It is none.
  const outputs = outputsIn(manifests);
  const all = findAgents(settings).filter((file) => !outputs.has(realOf(file)));
  const agentPaths = choose(all);
  const agents = readAll(agentPaths, shown, report);
  const fragments = findFragments(settings, all).flatMap(({ name, file }) =>
    readAll([file], shown, report).map((read) => ({ name, ...read })),
  );
  const partial = !settings.complete || agentPaths.length < all.length;
  const bases = readBases(settings, agentPaths, agents, partial, shown, report);
  const missing = report.diagnostics.filter(({ file }) => isFolderBase(file)).map(({ file }) => path.posix.dirname(file));
  // Without the base of its folder an agent would be another one.
  const whole = agents.filter((agent) => !missing.some((folder) => folder === '.' || agent.path.startsWith(`${folder}/`)));
  return { agentPaths, agents: whole, fragments, bases, partial };
}

/** Every agent of its folder inherits from it, though none names it. */
const isFolderBase = (file: string): boolean => path.basename(file) === '_base.md';

/** Files that agents may extend. What cannot be read is missed where it is named, or reported when nobody need name it. */
function readBases(
  settings: Settings,
  agentPaths: readonly string[],
  agents: readonly SourceFile[],
  partial: boolean,
  shown: (file: string) => string,
  report: Report,
): SourceFile[] {
  const read = (folders: readonly string[], others: boolean): SourceFile[] =>
    findBases(settings, agentPaths, folders, others).flatMap((file) =>
      readAll([file], shown, isFolderBase(file) ? report : createReport()),
    );
  const bases = read([], false);
  if (!partial) return bases;
  // Some agents only: the others may be what these extend, also in folders beside them.
  const folders = foldersNamed([...agents, ...bases]);
  return folders === undefined ? bases : read(folders, true);
}

/** The folders of the names that files extend; `undefined` when none extends anything. */
function foldersNamed(files: readonly SourceFile[]): string[] | undefined {
  const names = files.flatMap(
    ({ content }) => /^extends[ \t]*:(.*)$/m.exec(content.toString())?.[1]?.replaceAll(/['"[\]\s]|#.*$/g, '') ?? [],
  );
  return names.length === 0 ? undefined : [...new Set(names.filter((name) => name.includes('/')).map((name) => path.posix.dirname(name)))];
}

/** The files that the manifests say were made from another file, which is still there. */
function outputsIn(manifests: ReadonlyMap<string, Manifest>): Set<string> {
  const entries = [...manifests].flatMap(([folder, manifest]) =>
    [...manifest].map(([key, entry]) => [path.resolve(folder, pathIn(key, entry)), path.resolve(folder, entry.source)] as const),
  );
  return new Set(entries.filter(([file, source]) => file !== source && existsSync(source)).map(([file]) => file));
}

/** Reads files one after the other: for many small files synchronous calls are twice as fast as promises. */
function readAll(files: readonly string[], shown: (file: string) => string, report: Report): SourceFile[] {
  return files.flatMap((file) => {
    try {
      return [{ path: shown(file), content: readFileSync(file) }];
    } catch (error) {
      report.addForFile('source-unreadable', shown(file), { reason: (error as NodeJS.ErrnoException).code ?? String(error) });
      return [];
    }
  });
}
