/** One build: find, read, compile, plan, write. */
import path from 'node:path';
import type { Fate } from '../ir.js';
import { compileProject, outputsOf, type ProjectSummary, planProject, summaryOf } from './compile-project.js';
import { withLock } from './lock.js';
import { slashed } from './paths.js';
import { type BuildOptions, readSettings } from './settings.js';
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
export async function build(options: BuildOptions): Promise<BuildResult> {
  const settings = await readSettings(options);
  const { cwd } = settings;
  const shown = (file: string): string => slashed(path.relative(cwd, file));
  const project = await compileProject(settings);
  const outputs = await outputsOf(project, settings);
  const { planned, failures } = settings.dryRun
    ? { planned: planProject(project, outputs, settings), failures: [] }
    : await withLock(settings.manifestFolders, () => {
        const planned = planProject(project, outputs, settings);
        return { planned, failures: carryOut(planned) };
      });
  for (const { file, reason } of failures) project.report.addForFile('output-blocked', shown(file), { path: shown(file), reason });
  const unwritten = new Set(failures.map(({ file }) => file));
  return {
    dryRun: settings.dryRun,
    ...summaryOf(project),
    files: planned.files
      .filter(({ file }) => !unwritten.has(file))
      .map(({ file, target, sources, action }) => ({ path: shown(file), target, sources, action })),
    removed: planned.removed.filter((file) => !unwritten.has(file)).map(shown),
    fates: project.compiled.fates,
  };
}
