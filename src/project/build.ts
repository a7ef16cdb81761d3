import { tagged } from '../compile.js';
import type { Diagnostic } from '../diagnostics/report.js';
import type { Fate } from '../ir.js';
import { CONFIG } from '../stages/compose/compose.js';
import type { OutputFile } from '../stages/emit/emit.js';
import { fatesIn } from '../stages/lower/account.js';
import { checkRules } from '../stages/merge/required-sections.js';
import { type CarriedOut, carryOut } from './carry-out.js';
import type { ProjectSummary } from './compile-project.js';
import { withLock } from './lock.js';
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
  const { result } = await update(settings, undefined, {
    onProgress: options.onProgress,
    onMade: options.fates ? ({ accounts }) => void fates.push(...accounts.flatMap(fatesIn)) : undefined,
    onBuilt: options.files ? ({ file, ...of }) => void files.push({ path: pathFrom(settings.cwd, file), ...of }) : undefined,
  });
  return { ...result, files, fates };
}

/** What one build leaves to the next. */
export interface Updated {
  readonly result: BuildResult;
  readonly known: Known;
  /** How many agents were compiled. */
  readonly compiled: number;
}

export type UpdateHooks = Omit<Means, 'mapsOf'>;

/** Brings the outputs of a project up to its sources. What was known before saves work, and never changes what comes out. */
export async function update(settings: Settings, known: Known | undefined, hooks: UpdateHooks): Promise<Updated> {
  const preparation = await beginPreparing(settings, known);
  const mapsOf = settings.sourceMaps ? await loadMapMaker(settings, preparation.templates) : undefined;
  const run = (): Updated => {
    const prepared = prepare(settings, known, preparation);
    const done = carryOut(prepared, { ...hooks, mapsOf });
    return { result: resultOf(prepared, done), known: knownAfter(prepared, done), compiled: done.compiled };
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

function resultOf({ settings, targets, report, linked, units, shown }: Prepared, done: CarriedOut): BuildResult {
  report.take(done.findings);
  const { outline, onlyVariants, complete } = settings;
  // An agent that is not there may be the one that a rule is for.
  if (outline && complete && !onlyVariants && done.failed.size === 0 && units.every(({ card }) => card.sound)) {
    const agents = tagged(units.map(({ card }) => card));
    const config = settings.config === undefined ? CONFIG : shown(settings.config);
    checkRules(agents, outline, shown(settings.root), config, report);
  }
  const made = [...done.units.values()].map(({ made }) => made);
  const built = new Set(made.flatMap(({ outputs }) => outputs.map(({ variant }) => variant)));
  return {
    dryRun: settings.dryRun,
    agents: made.filter(({ outputs }) => outputs.length > 0).length,
    variants: linked.variants.filter((name) => built.has(name)),
    targets: targets.map(({ name }) => name),
    diagnostics: report.diagnostics as readonly Diagnostic[],
    failed: [...done.failed].sort(),
    counts: done.counts,
    files: [],
    fates: [],
    removed: done.removed.map(shown),
  };
}

function knownAfter({ key, units, linked, inputs }: Prepared, done: CarriedOut): Known {
  return {
    key,
    agents: units.map(({ card }) => card.path),
    variants: linked.variants,
    units: done.units,
    inputs: inputs.records,
  };
}
