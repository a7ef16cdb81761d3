/** A small build: some files were edited, and nothing else. Only the agents that are made of them are looked at. */
import { createReport, type Diagnostic, type Finding, keyOf, toDiagnostics } from '../diagnostics/report.js';
import { createInputs } from './cache/inputs.js';
import { type CarriedOut, carryOut } from './carry-out.js';
import { isInside, pathFrom, realOf } from './paths.js';
import { createOutputs } from './planned.js';
import type { Prepared } from './prepare.js';
import { isSameCard, type MadeUnit, refreshUnits } from './units.js';
import type { Live, Recent } from './update.js';
import type { Means } from './write-unit.js';

export interface Edited {
  readonly live: Live;
  readonly done: CarriedOut;
  readonly recent: Recent;
}

/**
 * Builds again the agents that are made of edited files. Gives nothing, and has done nothing, when more may be different
 * than those: a file came or went, an agent has another name. Nobody else may write meanwhile.
 * @param changed absolute paths
 */
export function updateSome(live: Live, changed: ReadonlySet<string>, means: Means): Edited | undefined {
  const { prepared: before, known, mapsOf, failed, findings: foundBefore } = live;
  const { files, absolute, settings, linked, targets, shown, texts } = before;
  // It goes with a whole build, once nothing is in the way any more.
  if (foundBefore.some(({ code }) => code === 'output-left')) return undefined;
  const inputs = createInputs(known.inputs);
  for (const file of changed) {
    const isTemplate = isInside(file, settings.templates.folder);
    if (isTemplate || !known.inputs.has(file) || inputs.read(file).hash === undefined) return undefined;
  }
  const edited = new Set([...changed].filter((file) => inputs.records.get(file)?.hash !== known.inputs.get(file)?.hash));
  // Files of packages go by their real paths.
  const names = new Set([...edited].flatMap((file) => [shown(file), pathFrom(realOf(settings.cwd), file)]));
  const concerned = [...known.units].filter(([path, { made }]) => names.has(path) || made.uses.some((used) => names.has(used)));
  const isShared = concerned.some(([path]) => !names.has(path)) || [...edited].some((file) => !files.agents.includes(file));

  const compiler = isShared ? before.renewCompiler() : before.compiler;
  const prepared: Prepared = { ...before, report: createReport(settings.rules), inputs, compiler };
  const paths = new Map(concerned.map(([path]) => [path, absolute(path)]));
  const units = refreshUnits(paths, undefined, inputs, prepared.compiler, targets, absolute, texts.read);
  const isAsBefore = units.every(({ card }) => isSameCard(card, known.units.get(card.path)?.card));
  if (units.length < concerned.length || !isAsBefore) return undefined;

  const some = units.map((unit) => ({ ...unit, before: known.units.get(unit.card.path)?.made }));
  for (const name of names) texts.forget(name);
  const told = new Map(
    toFindings(
      concerned.map(([, { made }]) => made),
      live,
    ),
  );
  const outputsOf = createOutputs(before);
  const done = carryOut({ ...prepared, units: some, failed: linked.failed }, { ...means, mapsOf }, 'some');
  for (const [path, unit] of done.units) known.units.set(path, unit);
  const now = new Map([
    ...toFindings(
      [...done.units.values()].map(({ made }) => made),
      live,
    ),
    ...prepared.report.findings.map(keyed),
  ]);
  const only = (these: ReadonlyMap<string, Finding>, others: ReadonlyMap<string, Finding>): readonly Diagnostic[] =>
    toDiagnostics([...these].flatMap(([key, finding]) => (others.has(key) ? [] : [finding])));
  for (const [file, record] of inputs.records) known.inputs.set(file, record);
  const others = [...failed].filter((path) => !paths.has(path));
  // What was in the way of these outputs has been told anew.
  const outputs = new Set(some.flatMap((unit) => outputsOf(unit).map(({ file }) => shown(file))));
  const found = foundBefore.filter(({ file }) => !outputs.has(file));
  return {
    live: {
      ...live,
      prepared: { ...before, compiler },
      failed: new Set([...others, ...done.failed]),
      findings: [...found, ...prepared.report.findings],
    },
    done,
    recent: { come: only(now, told), gone: only(told, now) },
  };
}

const keyed = (finding: Finding): [string, Finding] => [keyOf(finding), finding];

const toFindings = (made: readonly MadeUnit[], { revive }: Live): [string, Finding][] =>
  made.flatMap(({ findings }) => findings.map((stored) => keyed(revive(stored))));
