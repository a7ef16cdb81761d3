/** A project compiled as a whole and kept in memory, for those who ask about it: find, read, compile, sum up. */
import { type Compilation, type CompileOptions, compileInto, type Sources } from '../compile.js';
import { nearest } from '../diagnostics/nearest.js';
import { createReport, type Diagnostic, type Report } from '../diagnostics/report.js';
import type { Templates } from '../stages/emit/emit.js';
import type { Target } from '../targets/target.js';
import { type ManifestEntry, readManifest } from './manifest.js';
import { createPackageFinder } from './packages.js';
import { pathFrom } from './paths.js';
import type { Settings } from './settings.js';
import { type Choose, readSources } from './sources.js';
import { loadTemplates } from './templates.js';
import { UsageError } from './usage-error.js';

export interface CompiledProject {
  readonly targets: readonly Target[];
  readonly compiled: Compilation;
  /** Paths of sources that lack an output, relative to the folder of messages. */
  readonly failed: readonly string[];
  /** Gets what is wrong with the files themselves; what authors got wrong in them is in `compiled`. */
  readonly report: Report;
}

/**
 * Compiles a project. Throws a UsageError when a source is not there or nothing is found.
 * @param choose the agents to compile; all when absent
 */
export async function compileProject(settings: Settings, choose?: Choose): Promise<CompiledProject> {
  const report = createReport(settings.rules);
  const shown = (file: string): string => pathFrom(settings.cwd, file);
  const { agentPaths, partial, ...read } = readSources(settings, readManifests(settings), report, choose);
  const sources: Sources = { ...read, find: createPackageFinder(settings) };
  const targets = settings.targets.map(({ target }) => target);
  const templates = await loadTemplates(settings, report);
  const compiled = compileInto(report, sources, targets, compileOptions(settings, templates, partial));
  // A source that cannot be read may be the one that has it.
  if (compiled.failed.length === 0) checkVariantNames(settings.onlyVariants, compiled.variants);
  const known = new Set(sources.agents.map((agent) => agent.path));
  const unread = agentPaths.map(shown).filter((file) => !known.has(file));
  const failed = [...new Set([...compiled.failed, ...unread])].sort();
  return { targets, compiled, failed, report };
}

/** What the settings say to the compiler. */
export function compileOptions(settings: Settings, templates: Templates, partial: boolean): CompileOptions {
  const shown = (file: string): string => pathFrom(settings.cwd, file);
  return {
    models: settings.models,
    variants: settings.variants,
    ...(settings.config !== undefined && { config: shown(settings.config) }),
    ...(settings.onlyVariants && { onlyVariants: settings.onlyVariants }),
    ...(settings.outline && { outline: settings.outline }),
    rules: settings.rules,
    parser: settings.parser,
    templates,
    root: shown(settings.root),
    knownTargets: settings.knownTargets,
    partial,
  };
}

/** What every command tells of a project that it compiled. */
export interface ProjectSummary {
  readonly agents: number;
  /** Names of variants that have outputs, without the plain build. */
  readonly variants: readonly string[];
  readonly targets: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** Sources that lack an output. */
  readonly failed: readonly string[];
}

/** Sums a project up, with what has been reported of its files so far. */
export function summaryOf({ compiled, targets, failed, report }: CompiledProject): ProjectSummary {
  return {
    agents: compiled.agents,
    variants: compiled.variants.filter((name) => compiled.files.some(({ variant }) => variant === name)),
    targets: targets.map(({ name }) => name),
    diagnostics: report.diagnostics,
    failed,
  };
}

/** What was written before, by folder. Throws a UsageError for a manifest that cannot be read. */
export const readManifests = ({ manifestFolders }: Settings): Map<string, Map<string, ManifestEntry>> =>
  new Map(manifestFolders.map((folder) => [folder, readManifest(folder)]));

export function checkVariantNames(wanted: readonly string[] | undefined, known: readonly string[]): void {
  const unknown = wanted?.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, known);
  throw new UsageError(`There is no variant \`${unknown}\``, `${near ? `Did you mean \`${near}\`? ` : ''}Variants: ${known.join(', ')}.`);
}
