/**
 * Document → its editions: the plain one, and one for each variant, each with the front matter that it inherits. Takes
 * documents; gives entries with the file of each value. What the keys mean is left to normalize, the text to merge.
 */
import { nearest } from '../../diagnostics/nearest.js';
import type { Report } from '../../diagnostics/report.js';
import type { Json, Range } from '../../ir.js';
import { type Document, type MapEntry, plain, type Value } from '../parse/document.js';
import { isToolKey } from '../parse/keys.js';
import type { Shelf } from './bases.js';
import { inherited, layOver } from './overlay.js';

/** The name of the build without a variant. */
export const PLAIN = 'default';

/** An agent in one variant, before its keys are read. */
export interface Edition {
  readonly document: Document;
  /** Absent for the plain one. */
  readonly variant?: string;
  /** The front matter with all that is laid over it. */
  readonly entries: readonly MapEntry[];
  /** Keys of tools, by layer: variant, agent, bases. Tools are not only replaced, so they are read layer by layer. */
  readonly toolLayers: readonly (readonly MapEntry[])[];
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
  /** The files it inherits from. */
  readonly paths: readonly string[];
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
  readonly report: Report;
}

/** Keys that a variant cannot set: they say what the variants are. */
const NOT_IN_VARIANT: ReadonlySet<string> = new Set(['variants', 'extends']);
const ADDED: ReadonlySet<string> = new Set(['fragments']);
const CONFIG = 'build.config';

/** Composes a document. `undefined`, with the reason reported, when what it inherits cannot be found. */
export function compose(document: Document, context: ComposeContext): Composed | undefined {
  const { shelf, report } = context;
  const own = document.frontMatter?.entries ?? [];
  const { bases, paths, broken } = shelf.basesOf(document);
  if (broken) return undefined;
  const layers: (readonly MapEntry[])[] = [own, ...bases.map((base) => inherited(base.frontMatter?.entries ?? [], base.source.path))];
  const entries = layers.reduceRight((lower, upper) => layOver(upper, lower), [] as readonly MapEntry[]);
  reportReplacedFragments(document, layers, report);

  const variants = readVariants(entries, document, context);
  if (!variants) return undefined;
  const names = [...variants.keys()].filter((name) => variants.get(name) !== false);
  const isWanted = (name: string): boolean => context.wanted?.includes(name) !== false;
  const editions: Edition[] = [];
  const common = { document, bases, variants: [...new Set([PLAIN, ...names])] };
  if (variants.get(PLAIN) !== false && isWanted(PLAIN)) {
    editions.push({ ...common, entries, toolLayers: toolsIn(layers), replaced: replacedIn(own, entries) });
  }
  for (const name of names) {
    const layer = variants.get(name);
    if (!layer || name === PLAIN || !isWanted(name)) continue;
    const laid = layOver(layer, entries, ADDED);
    editions.push({ ...common, variant: name, entries: laid, toolLayers: toolsIn([layer, ...layers]), replaced: replacedIn(own, laid) });
  }
  return { editions, paths, variants: common.variants };
}

const toolsIn = (layers: readonly (readonly MapEntry[])[]): MapEntry[][] =>
  layers.map((layer) => layer.filter(({ key }) => isToolKey(key)));

function replacedIn(own: readonly MapEntry[], entries: readonly MapEntry[]): Set<string> {
  return new Set(own.filter((entry) => !entries.includes(entry)).map(({ key }) => key));
}

/** What each variant lays over the agent; `false` for one that is not built. The config's first, then the agent's. */
function readVariants(
  entries: readonly MapEntry[],
  { source }: Document,
  { variants: ofConfig, taken, report }: ComposeContext,
): Map<string, readonly MapEntry[] | false> | undefined {
  const result = new Map<string, readonly MapEntry[] | false>();
  for (const [name, keys] of Object.entries(ofConfig)) result.set(name, keys && entriesOf(keys));
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
    const layer = value.kind === 'map' ? value.entries : setting === null || setting === true ? [] : undefined;
    const wrong = layer?.find(({ key }) => NOT_IN_VARIANT.has(key));
    if (!layer || wrong || (name === PLAIN && setting !== true)) {
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
    const below = result.get(name);
    result.set(name, layOver(layer, below === false || below === undefined ? [] : below, ADDED));
  }
  return result;
}

/** Why a name cannot be a variant's. */
export function reasonAgainst(name: string, taken: readonly string[]): string | undefined {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) return 'a variant is named with lower-case letters, digits and hyphens';
  return taken.includes(name) ? 'a target is called so, and its folder is taken' : undefined;
}

/** Plain values as entries. They have no place in a source. */
function entriesOf(map: { readonly [key: string]: Json }): MapEntry[] {
  const range: Range = { path: CONFIG, start: 0, end: 0 };
  const toValue = (value: Json): Value => {
    if (Array.isArray(value)) return { kind: 'list', items: value.map(toValue), range };
    if (value === null || typeof value !== 'object') return { kind: 'scalar', value: value as string | number | boolean | null, range };
    return { kind: 'map', entries: entriesOf(value as { readonly [key: string]: Json }), range };
  };
  return Object.entries(map).map(([key, value]) => ({ key, keyRange: range, value: toValue(value) }));
}

/** A list replaces the inherited one; fragments that go with it are text that an author may miss. */
function reportReplacedFragments({ source }: Document, layers: readonly (readonly MapEntry[])[], report: Report): void {
  const lists = layers.flatMap((layer) => layer.find(({ key }) => key === 'fragments') ?? []);
  const [own, ...lower] = lists;
  if (!own || lower.length === 0 || own.value.range.path !== undefined) return;
  const names = (value: Value): string[] => {
    const items = value.kind === 'list' ? value.items : [value];
    return items.flatMap((item) => {
      const name = plain(item.kind === 'map' ? (item.entries.find(({ key }) => key === 'use')?.value ?? item) : item);
      return typeof name === 'string' ? [name] : [];
    });
  };
  const kept = names(own.value);
  const [next] = lower;
  const lost = next ? names(next.value).filter((name) => !kept.includes(name)) : [];
  if (lost.length > 0) report.add('fragments-replaced', source, own.keyRange, { lost, base: next?.value.range.path ?? '' });
}

/** Reports names of variants that there are not. */
export function checkVariant(name: string, range: Range, document: Document, known: readonly string[], report: Report): void {
  if (known.includes(name)) return;
  report.add('variant-unknown', document.source, range, { name, near: nearest(name, known), known });
}
