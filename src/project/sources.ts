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
  // What cannot be read is missed where it is named.
  const bases = readAll(findBases(settings, agentPaths, mayExtendOthers(settings, all, agentPaths, agents)), shown, createReport());
  return { agentPaths, agents, fragments, bases };
}

/** Whether an agent may extend another one that is not compiled for now. */
function mayExtendOthers(
  { complete }: Settings,
  all: readonly string[],
  chosen: readonly string[],
  agents: readonly SourceFile[],
): boolean {
  return (!complete || chosen.length < all.length) && agents.some(({ content }) => /^extends[ \t]*:/m.test(content.toString()));
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
