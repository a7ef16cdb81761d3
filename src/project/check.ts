/** What a build would change on the disk, and does not. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compileProject, outputsOf, type ProjectSummary, planProject, summaryOf } from './compile-project.js';
import { slashed } from './paths.js';
import { type BuildOptions, readSettings } from './settings.js';

/** A file that is not what a build would make of it. */
export interface Difference {
  /** Relative to the working folder, with `/`. */
  readonly path: string;
  /** `edited`: it is not polyagent's, or somebody edited it since; a build leaves it alone. */
  readonly kind: 'added' | 'changed' | 'removed' | 'edited';
  /** What is there; absent when nothing is. */
  readonly before?: string;
  /** What a build makes; absent for a file that it removes. */
  readonly after?: string;
}

export interface CheckResult extends ProjectSummary {
  /** How many files a build makes. */
  readonly files: number;
  readonly differences: readonly Difference[];
}

/** Compares a project with its outputs. Throws a UsageError for wrong use or a wrong config. */
export async function check(options: Omit<BuildOptions, 'force' | 'dryRun'>): Promise<CheckResult> {
  const settings = await readSettings(options);
  const shown = (file: string): string => slashed(path.relative(settings.cwd, file));
  const project = await compileProject(settings);
  // By force, so that what is edited is compared too. Nothing is written.
  const planned = planProject(project, await outputsOf(project, settings), { ...settings, force: true });

  const written = planned.files.flatMap(({ file, action, content }): Difference[] => {
    if (action === 'unchanged') return [];
    const kind = planned.edited.has(file) ? 'edited' : action;
    return [{ path: shown(file), kind, ...(action === 'changed' && { before: readFileSync(file, 'utf8') }), after: content }];
  });
  const removed = planned.removed.map((file): Difference => {
    const kind = planned.edited.has(file) ? 'edited' : 'removed';
    return { path: shown(file), kind, before: readFileSync(file, 'utf8') };
  });
  return {
    ...summaryOf(project),
    files: planned.files.length,
    differences: [...written, ...removed].sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}
