/** What every command does that compiles a project: find, read, compile, sum up; and for those that write or compare, plan. */
import path from 'node:path';
import { type Compilation, type CompileOptions, compile, type Sources } from '../compile.js';
import { nearest } from '../diagnostics/nearest.js';
import { byPlace, createReport, type Diagnostic, type Report } from '../diagnostics/report.js';
import type { OutputFile, Templates } from '../stages/emit/emit.js';
import type { Target } from '../targets/target.js';
import { type Manifest, readManifest } from './manifest.js';
import { createPackageFinder } from './packages.js';
import { slashed } from './paths.js';
import { type Plan, plan } from './plan.js';
import { placementOf, type Settings } from './settings.js';
import type { MapFile } from './source-maps.js';
import { type Choose, readSources } from './sources.js';
import { loadTemplates } from './templates.js';
import { UsageError } from './usage-error.js';

export interface CompiledProject {
  /** The absolute paths of the agents, of those too that could not be read. */
  readonly agentPaths: readonly string[];
  readonly sources: Sources;
  readonly targets: readonly Target[];
  readonly compiled: Compilation;
  /** Templates of the project. */
  readonly templates: Templates;
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
  const shown = (file: string): string => slashed(path.relative(settings.cwd, file));
  const { agentPaths, partial, ...read } = readSources(settings, readManifests(settings), report, choose);
  const sources: Sources = { ...read, find: createPackageFinder(settings).find };
  const targets = settings.targets.map(({ target }) => target);
  const templates = await loadTemplates(settings, report);
  const compiled = compile(sources, targets, compileOptions(settings, templates, partial));
  // A source that cannot be read may be the one that has it.
  if (compiled.failed.length === 0) checkVariantNames(settings.onlyVariants, compiled.variants);
  const known = new Set(sources.agents.map((agent) => agent.path));
  const unread = agentPaths.map(shown).filter((file) => !known.has(file));
  const failed = [...new Set([...compiled.failed, ...unread])].sort();
  return { agentPaths, sources, targets, compiled, templates, failed, report };
}

/** What the settings say to the compiler. */
export function compileOptions(settings: Settings, templates: Templates, partial: boolean): CompileOptions {
  const shown = (file: string): string => slashed(path.relative(settings.cwd, file));
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
    diagnostics: [...compiled.diagnostics, ...report.diagnostics].sort(byPlace),
    failed,
  };
}

/** Plans to write some outputs of a project, as the disk is in this moment. What is in the way is reported. */
export function planProject({ agentPaths, failed, report }: CompiledProject, outputs: readonly OutputFile[], settings: Settings): Plan {
  const planned = plan({
    settings,
    outputs,
    sources: agentPaths,
    failed: new Set(failed.map((file) => path.resolve(settings.cwd, file))),
    manifests: readManifests(settings),
  });
  for (const { code, path: file, data } of planned.conflicts) report.addForFile(code, file, data as never);
  return planned;
}

/** All files that a build makes: those of the agents, those that stand once for a target, and their maps when they are wanted. */
export async function outputsOf({ compiled, templates }: CompiledProject, settings: Settings): Promise<OutputFile[]> {
  return [...compiled.files, ...compiled.companions, ...(settings.sourceMaps ? await mapsOf(compiled, templates, settings) : [])];
}

/** The maps of what was compiled. Their code is loaded for this. */
async function mapsOf({ files, textOf }: Compilation, templates: Templates, settings: Settings): Promise<MapFile[]> {
  const { sourceMapsOf } = await import('./source-maps.js');
  const own = new Set(Object.values(templates).map(({ file }) => file));
  const rootOf = ({ target, variant }: OutputFile): string | undefined => placementOf(settings, target, variant)?.root;
  return sourceMapsOf(files, { rootOf, cwd: settings.cwd, textOf, isBuiltIn: (file) => !own.has(file) });
}

/** What was written before, by folder. Throws a UsageError for a manifest that cannot be read. */
export const readManifests = ({ manifestFolders }: Settings): Map<string, Manifest> =>
  new Map(manifestFolders.map((folder) => [folder, readManifest(folder)]));

function checkVariantNames(wanted: readonly string[] | undefined, known: readonly string[]): void {
  const unknown = wanted?.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, known);
  throw new UsageError(`There is no variant \`${unknown}\``, `${near ? `Did you mean \`${near}\`? ` : ''}Variants: ${known.join(', ')}.`);
}
