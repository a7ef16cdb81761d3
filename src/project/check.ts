/** What a build would change on the disk, and does not. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { byPlace, type Diagnostic } from '../diagnostics/report.js';
import { compileProject, outputsOf, readManifests } from './compile-project.js';
import { slashed } from './paths.js';
import { plan } from './plan.js';
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

export interface CheckResult {
  readonly agents: number;
  readonly variants: readonly string[];
  readonly targets: readonly string[];
  /** How many files a build makes. */
  readonly files: number;
  readonly differences: readonly Difference[];
  readonly diagnostics: readonly Diagnostic[];
  /** Sources that lack an output. */
  readonly failed: readonly string[];
}

/** Compares a project with its outputs. Throws a UsageError for wrong use or a wrong config. */
export async function check(options: Omit<BuildOptions, 'force' | 'dryRun'>): Promise<CheckResult> {
  const settings = await readSettings(options);
  const { cwd } = settings;
  const shown = (file: string): string => slashed(path.relative(cwd, file));
  const project = await compileProject(settings);
  const { agentPaths, targets, compiled, failed, report } = project;
  // By force, so that what is edited is compared too. Nothing is written.
  const planned = plan({
    settings: { ...settings, force: true },
    outputs: await outputsOf(project, settings),
    sources: agentPaths,
    failed: new Set(failed.map((file) => path.resolve(cwd, file))),
    manifests: readManifests(settings),
  });
  for (const { code, path: file, data } of planned.conflicts) report.addForFile(code, file, data as never);

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
    agents: compiled.agents,
    variants: compiled.variants.filter((name) => compiled.files.some(({ variant }) => variant === name)),
    targets: targets.map((target) => target.name),
    files: planned.files.length,
    differences: [...written, ...removed].sort((a, b) => (a.path < b.path ? -1 : 1)),
    diagnostics: [...compiled.diagnostics, ...report.diagnostics].sort(byPlace),
    failed,
  };
}
