/** One build: find, read, compile, plan, write. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Compilation, compile } from '../compile.js';
import { byPlace, createReport, type Diagnostic, type Report } from '../diagnostics/report.js';
import type { Fate } from '../ir.js';
import type { Templates } from '../stages/emit/emit.js';
import type { SourceFile } from '../stages/parse/parse.js';
import { findAgents, findFragments } from './discover.js';
import { type Manifest, pathIn, readManifest } from './manifest.js';
import { realOf, slashed } from './paths.js';
import { plan } from './plan.js';
import { type BuildOptions, readSettings, type Settings } from './settings.js';
import type { MapFile } from './source-maps.js';
import { loadTemplates } from './templates.js';
import { carryOut } from './write.js';

export interface BuiltFile {
  /** Relative to the working folder, with `/`. */
  readonly path: string;
  readonly target: string;
  /** The sources of the file; several when it has a part for each. */
  readonly sources: readonly string[];
  /** What was done, or would be in a dry run. */
  readonly action: 'added' | 'changed' | 'unchanged';
}

export interface BuildResult {
  readonly dryRun: boolean;
  readonly agents: number;
  readonly targets: readonly string[];
  readonly files: readonly BuiltFile[];
  readonly removed: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  readonly fates: readonly Fate[];
  /** Sources that lack an output. */
  readonly failed: readonly string[];
}

/** Builds a project. Throws a UsageError for wrong use or a wrong config; what authors got wrong is in `diagnostics`. */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const settings = await readSettings(options);
  const { cwd } = settings;
  const report = createReport(settings.rules);
  const shown = (file: string): string => slashed(path.relative(cwd, file));

  const manifests = new Map(settings.manifestFolders.map((folder) => [folder, readManifest(folder)]));
  // In place, an output may lie among the sources. It is none.
  const outputs = outputsIn(manifests);
  const agentPaths = findAgents(settings).filter((file) => !outputs.has(realOf(file)));
  const agents = readAll(agentPaths, shown, report);
  const fragments = findFragments(settings, agentPaths).flatMap(({ name, file }) =>
    readAll([file], shown, report).map((read) => ({ name, ...read })),
  );
  const targets = settings.targets.map(({ target }) => target);
  const templates = await loadTemplates(settings, report);
  const compiled = compile({ agents, fragments }, targets, {
    models: settings.models,
    rules: settings.rules,
    templates,
    root: shown(settings.root),
    knownTargets: settings.knownTargets,
  });

  const read = new Set(agents.map((agent) => agent.path));
  const unread = agentPaths.map(shown).filter((file) => !read.has(file));
  const failed = [...new Set([...compiled.failed, ...unread])].sort();
  const planned = plan({
    settings,
    outputs: [...compiled.files, ...compiled.companions, ...(settings.sourceMaps ? await mapsOf(compiled, templates, settings) : [])],
    sources: agentPaths,
    failed: new Set(failed.map((file) => path.resolve(cwd, file))),
    manifests,
  });
  for (const { code, path: file, data } of planned.conflicts) report.addForFile(code, file, data as never);
  const failures = settings.dryRun ? [] : carryOut(planned);
  for (const { file, reason } of failures) report.addForFile('output-blocked', shown(file), { path: shown(file), reason });
  const unwritten = new Set(failures.map(({ file }) => file));
  return {
    dryRun: settings.dryRun,
    agents: compiled.agents,
    targets: targets.map((target) => target.name),
    files: planned.files
      .filter(({ file }) => !unwritten.has(file))
      .map(({ file, target, sources, action }) => ({ path: shown(file), target, sources, action })),
    removed: planned.removed.filter((file) => !unwritten.has(file)).map(shown),
    diagnostics: [...compiled.diagnostics, ...report.diagnostics].sort(byPlace),
    fates: compiled.fates,
    failed,
  };
}

/** The maps of what was compiled. Their code is loaded for this. */
async function mapsOf({ files, textOf }: Compilation, templates: Templates, { cwd, targets }: Settings): Promise<MapFile[]> {
  const { sourceMapsOf } = await import('./source-maps.js');
  const own = new Set(Object.values(templates).map(({ file }) => file));
  const rootOf = (target: string): string | undefined => targets.find((place) => place.target.name === target)?.root;
  return sourceMapsOf(files, { rootOf, cwd, textOf, isBuiltIn: (file) => !own.has(file) });
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
