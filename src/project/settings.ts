/** Config + command line → what one build works with, checked. */
import path from 'node:path';
import { nearest } from '../diagnostics/nearest.js';
import type { RuleLevels } from '../diagnostics/report.js';
import { FORMATS } from '../formats/index.js';
import { groupBy } from '../group-by.js';
import type { MarkdownParser } from '../markdown/parser.js';
import { NOT_IN_VARIANT, PLAIN, reasonAgainst, type Variants } from '../stages/compose/compose.js';
import type { ModelMap } from '../stages/lower/model.js';
import type { OutlineRule } from '../stages/merge/required-sections.js';
import { CAPABILITIES } from '../targets/capabilities.js';
import { TARGETS } from '../targets/index.js';
import type { Target } from '../targets/target.js';
import { blaming, type LoadedConfig, loadConfig } from './config.js';
import type { Config, TargetSetting } from './define-config.js';
import { isPlaceOf, otherPlaces } from './former-places.js';
import type { OnWait } from './lock.js';
import { chooseParser } from './parser.js';
import { folderOf, realOf } from './paths.js';
import { readShard, type Shard } from './shard.js';
import { UsageError } from './usage-error.js';

/** What the command line says; absent fields are the config's. */
export interface BuildOptions {
  readonly cwd: string;
  /** Files, folders or globs. Empty: those of the config. */
  readonly sources?: readonly string[];
  /** Names of targets. */
  readonly to?: readonly string[];
  readonly out?: string;
  /** Names of variants, `default` for the plain build. */
  readonly variants?: readonly string[];
  readonly config?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly sourceMaps?: boolean;
  /** Every target there is, whatever the config chooses. */
  readonly all?: boolean;
  /** A list of all files is wanted. */
  readonly files?: boolean;
  /** What becomes of each field of each agent is wanted, so that every agent is compiled. */
  readonly fates?: boolean;
  /** `false`: nothing is kept for the next run, and nothing kept is used. */
  readonly cache?: boolean;
  /** `2/8`: only the second of eight shares. */
  readonly shard?: string;
  /** How many threads compile; 1: only this one. Absent: as many as make the build faster. */
  readonly jobs?: number;
  /** Is told how many outputs are done, of how many that have to be compiled. */
  readonly onProgress?: Progress | undefined;
  /** Is told of another build that is waited for. */
  readonly onWait?: OnWait | undefined;
}

export type Progress = (done: number, total: number) => void;

/** Everything a build needs to know, with absolute paths. */
export interface Settings {
  /** Paths in messages are relative to it. */
  readonly cwd: string;
  /** The folder of the config, or the working folder: the root of the project. */
  readonly root: string;
  /** The config; absent when there is none. */
  readonly config: string | undefined;
  /** Absolute paths of the config, of what it imports, and of places where one may come. */
  readonly configFiles: readonly string[];
  /** What the config says depends on its files alone. */
  readonly isHermetic: boolean;
  /** The share to build; absent: all. */
  readonly shard: Shard | undefined;
  /** Patterns of `sources` are relative to it. */
  readonly sourceRoot: string;
  readonly sources: readonly string[];
  /** The sources are all there are: an output whose source is not among them is stale. */
  readonly complete: boolean;
  /** The targets are all there are: an output of another one, or in another place, is stale. */
  readonly allTargets: boolean;
  /** The folders of the sources: an output whose source lies there, and is no longer one, is stale. */
  readonly sourceFolders: readonly string[];
  /** Folders that may hold a manifest of ours. */
  readonly manifestFolders: readonly string[];
  /** Those of them, or others, that hold one of an earlier config of this project, which had outputs there. */
  readonly formerFolders: readonly string[];
  /** Folders that may come to hold such a one. */
  readonly otherFolders: readonly string[];
  /** What the places of outputs belong to: the folder of the config; a config that is named is one of its own. Absent with --out. */
  readonly project: string | undefined;
  readonly fragments: readonly string[] | undefined;
  readonly templates: {
    readonly folder: string;
    /** The config names it. */
    readonly named: boolean;
  };
  readonly outDir: string;
  /** The places of outputs as they are named, and where they are in fact. */
  readonly ways: readonly (readonly [named: string, real: string])[];
  readonly targets: readonly Placement[];
  /** Targets of the config that this build leaves out, which sources may name all the same. */
  readonly knownTargets: readonly string[];
  readonly models: ModelMap;
  readonly variants: Variants;
  /** Only these are built; absent: all. */
  readonly onlyVariants: readonly string[] | undefined;
  readonly outline: readonly OutlineRule[] | undefined;
  readonly rules: RuleLevels;
  readonly sourceMaps: boolean;
  readonly parser: MarkdownParser;
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly onWait: OnWait | undefined;
  /** What they were read from: another thread reads them again. */
  readonly options: BuildOptions;
}

/** A target with its place. */
export interface Placement {
  readonly target: Target;
  /** The folder that stands for a project's root. */
  readonly root: string;
  /** The folder that no output may leave: the output folder, or a place that the config names. */
  readonly within: string;
}

