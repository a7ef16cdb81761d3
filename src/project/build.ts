import path from 'node:path';
import { tagged } from '../compile.js';
import { type Diagnostic, type Finding, toDiagnostics } from '../diagnostics/report.js';
import type { Fate } from '../ir.js';
import { CONFIG } from '../stages/compose/compose.js';
import type { OutputFile } from '../stages/emit/emit.js';
import { fatesIn } from '../stages/lower/account.js';
import { checkRules } from '../stages/merge/required-sections.js';
import { createReviver, type StoredFinding } from './cache/findings.js';
import { stampAt } from './cache/stamps.js';
import { type CarriedOut, carryOut } from './carry-out.js';
import type { ProjectSummary } from './compile-project.js';
import { whileCalm, withLock } from './lock.js';
import { JOURNAL, MANIFEST } from './manifest.js';
import { pathFrom } from './paths.js';
import { beginPreparing, type Known, type Prepared, prepare } from './prepare.js';
import { type BuildOptions, placementOf, readSettings, type Settings } from './settings.js';
import type { Means } from './write-unit.js';

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
  /** The folders in which sources are looked for, relative to the working folder. */
  readonly folders: readonly string[];
  /** How many files there are, by what was done, or would be in a dry run. */
  readonly counts: { readonly [A in BuiltFile['action']]: number };
  /** The files, when a list is wanted; none otherwise. */
  readonly files: readonly BuiltFile[];
  readonly removed: readonly string[];
  /** What becomes of each field, when that is wanted. */
  readonly fates: readonly Fate[];
}

/** Builds a project. Throws a UsageError for wrong use or a wrong config; what authors got wrong is in `diagnostics`. */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const settings = await readSettings(options);
  const fates: Fate[] = [];
  const files: BuiltFile[] = [];
  const { live, done } = await update(settings, undefined, {
    onBegin() {
      fates.length = 0;
      files.length = 0;
    },
    onProgress: options.onProgress,
    onMade: options.fates ? ({ accounts }) => void fates.push(...accounts.flatMap(fatesIn)) : undefined,
    onBuilt: options.files ? ({ file, ...of }) => void files.push({ path: pathFrom(settings.cwd, file), ...of }) : undefined,
  });
  return resultOf(live, done, { files, fates });
}

/** What one build leaves to the next: in memory, and the part of it that can be kept. */
export interface Live {
  readonly prepared: Prepared;
  readonly known: Known;
  readonly mapsOf: Means['mapsOf'];
  /** Paths of agents that lack an output. */
  readonly failed: ReadonlySet<string>;
  /** What is wrong with files, and with agents beside each other; what is wrong with an agent is known with it. */
  readonly findings: readonly Finding[];
  readonly revive: (stored: StoredFinding) => Finding;
}

export interface Updated {
  readonly live: Live;
  readonly done: CarriedOut;
}

export interface UpdateHooks extends Omit<Means, 'mapsOf'> {
  /** Is called before anything is told. A dry run begins again when another build writes meanwhile. */
  readonly onBegin?: () => void;
  /** Is called when all is written, while nobody else writes. */
  readonly onEnd?: () => void;
}

/** Brings the outputs of a project up to its sources. What was known before saves work, and never changes what comes out. */
export async function update(settings: Settings, known: Known | undefined, hooks: UpdateHooks): Promise<Updated> {
  const run = (): Promise<Updated> => updateOnce(settings, known, hooks);
  return settings.dryRun ? await whileCalm(settings.manifestFolders, () => manifestStamps(settings), run) : await run();
}

/** Is another one after each build that wrote. */
export const manifestStamps = ({ manifestFolders }: Settings): string =>
  JSON.stringify(manifestFolders.flatMap((folder) => [MANIFEST, JOURNAL].map((name) => stampAt(path.join(folder, name)) ?? null)));

async function updateOnce(settings: Settings, known: Known | undefined, hooks: UpdateHooks): Promise<Updated> {
  hooks.onBegin?.();
  const preparation = await beginPreparing(settings, known);
  const mapsOf = settings.sourceMaps ? await loadMapMaker(settings, preparation.templates) : undefined;
  const run = (): Updated => {
    const prepared = prepare(settings, known, preparation);
    const done = carryOut(prepared, { ...hooks, mapsOf });
    hooks.onEnd?.();
    checkOutline(prepared, done);
    const live = {
      prepared,
      known: knownAfter(prepared, done),
      mapsOf,
      failed: done.failed,
      findings: prepared.report.findings,
      revive: createReviver(prepared.texts.read),
    };
    return { live, done };
  };
  return settings.dryRun ? run() : await withLock(settings.manifestFolders, run);
}

/** Makes source maps. Their code is loaded for this. */
async function loadMapMaker(settings: Settings, templates: Prepared['templates']): Promise<Means['mapsOf']> {
  const { sourceMapsOf } = await import('./source-maps.js');
  const own = new Set(Object.values(templates).map(({ file }) => file));
  const rootOf = ({ target, variant }: OutputFile): string | undefined => placementOf(settings, target, variant)?.root;
  return (files, textOf) => sourceMapsOf(files, { rootOf, cwd: settings.cwd, textOf, isBuiltIn: (file) => !own.has(file) });
}

/** An agent that is not there may be the one that a rule is for. */
function checkOutline({ settings, units, report, shown }: Prepared, { failed }: CarriedOut): void {
  const { outline, onlyVariants, complete } = settings;
  if (!outline || !complete || onlyVariants || failed.size > 0 || units.some(({ card }) => !card.sound)) return;
  const agents = tagged(units.map(({ card }) => card));
  checkRules(agents, outline, shown(settings.root), settings.config === undefined ? CONFIG : shown(settings.config), report);
}

/** What is to be told of a build. The messages are made when somebody reads them. */
export function resultOf(
  { prepared, known, failed, findings, revive }: Live,
  { counts, removed }: CarriedOut,
  { files = [], fates = [] }: Partial<Pick<BuildResult, 'files' | 'fates'>>,
): BuildResult {
  const { settings, targets, linked, shown } = prepared;
  const made = [...known.units.values()].map((unit) => unit.made);
  const built = new Set(made.flatMap(({ outputs }) => outputs.map(({ variant }) => variant)));
  let diagnostics: readonly Diagnostic[] | undefined;
  return {
    dryRun: settings.dryRun,
    folders: settings.sourceFolders.map(shown),
    agents: made.filter(({ outputs }) => outputs.length > 0).length,
    variants: linked.variants.filter((name) => built.has(name)),
    targets: targets.map(({ name }) => name),
    get diagnostics() {
      diagnostics ??= toDiagnostics([...findings, ...made.flatMap((one) => one.findings.map(revive))]);
      return diagnostics;
    },
    failed: [...failed].sort(),
    counts,
    files,
    fates,
    removed: removed.map(shown),
  };
}

function knownAfter({ key, units, linked, inputs }: Prepared, done: CarriedOut): Known {
  return {
    key,
    agents: units.map(({ card }) => card.path),
    variants: linked.variants,
    units: done.units,
    inputs: new Map(inputs.records),
  };
}
