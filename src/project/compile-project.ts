/** What every command does that compiles a project: find, read, compile. */
import path from 'node:path';
import { type Compilation, compile, type Sources } from '../compile.js';
import { nearest } from '../diagnostics/nearest.js';
import { createReport, type Report } from '../diagnostics/report.js';
import type { Target } from '../targets/target.js';
import { type Manifest, readManifest } from './manifest.js';
import { slashed } from './paths.js';
import type { Settings } from './settings.js';
import { type Choose, readSources } from './sources.js';
import { loadTemplates } from './templates.js';
import { UsageError } from './usage-error.js';

export interface CompiledProject {
  /** The absolute paths of the agents, of those too that could not be read. */
  readonly agentPaths: readonly string[];
  readonly sources: Sources;
  readonly targets: readonly Target[];
  readonly compiled: Compilation;
  /** Paths of sources that lack an output, relative to the folder of messages. */
  readonly failed: readonly string[];
  /** What was written before, by folder. */
  readonly manifests: ReadonlyMap<string, Manifest>;
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
  const manifests = new Map(settings.manifestFolders.map((folder) => [folder, readManifest(folder)]));
  const { agentPaths, ...sources } = readSources(settings, manifests, report, choose);
  const targets = settings.targets.map(({ target }) => target);
  const compiled = compile(sources, targets, {
    models: settings.models,
    variants: settings.variants,
    ...(settings.onlyVariants && { onlyVariants: settings.onlyVariants }),
    ...(settings.outline && { outline: settings.outline }),
    rules: settings.rules,
    templates: await loadTemplates(settings, report),
    root: shown(settings.root),
    knownTargets: settings.knownTargets,
  });
  checkVariantNames(settings.onlyVariants, compiled.variants);
  const read = new Set(sources.agents.map((agent) => agent.path));
  const unread = agentPaths.map(shown).filter((file) => !read.has(file));
  const failed = [...new Set([...compiled.failed, ...unread])].sort();
  return { agentPaths, sources, targets, compiled, failed, manifests, report };
}

function checkVariantNames(wanted: readonly string[] | undefined, known: readonly string[]): void {
  const unknown = wanted?.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, known);
  throw new UsageError(`There is no variant \`${unknown}\``, `${near ? `Did you mean \`${near}\`? ` : ''}Variants: ${known.join(', ')}.`);
}