/** Reads the config and lays the command line over it. Throws a UsageError for what makes no sense. */
export async function readSettings(options: BuildOptions): Promise<Settings> {
  const loaded = await loadConfig(options.cwd, options.config, options.cache !== false);
  return blaming(loaded.files, () => settingsOf(loaded, options));
}

function settingsOf(loaded: LoadedConfig, options: BuildOptions): Settings {
  const { cwd } = options;
  const { config, root } = loaded;
  // Two ways to one folder are one folder: a manifest is found by its real path.
  const ways: (readonly [named: string, real: string])[] = [];
  const placeAt = (named: string): string => {
    const real = realOf(named);
    ways.push([named, real]);
    return real;
  };
  const outDir = placeAt(options.out === undefined ? path.resolve(root, config.outDir ?? 'dist') : path.resolve(cwd, options.out));
  const own = options.sources !== undefined && options.sources.length > 0;
  const sources = own ? (options.sources ?? []) : toList(config.agents ?? 'agents');
  const sourceRoot = own ? cwd : root;
  const offered = offeredTargets(loaded);
  const wanted = options.to
    ? [...new Set(options.to)].map((name) => choose(name, offered))
    : ((options.all ? undefined : configured(loaded, offered)) ?? [...offered.values()]);
  checkModels(config.models ?? {}, offered);
  if (wanted.length === 0) throw new UsageError('There are no targets', `Targets: ${[...offered.keys()].join(', ')}.`);
  const placed = wanted.map(({ target, outDir: place }) =>
    placeOf(target, outDir, options.out === undefined && place !== undefined ? placeAt(path.resolve(root, place)) : undefined),
  );
  const project = options.out === undefined ? projectOf(loaded, options) : undefined;
  const allTargets = !own && options.to === undefined;
  const folders = [...new Set([outDir, ...placed.map(({ within }) => within)])];
  const otherFolders = allTargets && project !== undefined && options.all !== true ? otherPlaces(root, folders) : [];
  const formerFolders = otherFolders.filter((folder) => isPlaceOf(folder, project ?? ''));
  return {
    cwd,
    root,
    config: loaded.file,
    configFiles: loaded.files,
    isHermetic: loaded.isHermetic,
    shard: options.shard === undefined ? undefined : readShard(options.shard, { root, cwd }),
    sourceRoot,
    sources,
    complete: !own,
    sourceFolders: sources.filter((source) => !source.startsWith('!')).map((source) => path.resolve(sourceRoot, folderOf(source))),
    allTargets,
    // A config that reads the environment or imports files may mean this place for one time, and one may be missing for one time.
    manifestFolders: loaded.isHermetic && loaded.file !== undefined ? [...folders, ...formerFolders] : folders,
    formerFolders,
    otherFolders,
    project,
    fragments: config.fragments === undefined ? undefined : toList(config.fragments).map((folder) => path.resolve(root, folder)),
    templates: { folder: path.resolve(root, config.templates ?? 'templates'), named: config.templates !== undefined },
    outDir,
    ways,
    // --out says where everything goes, whatever the config says of one target.
    targets: placed,
    knownTargets: [...offered.keys()],
    models: config.models ?? {},
    variants: checkVariants(config.variants ?? {}, [...offered.keys()]),
    onlyVariants: options.variants,
    outline: outlineOf(config.outline),
    rules: config.rules ?? {},
    sourceMaps: options.sourceMaps === true || config.sourceMaps === true,
    parser: chooseParser(config.parser, root),
    force: options.force === true,
    dryRun: options.dryRun === true,
    onWait: options.onWait,
    options,
  };
}

/** Of several configs in one folder, each that is named has places of its own. */
const projectOf = ({ file, root }: LoadedConfig, { config }: BuildOptions): string =>
  file === undefined || config === undefined ? root : file;

/** Where the outputs of a target go; those of a variant have a folder of its name in the output folder. */
export function placementOf({ targets, outDir }: Settings, target: string, variant: string | undefined): Placement | undefined {
  const place = targets.find((one) => one.target.name === target);
  return place && variant !== undefined ? { ...place, root: path.join(outDir, variant, target), within: outDir } : place;
}

function checkVariants(variants: Variants, targets: readonly string[]): Variants {
  if (Array.isArray(variants))
    throw new UsageError('`variants` of the config is a list', 'Write a map from names to the keys that differ.');
  for (const [name, keys] of Object.entries(variants)) {
    if (Array.isArray(keys)) throw new UsageError(`\`variants.${name}\` of the config is a list`, 'Write a map of the keys that differ.');
    const reason =
      name === PLAIN && keys !== false ? 'it is the build without a variant, and can only be `false`' : reasonAgainst(name, targets);
    if (reason !== undefined) throw new UsageError(`The variant \`${name}\` of the config cannot be called so: ${reason}`, 'Rename it.');
    const key = Object.entries(keys || {}).find(([, value]) => !isPlain(value))?.[0];
    if (key !== undefined)
      throw new UsageError(`\`variants.${name}.${key}\` of the config is not plain data`, 'Write what front matter could say.');
    const set = NOT_IN_VARIANT.find((one) => Object.hasOwn(keys || {}, one));
    if (set !== undefined) throw new UsageError(`\`variants.${name}\` of the config cannot set \`${set}\``, 'An agent says that itself.');
  }
  return variants;
}

