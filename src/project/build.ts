/** One build: find, read, compile, plan, write. */
import path from 'node:path';
import { compile } from '../compile.js';
import { byPlace, createReport, type Diagnostic } from '../diagnostics/report.js';
import type { Fate } from '../ir.js';
import { readManifest } from './manifest.js';
import { slashed } from './paths.js';
import { plan } from './plan.js';
import { type BuildOptions, readSettings } from './settings.js';
import { readSources } from './sources.js';
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
  const { agentPaths, agents, fragments } = readSources(settings, manifests, report);
  const targets = settings.targets.map(({ target }) => target);
  const compiled = compile({ agents, fragments }, targets, {
    models: settings.models,
    rules: settings.rules,
    templates: await loadTemplates(settings, report),
    root: shown(settings.root),
    knownTargets: settings.knownTargets,
  });

  const read = new Set(agents.map((agent) => agent.path));
  const unread = agentPaths.map(shown).filter((file) => !read.has(file));
  const failed = [...new Set([...compiled.failed, ...unread])].sort();
  const planned = plan({
    settings,
    outputs: [...compiled.files, ...compiled.companions],
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
