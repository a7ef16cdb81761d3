/** Keeps what a build knows at its end for the next one, and finds it again. */
import path from 'node:path';
import { readKept, writeKept } from './cache/build-cache.js';
import { createTexts, type StoredFinding, store } from './cache/findings.js';
import { type InputRecord, recordAt } from './cache/inputs.js';
import { keepUnits, reviveUnits } from './cache/kept-units.js';
import { folderFor, optionsKey } from './cache/options-key.js';
import { ownStampAt } from './cache/stamps.js';
import type { CarriedOut } from './carry-out.js';
import { createPlacer } from './claims.js';
import { sharedFilesIn } from './manifest.js';
import { MANIFEST } from './own-files.js';
import type { Known } from './prepare.js';
import type { BuildOptions } from './settings.js';
import { type Live, resultOf } from './update.js';
import { BUILD } from './version.js';

/** What is known of a project from an earlier run. */
export function recall(options: BuildOptions): Known | undefined {
  if (options.cache === false || BUILD === undefined) return undefined;
  const kept = readKept(folderFor(options), optionsKey(options), BUILD);
  const lines = kept?.lines() ?? [];
  if (!kept || lines.length === 0) return undefined;
  const rows = kept.inputs.length;
  let next = rows;
  const beside = {
    inputs: kept.inputs,
    findings: kept.findings,
    stampOfInput: (row: number) => kept.stampOf(row),
    nextOutputStamp: () => kept.stampOf(next++),
  };
  return reviveUnits(lines, beside, createTexts(options.cwd).read);
}

/**
 * Keeps what a build knows. Where that is not possible the next one knows nothing, and that is all.
 * @param isFresh it has just written all that it knows of
 */
export function keep(live: Live, done: CarriedOut, options: BuildOptions, isFresh = true): void {
  if (options.cache === false || BUILD === undefined) return;
  const { prepared, known, findings } = live;
  const { settings, looks } = prepared;
  const list: StoredFinding[] = [];
  const numbers = new Map<StoredFinding, number>();
  const numberOf = (finding: StoredFinding): number => {
    const number = numbers.get(finding) ?? list.push(finding) - 1;
    numbers.set(finding, number);
    return number;
  };
  const targets = prepared.targets.map(({ name }) => name);
  for (const { made } of known.units.values()) for (const finding of made.findings) numberOf(finding);
  for (const finding of findings) numberOf(store(finding));
  const { folders, agents, variants, failed } = resultOf(live, done, {});
  const files = done.counts.added + done.counts.changed + done.counts.unchanged;
  // Whether a folder without agents is fine, the manifests tell.
  const isWrong =
    prepared.files.agents.length === 0 || failed.length > 0 || looks.closed.size > 0 || list.some(({ severity }) => severity === 'error');
  const outputs = new Map([...wholeOutputs(live), ...sharedOutputs(prepared)]);
  const state = {
    options: optionsKey(options),
    repeats: isFresh && !isWrong && settings.isHermetic && !prepared.usesPackages() && areThere(live, outputs),
    ways: settings.ways,
    summary: { folders, agents, variants, targets, files },
    findings: list,
    listed: looks.listed,
    asked: [...looks.asked],
  };
  writeKept(folderFor(options), BUILD, state, known.inputs, outputs, keepUnits(known, targets, numberOf));
}

/** Whether all manifests that should be there are. */
const areThere = ({ prepared: { ownership } }: Live, outputs: ReadonlyMap<string, InputRecord>): boolean =>
  [...ownership.manifests].every(([folder, { size }]) => size === 0 || outputs.has(path.join(folder, MANIFEST)));

/** The outputs that are whole files, agent by agent. */
export function* wholeOutputs({ prepared, known }: Pick<Live, 'prepared' | 'known'>): Iterable<[file: string, record: InputRecord]> {
  const place = createPlacer(prepared.settings);
  for (const [source, { made }] of known.units) {
    for (const { hash, stamp, ...name } of made.outputs) {
      const placed = name.part ? undefined : place({ ...name, source });
      if (placed) yield [placed.file, { hash, stamp }];
    }
  }
}

/** The files of which parts are ours, and those that say what is: as they lie there. */
function* sharedOutputs({ ownership }: Live['prepared']): Iterable<[file: string, record: InputRecord]> {
  for (const [folder, manifest] of ownership.manifests) {
    for (const name of [...sharedFilesIn(manifest), ...(manifest.size > 0 ? [MANIFEST] : [])]) {
      const record = recordAt(path.join(folder, name), ownStampAt);
      if (record) yield [path.join(folder, name), record];
    }
  }
}
