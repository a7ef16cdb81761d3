/**
 * Whether a build has nothing to do: told by the file system alone, without the compiler. This module and what it imports are
 * all that such a build loads.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Finding, inOrder, toDiagnostic } from '../diagnostics/report.js';
import { type Kept, readKept } from './cache/build-cache.js';
import { createReviver, createTexts } from './cache/findings.js';
import { recordAt } from './cache/inputs.js';
import { looksTheSame } from './cache/looks.js';
import { folderFor, optionsKey } from './cache/options-key.js';
import { isSame, ownStampAt, type Stamp, stampAt } from './cache/stamps.js';
import { JOURNAL, LOCK, MANIFEST } from './own-files.js';
import { realOf } from './paths.js';
import type { BuildOptions } from './settings.js';
import type { BuildResult } from './update.js';
import { BUILD } from './version.js';

/** The result of a build that would change nothing; `undefined` when that is not known. */
export function unchanged(options: BuildOptions): BuildResult | undefined {
  const { cwd, cache, dryRun, files, fates } = options;
  if (cache === false || dryRun || files || fates || BUILD === undefined) return undefined;
  const kept = readKept(folderFor(options), optionsKey(options), BUILD);
  if (!kept?.repeats || !looksTheSame({ listed: kept.listed, asked: new Map(kept.asked) })) return undefined;
  const settled = new Map<number, Stamp>();
  if (!kept.inputs.every((file, row) => isAsKept(file, row, stampAt, kept, settled))) return undefined;
  if (!kept.ways.every(([named, real]) => realOf(named) === real)) return undefined;
  // A build that runs, or that was killed.
  const folders = kept.outputs.filter((file) => path.basename(file) === MANIFEST).map((file) => path.dirname(file));
  if (folders.some((folder) => [LOCK, JOURNAL].some((name) => existsSync(path.join(folder, name))))) return undefined;
  const rows = kept.inputs.length;
  if (!kept.outputs.every((file, row) => isAsKept(file, rows + row, ownStampAt, kept, settled))) return undefined;
  if (settled.size > 0) kept.settle(settled);
  const { agents, variants, targets, files: count } = kept.summary;
  let findings: readonly Finding[] | undefined;
  return {
    dryRun: false,
    folders: kept.summary.folders,
    agents,
    variants,
    targets,
    hasFound: (severity) => kept.findings.some((finding) => finding.severity === severity),
    get findings() {
      findings ??= inOrder(kept.findings.map(createReviver(createTexts(cwd).read)));
      return findings;
    },
    get diagnostics() {
      return this.findings.map(toDiagnostic);
    },
    errors: [],
    failed: [],
    counts: { added: 0, changed: 0, unchanged: count },
    adopted: 0,
    files: [],
    fates: [],
    removed: [],
  };
}

/**
 * Whether a file is what it was. One whose stamp did not tell is read.
 * @param settled gets the stamps that tell by now
 */
function isAsKept(
  file: string,
  row: number,
  look: (file: string) => Stamp | undefined,
  { stampOf, unsettled }: Kept,
  settled: Map<number, Stamp>,
): boolean {
  const before = stampOf(row);
  if (before) {
    const stamp = look(file);
    return stamp !== undefined && isSame(before, stamp);
  }
  const record = recordAt(file, look);
  if (!record || record.hash !== unsettled[row]) return false;
  if (record.stamp) settled.set(row, record.stamp);
  return true;
}
