/** The agents and fragments of a project, read. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Report } from '../diagnostics/report.js';
import type { FragmentFile } from '../stages/merge/fragments.js';
import type { SourceFile } from '../stages/parse/parse.js';
import { findAgents, findFragments } from './discover.js';
import { type Manifest, pathIn } from './manifest.js';
import { realOf, slashed } from './paths.js';
import type { Settings } from './settings.js';

export interface ReadSources {
  /** The absolute paths of all agents, of those too that could not be read. */
  readonly agentPaths: readonly string[];
  /** With paths relative to the folder of messages. */
  readonly agents: readonly SourceFile[];
  readonly fragments: readonly FragmentFile[];
}

/** Finds and reads. Outputs that lie among the sources are none. What cannot be read is reported. */
export function readSources(settings: Settings, manifests: ReadonlyMap<string, Manifest>, report: Report): ReadSources {
  const shown = (file: string): string => slashed(path.relative(settings.cwd, file));
  const outputs = outputsIn(manifests);
  const agentPaths = findAgents(settings).filter((file) => !outputs.has(realOf(file)));
  const fragments = findFragments(settings, agentPaths).flatMap(({ name, file }) =>
    readAll([file], shown, report).map((read) => ({ name, ...read })),
  );
  return { agentPaths, agents: readAll(agentPaths, shown, report), fragments };
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
