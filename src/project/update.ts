/** A whole build: all that has to be done to bring the outputs up to the sources, and what is to be told of it. */
import path from 'node:path';
import { tagged } from '../compile.js';
import { type Diagnostic, type Finding, inOrder, toDiagnostic, toDiagnostics } from '../diagnostics/report.js';
import type { Severity } from '../diagnostics/rules.js';
import type { Fate } from '../ir.js';
import { CONFIG } from '../stages/compose/compose.js';
import type { OutputFile } from '../stages/emit/emit.js';
import { checkRules } from '../stages/merge/required-sections.js';
import { createReviver, type StoredFinding } from './cache/findings.js';
import { stampAt } from './cache/stamps.js';
import { type CarriedOut, carryOut, type ShareOut } from './carry-out.js';
import type { ProjectSummary } from './compile-project.js';
import { clearPlaces, removeEmptyPlaces } from './former-places.js';
import { whileCalm, withLock } from './lock.js';
import { JOURNAL, MANIFEST } from './own-files.js';
import { beginPreparing, type Known, type Prepared, prepare } from './prepare.js';
import { placementOf, type Settings } from './settings.js';
import { mayNeedThreads, threadsFor } from './workers/jobs.js';
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
  /** What the messages are made of, in their order. */
  readonly findings: readonly Finding[];
  /** Whether there are messages of a severity: known without making any. */
  hasFound(severity: Severity): boolean;
  /** The folders in which sources are looked for, relative to the working folder. */
  readonly folders: readonly string[];
  /** How many files there are, by what was done, or would be in a dry run. */
  readonly counts: { readonly [A in BuiltFile['action']]: number };
  /** How many files, or parts of files, were there already and are taken over. */
  readonly adopted: number;
  /** The files, when a list is wanted; none otherwise. */
  readonly files: readonly BuiltFile[];
  readonly removed: readonly string[];
  /** What becomes of each field, when that is wanted. */
  readonly fates: readonly Fate[];
  /** The messages that are errors. */
  readonly errors: readonly Diagnostic[];
  /** Of a small build: no other messages are different. */
  readonly recent?: Recent | undefined;
}

/** Messages that a small build has made different. */
export interface Recent {
  readonly come: readonly Diagnostic[];
  readonly gone: readonly Diagnostic[];
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
  return settings.dryRun ? await whileCalm(settings.manifestFolders, () => manifestStamps(settings), run, settings.onWait) : await run();
}

/** Is another one after each build that wrote. */
export const manifestStamps = ({ manifestFolders }: Settings): string =>
  JSON.stringify(manifestFolders.flatMap((folder) => [MANIFEST, JOURNAL].map((name) => stampAt(path.join(folder, name)) ?? null)));

async function updateOnce(settings: Settings, known: Known | undefined, hooks: UpdateHooks): Promise<Updated> {
  hooks.onBegin?.();
  const preparation = await beginPreparing(settings, known);
  const mapsOf = await loadMapMaker(settings, preparation.templates);
  const run = async (): Promise<Updated> => {
    const prepared = prepare(settings, known, preparation);
    const done = carryOut(prepared, { ...hooks, mapsOf }, 'all', await loadShareOut(prepared));
    if (!settings.dryRun) clearPlaces(settings, prepared.ownership.manifests);
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
  if (settings.dryRun) return run();
  const updated = await withLock(settings.manifestFolders, run, settings.onWait);
  removeEmptyPlaces(settings);
  return updated;
}

/** Makes source maps, when they are wanted. Their code is loaded for this. */
export async function loadMapMaker(settings: Settings, templates: Prepared['templates']): Promise<Means['mapsOf']> {
  if (!settings.sourceMaps) return undefined;
  const { sourceMapsOf } = await import('./source-maps.js');
  const own = new Set(Object.values(templates).map(({ file }) => file));
  const rootOf = ({ target, variant }: OutputFile): string | undefined => placementOf(settings, target, variant)?.root;
  return (files, textOf) => sourceMapsOf(files, { rootOf, cwd: settings.cwd, textOf, isBuiltIn: (file) => !own.has(file) });
}

/** Lets other threads compile as well, where there may be enough to do. Its code is loaded for this. */
async function loadShareOut(prepared: Prepared): Promise<ShareOut | undefined> {
  if (!mayNeedThreads(prepared)) return undefined;
  const { shareOut } = await import('./workers/crew.js');
  return (units, how, make) => {
    const threads = threadsFor(prepared.settings, units.length);
    return threads > 1 ? shareOut(threads, units, prepared, how, make) : undefined;
  };
}

/** An agent that is not there may be the one that a rule is for. */
function checkOutline({ settings, units, report, shown }: Prepared, { failed }: CarriedOut): void {
  const { outline, onlyVariants, complete } = settings;
  if (!outline || !complete || onlyVariants || failed.size > 0 || units.some(({ card }) => !card.sound)) return;
  const agents = tagged(units.map(({ card }) => card));
  checkRules(agents, outline, shown(settings.root), settings.config === undefined ? CONFIG : shown(settings.config), report);
}

const isError = ({ severity }: Pick<Finding, 'severity'>): boolean => severity === 'error';

/** What is to be told of a build. The messages are made when somebody reads them. */
export function resultOf(
  { prepared, known, failed, findings, revive }: Live,
  { counts, adopted, removed }: CarriedOut,
  { files = [], fates = [], recent }: Partial<Pick<BuildResult, 'files' | 'fates' | 'recent'>>,
): BuildResult {
  const { settings, targets, linked, shown } = prepared;
  const made = [...known.units.values()].map((unit) => unit.made);
  const isBuilt = (variant: string): boolean => made.some(({ outputs }) => outputs.some((output) => output.variant === variant));
  const all = (): Finding[] => [...findings, ...made.flatMap((one) => one.findings.map(revive))];
  let inPlace: readonly Finding[] | undefined;
  let errors: readonly Diagnostic[] | undefined;
  return {
    dryRun: settings.dryRun,
    folders: settings.sourceFolders.map(shown),
    agents: made.filter(({ outputs }) => outputs.length > 0).length,
    variants: linked.variants.filter(isBuilt),
    targets: targets.map(({ name }) => name),
    hasFound: (severity) => [{ findings }, ...made].some((one) => one.findings.some((finding) => finding.severity === severity)),
    get findings() {
      inPlace ??= inOrder(all());
      return inPlace;
    },
    get diagnostics() {
      return this.findings.map(toDiagnostic);
    },
    get errors() {
      errors ??= toDiagnostics([...findings.filter(isError), ...made.flatMap((one) => one.findings.filter(isError).map(revive))]);
      return errors;
    },
    recent,
    failed: [...failed].sort(),
    counts,
    adopted,
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
