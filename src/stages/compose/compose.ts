/**
 * Document → its editions: the plain one, and one for each variant, each with the front matter that it inherits. Takes
 * documents; gives entries with the file of each value. What the keys mean is left to normalize, the text to merge.
 */
import type { Report } from '../../diagnostics/report.js';
import type { Json, Range } from '../../ir.js';
import { type Document, type MapEntry, plain, type Value } from '../parse/document.js';
import type { Shelf } from './bases.js';
import { inherited, layOver } from './overlay.js';

/** The name of the build without a variant. */
export const PLAIN = 'default';

/** Front matter, the nearest first. */
export type Layers = readonly (readonly MapEntry[])[];

/** An agent in one variant, before its keys are read. */
export interface Edition {
  readonly document: Document;
  /** Absent for the plain one. */
  readonly variant?: string;
  /** The front matter with all that is laid over it. */
  readonly entries: readonly MapEntry[];
  /** The same as it is written: variant, agent, bases. Tools are not only replaced, so they are read layer by layer. */
  readonly layers: Layers;
  /** Own keys that are not said by the agent's own header any more: laid over, or made of several values. */
  readonly replaced: ReadonlySet<string>;
  /** What the text is inherited from, the nearest first. */
  readonly bases: readonly Document[];
  /** Names that `@variant` may give. */
  readonly variants: readonly string[];
}

export interface Composed {
  readonly editions: readonly Edition[];
  /** The names of its variants, `default` with them. */
  readonly variants: readonly string[];
}

/** Variants of every agent: front matter keys by name. `false` for `default`: there is no plain build. */
export type Variants = { readonly [variant: string]: { readonly [key: string]: Json } | false };

export interface ComposeContext {
  readonly shelf: Shelf;
  readonly variants: Variants;
  /** Names that no variant can have, since their folders are taken. */
  readonly taken: readonly string[];
  /** Build only these. Absent: all, the plain one included. */
  readonly wanted?: readonly string[] | undefined;
  /** The path of the config. What its variants say has no place in it. */
  readonly config: string;
  readonly report: Report;
}

/** Keys that a variant cannot set: they say what the variants are. */
export const NOT_IN_VARIANT: readonly string[] = ['variants', 'extends'];
const ADDED: ReadonlySet<string> = new Set(['fragments']);
/** The path of a config that has none. */
export const CONFIG = 'build.config';

/** Composes a document. `undefined`, with the reason reported, when what it inherits cannot be found. */
export function compose(document: Document, context: ComposeContext): Composed | undefined {
  const { shelf, report } = context;
  const own = document.frontMatter?.entries ?? [];
  const { bases, broken } = shelf.basesOf(document);
  if (broken) return undefined;
  const layers: Layers = [own, ...bases.map((base) => inherited(base.frontMatter?.entries ?? [], base.source.path))];
  const entries = layers.reduceRight((lower, upper) => layOver(upper, lower), [] as readonly MapEntry[]);
  reportReplacedFragments(document, layers, bases, report);

  const variants = readVariants(entries, layers, document, context);
  if (!variants) return undefined;
  const names = [...variants.keys()].filter((name) => variants.get(name) !== false);
  if (names.length === 0 && variants.get(PLAIN) === false) {
    reportNothing(entries, document, report);
    return undefined;
  }
  const isWanted = (name: string): boolean => context.wanted?.includes(name) !== false;
  const editions: Edition[] = [];
  const ofAll = { document, bases, variants: [...new Set([PLAIN, ...names])] };
  if (variants.get(PLAIN) !== false && isWanted(PLAIN)) editions.push({ ...ofAll, entries, layers, replaced: replacedIn(own, entries) });
  for (const [name, variant] of variants) {
    if (!variant || name === PLAIN || !isWanted(name)) continue;
    const laid = layOver(variant.entries, entries, { adds: ADDED });
    editions.push({ ...ofAll, variant: name, entries: laid, layers: [...variant.layers, ...layers], replaced: replacedIn(own, laid) });
  }
  return { editions, variants: ofAll.variants };
}

/** `default: false` without a variant, at the place that says it, or at the agent where the config does. */
function reportNothing(entries: readonly MapEntry[], { source, frontMatter }: Document, report: Report): void {
  const variants = entries.find(({ key }) => key === 'variants')?.value;
  const said = variants?.kind === 'map' ? variants.entries.find(({ key }) => key === PLAIN) : undefined;
  const start = frontMatter?.range.start ?? 0;
  report.add('structure-invalid', source, said?.value.range ?? { start, end: start + 3 }, {
    key: `variants.${PLAIN}`,
    expected: '`true` where there is no other variant: nothing would be built',
  });
}

function replacedIn(own: readonly MapEntry[], entries: readonly MapEntry[]): Set<string> {
  return new Set(own.filter((entry) => !entries.includes(entry)).map(({ key }) => key));
}

/** What a variant lays over an agent: as one, and as each file says it. */
interface Variant {
  readonly entries: readonly MapEntry[];
  readonly layers: Layers;
}

