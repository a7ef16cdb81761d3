/** One build: find, read, compile, plan, write. */
import path from 'node:path';
import type { Fate } from '../ir.js';
import { type CompiledProject, compileProject, outputsOf, type ProjectSummary, planProject, summaryOf } from './compile-project.js';
import { withLock } from './lock.js';
import { slashed } from './paths.js';
import { type BuildOptions, readSettings, type Settings } from './settings.js';
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

export interface BuildResult extends ProjectSummary {
  readonly dryRun: boolean;
  readonly files: readonly BuiltFile[];
  readonly removed: readonly string[];
  readonly fates: readonly Fate[];
}

/** Builds a project. Throws a UsageError for wrong use or a wrong config; what authors got wrong is in `diagnostics`. */
export const build = async (options: BuildOptions): Promise<BuildResult> => (await buildProject(await readSettings(options))).result;

/** Builds a project whose config has been read. Gives with the result what was compiled. */
export async function buildProject(settings: Settings): Promise<{ readonly project: CompiledProject; readonly result: BuildResult }> {
  const { cwd } = settings;
  const shown = (file: string): string => slashed(path.relative(cwd, file));
  const project = await compileProject(settings);
  const outputs = await outputsOf(project, settings);
  const { planned, failures } = settings.dryRun
    ? { planned: planProject(project, outputs, settings), failures: [] }
    : await withLock(settings.manifestFolders, () => {
        const planned = planProject(project, outputs, settings);
        return { planned, failures: carryOut(planned, settings.onProgress) };
      });
  for (const { file, reason } of failures) project.report.addForFile('output-blocked', shown(file), { path: shown(file), reason });
  const unwritten = new Set(failures.map(({ file }) => file));
  const result = {
    dryRun: settings.dryRun,
    ...summaryOf(project),
    files: planned.files
      .filter(({ file }) => !unwritten.has(file))
      .map(({ file, target, sources, action }) => ({ path: shown(file), target, sources, action })),
    removed: planned.removed.filter((file) => !unwritten.has(file)).map(shown),
    fates: project.compiled.fates,
  };
  return { project, result };
}