/** Whether a value could be written as YAML. A config is a program, and may give anything. */
function isPlain(value: unknown): boolean {
  if (value === null || ['string', 'boolean', 'undefined'].includes(typeof value)) return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return false;
  const prototype = Object.getPrototypeOf(value);
  return (Array.isArray(value) || prototype === Object.prototype || prototype === null) && Object.values(value).every(isPlain);
}

const outlineOf = (outline: Config['outline']): readonly OutlineRule[] | undefined =>
  outline?.every((entry) => typeof entry === 'string') ? [{ sections: outline }] : (outline as readonly OutlineRule[] | undefined);

function placeOf(target: Target, outDir: string, place: string | undefined): Placement {
  return { target, root: place ?? path.join(outDir, target.name), within: place ?? outDir };
}

/** A misspelt target in `models` would leave the agent with another model, without a word. */
function checkModels(models: ModelMap, offered: ReadonlyMap<string, Offered>): void {
  for (const target of Object.values(models).flatMap(Object.keys)) choose(target, offered);
}

interface Offered {
  readonly target: Target;
  readonly outDir?: string | undefined;
}

/** The built-in targets and those that the config brings. */
function offeredTargets({ config }: LoadedConfig): Map<string, Offered> {
  const offered = new Map<string, Offered>(TARGETS.map((target) => [target.name, { target }]));
  for (const entry of config.targets ?? []) {
    if (typeof entry === 'string') continue;
    if ('fields' in entry) offered.set(entry.name, { target: checkTarget(entry) });
  }
  return offered;
}

function configured({ config }: LoadedConfig, offered: ReadonlyMap<string, Offered>): Offered[] | undefined {
  const listed = config.targets?.map((entry) => {
    if (typeof entry === 'string') return choose(entry, offered);
    const known = choose(entry.name, offered);
    return 'fields' in entry ? known : { target: withManifest(known.target, entry.manifest), outDir: entry.outDir };
  });
  // An own target may be brought by one entry and placed by another.
  return (
    listed &&
    [...groupBy(listed, ({ target }) => target.name).values()].flatMap((same) => same.find(({ outDir }) => outDir) ?? same[0] ?? [])
  );
}

/** A target with the keys that the config gives its companion. */
function withManifest(target: Target, manifest: TargetSetting['manifest']): Target {
  if (!manifest) return target;
  const [companion, ...others] = target.companions ?? [];
  if (!companion) throw new UsageError(`\`${target.name}\` has no manifest`, 'Take `manifest` out of its setting.');
  return { ...target, companions: [{ ...companion, keys: { ...companion.keys, ...manifest }, set: Object.keys(manifest) }, ...others] };
}

function choose(name: string, offered: ReadonlyMap<string, Offered>): Offered {
  const found = offered.get(name);
  if (found) return found;
  const near = nearest(name, [...offered.keys()]);
  throw new UsageError(
    `There is no target called \`${name}\``,
    `${near ? `Did you mean \`${near}\`? ` : ''}Targets: ${[...offered.keys()].join(', ')}.`,
  );
}

/** A target of the config comes from plain JavaScript often enough that its shape is worth a look. */
function checkTarget(target: Target): Target {
  const refuse = (what: string, help = 'See docs/adding-a-target.md for what a target says.'): never => {
    throw new UsageError(`The target \`${target.name}\` ${what}`, help);
  };
  if (!/^[a-z0-9][a-z0-9-]*$/.test(target.name)) refuse('cannot be called so', 'Use lower-case letters, digits and hyphens.');
  const missing = (['title', 'path', 'format', 'fields', 'body', 'schema'] as const).filter((key) => target[key] === undefined);
  if (missing.length > 0) refuse(`has no ${missing.join(', ')}`);
  if (!Object.hasOwn(FORMATS, target.format))
    refuse(`has an unknown format \`${target.format}\``, `Formats: ${Object.keys(FORMATS).join(', ')}.`);
  if (path.isAbsolute(target.path) || target.path.split('/').includes('..'))
    refuse('has a path that leaves its folder', 'Write it relative to a project of the assistant.');
  if (!target.path.includes('{id}') && !target.shared)
    refuse('has a path without `{id}`', 'All agents would be one file. Say with `shared` how it keeps them.');
  const { description, tools } = target.fields;
  if (!description?.key) refuse('has no `fields.description.key`');
  const unsaid = CAPABILITIES.filter((capability) => tools?.ids?.[capability] === undefined);
  if (unsaid.length > 0) refuse(`has no \`fields.tools.ids\` for ${unsaid.join(', ')}`, 'Say `null` for what the assistant does not have.');
  if (!['allow-list', 'permission-map', 'flags'].includes(tools.enforcement?.by)) refuse('has no `fields.tools.enforcement`');
  if (typeof target.schema['~standard']?.validate !== 'function')
    refuse('has a `schema` that is no Standard Schema', 'Use valibot, zod or arktype.');
  return target;
}

const toList = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value);