/** The variants of an agent, `false` for one that is not built: the config's first, then those of its front matter. */
function readVariants(
  entries: readonly MapEntry[],
  layers: Layers,
  { source }: Document,
  { variants: ofConfig, taken, config, report }: ComposeContext,
): Map<string, Variant | false> | undefined {
  const result = new Map<string, Variant | false>();
  for (const [name, keys] of Object.entries(ofConfig)) {
    const layer = keys && entriesOf(keys, config);
    result.set(name, layer && { entries: layer, layers: [layer] });
  }
  const entry = entries.find(({ key }) => key === 'variants');
  if (!entry || plain(entry.value) === null) return result;
  if (entry.value.kind !== 'map') {
    report.add('structure-invalid', source, entry.value.range, { key: 'variants', expected: 'a map from names to the keys that differ' });
    return undefined;
  }
  for (const { key: name, keyRange, value } of entry.value.entries) {
    const reason = reasonAgainst(name, taken);
    if (reason !== undefined) {
      report.add('variant-invalid', source, keyRange, { name, reason });
      return undefined;
    }
    const setting = plain(value);
    if (setting === false) {
      result.set(name, false);
      continue;
    }
    const own = value.kind === 'map' ? value.entries : setting === null || setting === true ? [] : undefined;
    const wrong = own?.find(({ key }) => NOT_IN_VARIANT.includes(key));
    if (!own || wrong || (name === PLAIN && setting !== true)) {
      report.add('structure-invalid', source, wrong?.keyRange ?? value.range, {
        key: wrong ? `variants.${name}.${wrong.key}` : `variants.${name}`,
        expected: wrong
          ? 'set at the top of the front matter'
          : name === PLAIN
            ? '`true` or `false`: it is the agent without a variant'
            : '`false`, or a map of the keys that differ',
      });
      return undefined;
    }
    const below = result.get(name) || { entries: [], layers: [] };
    result.set(name, {
      entries: layOver(own, below.entries, { keys: 'settings', adds: ADDED }),
      layers: [...layersOf(name, layers), ...below.layers],
    });
  }
  return result;
}

/** What each file says of a variant, up to one that says it anew. */
function layersOf(name: string, layers: Layers): Layers {
  const result: (readonly MapEntry[])[] = [];
  for (const layer of layers) {
    const variants = layer.find(({ key }) => key === 'variants')?.value;
    const said = variants?.kind === 'map' ? variants.entries.find(({ key }) => key === name) : undefined;
    if (said?.value.kind === 'map') result.push(said.value.entries);
    else if (said && plain(said.value) !== true) return result;
  }
  return result;
}

/** Why a name cannot be a variant's. */
export function reasonAgainst(name: string, taken: readonly string[]): string | undefined {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) return 'a variant is named with lower-case letters, digits and hyphens';
  return taken.includes(name) ? 'a target is called so, and its folder is taken' : undefined;
}

/** Plain values as entries. They have no place in a source. */
function entriesOf(map: { readonly [key: string]: Json | undefined }, path: string): MapEntry[] {
  const range: Range = { path, start: 0, end: 0 };
  const toValue = (value: Json): Value => {
    if (Array.isArray(value)) return { kind: 'list', items: value.map(toValue), range };
    if (value === null || typeof value !== 'object') return { kind: 'scalar', value: value as string | number | boolean | null, range };
    return { kind: 'map', entries: entriesOf(value as { readonly [key: string]: Json }, path), range };
  };
  return Object.entries(map).flatMap(([key, value]) => (value === undefined ? [] : [{ key, keyRange: range, value: toValue(value) }]));
}

/** A list replaces the inherited one; fragments that go with it are text that an author may miss. */
function reportReplacedFragments({ source }: Document, layers: Layers, bases: readonly Document[], report: Report): void {
  const [own, next] = layers.flatMap((layer) => layer.find(({ key }) => key === 'fragments') ?? []);
  if (!own || !next || own.value.range.path !== undefined) return;
  const names = (value: Value): string[] => {
    const items = value.kind === 'list' ? value.items : [value];
    return items.flatMap((item) => {
      const name = plain(item.kind === 'map' ? (item.entries.find(({ key }) => key === 'use')?.value ?? item) : item);
      return typeof name === 'string' ? [name] : [];
    });
  };
  const kept = names(own.value);
  const placed = bases.flatMap(placedIn);
  const lost = names(next.value).filter((name) => !kept.includes(name) && !placed.includes(name));
  if (lost.length > 0) report.add('fragments-replaced', source, own.keyRange, { lost, base: next.value.range.path ?? '' });
}

/** The fragments that a text has a place for. A directive in a code fence is none. */
function placedIn({ source, tree }: Document): string[] {
  if (!/@fragment/i.test(source.text)) return [];
  const comments = tree().children.flatMap((node) => (node.type === 'html' ? [node.value] : []));
  return comments.flatMap((comment) => /^<!--\s*@fragment\s+(\S+)\s*-->\s*$/i.exec(comment)?.[1] ?? []);
}
