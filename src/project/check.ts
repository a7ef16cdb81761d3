/** What a build would change on the disk, and does not. */
import { readFileSync } from 'node:fs';
import { type Finding, toDiagnostic } from '../diagnostics/report.js';
import type { ProjectSummary } from './compile-project.js';
import { recall } from './keep.js';
import { pathFrom } from './paths.js';
import type { Gone } from './plan.js';
import { type BuildOptions, readSettings } from './settings.js';
import { resultOf, update } from './update.js';
import type { FileChange } from './write-unit.js';

/** A file that is not what a build would make of it. */
export interface Difference {
  /** Relative to the working folder, with `/`. */
  readonly path: string;
  /** `edited`: it is not polyagent's, or somebody edited it since; a build leaves it alone. */
  readonly kind: 'added' | 'changed' | 'removed' | 'edited';
  /** Why it is not made any more; of a file that is still made, why an edited part of it is not. */
  readonly gone?: Gone;
  /** What is there; absent when nothing is. */
  readonly before?: string;
  /** What a build makes; absent for a file that it removes. */
  readonly after?: string;
}

export interface CheckResult extends ProjectSummary {
  /** How many files a build makes. */
  readonly files: number;
  readonly differences: readonly Difference[];
  /** What the messages are made of. */
  readonly findings: readonly Finding[];
}

/** Compares a project with its outputs. Throws a UsageError for wrong use or a wrong config. */
export async function check(options: Omit<BuildOptions, 'force' | 'dryRun'>): Promise<CheckResult> {
  // By force, so that what is edited is compared too. Nothing is written.
  const settings = { ...(await readSettings(options)), force: true, dryRun: true };
  const differences: Difference[] = [];
  const onChange = ({ file, action, content, edited, gone }: FileChange): void => {
    differences.push({
      path: pathFrom(settings.cwd, file),
      kind: edited ? 'edited' : action,
      ...(gone && { gone }),
      ...(action !== 'added' && { before: readFileSync(file, 'utf8') }),
      ...(content !== undefined && { after: content }),
    });
  };
  const { live, done } = await update(settings, recall(options), { onBegin: () => void differences.splice(0), onChange });
  const { counts, agents, variants, targets, findings, failed } = resultOf(live, done, {});
  return {
    agents,
    variants,
    targets,
    findings,
    get diagnostics() {
      return findings.map(toDiagnostic);
    },
    failed,
    files: counts.added + counts.changed + counts.unchanged,
    differences: differences.sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}
