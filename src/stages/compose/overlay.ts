/** Front matter laid over other front matter, key by key. */
import { type MapEntry, plain, type Value } from '../parse/document.js';
import { fieldOf } from '../parse/keys.js';

/** What an agent never takes from a base: its own name, and where it inherits from. */
const OWN_ONLY: ReadonlySet<string> = new Set(['name', 'extends']);

/**
 * The entries of both. A key of `upper` wins, in whichever assistant's spelling; lists replace; maps are laid over each
 * other in the same way; a key without a value takes the inherited one out.
 * @param adds keys whose lists come behind those of `lower` instead of replacing them
 */
export function layOver(upper: readonly MapEntry[], lower: readonly MapEntry[], adds: ReadonlySet<string> = new Set()): MapEntry[] {
  const result: MapEntry[] = [];
  const placed = new Set<MapEntry>();
  for (const entry of lower) {
    const own = upper.find((candidate) => sameKey(candidate.key, entry.key));
    if (own) placed.add(own);
    if (!own) result.push(entry);
    else if (adds.has(entry.key) && plain(own.value) !== null) result.push({ ...own, value: both(entry.value, own.value) });
    else if (own.value.kind === 'map' && entry.value.kind === 'map') {
      result.push({ ...own, value: { ...own.value, entries: layOver(own.value.entries, entry.value.entries) } });
    } else result.push(own);
  }
  return [...upper.filter((entry) => !placed.has(entry)), ...result];
}

/** Front matter as the one who inherits it gets it: without what is the base's own, and with the base's file in each range. */
export function inherited(entries: readonly MapEntry[], path: string): MapEntry[] {
  return entries.filter(({ key }) => !OWN_ONLY.has(key)).map((entry) => entryIn(entry, path));
}

/** Whether two keys set the same field. */
const sameKey = (a: string, b: string): boolean => a === b || (fieldOf(a) !== undefined && fieldOf(a) === fieldOf(b));

function both(first: Value, second: Value): Value {
  const items = (value: Value): readonly Value[] => (value.kind === 'list' ? value.items : plain(value) === null ? [] : [value]);
  return { kind: 'list', items: [...items(first), ...items(second)], range: second.range };
}

function entryIn({ key, keyRange, value }: MapEntry, path: string): MapEntry {
  return { key, keyRange: { path, ...keyRange }, value: valueIn(value, path) };
}

function valueIn(value: Value, path: string): Value {
  const range = { path, ...value.range };
  switch (value.kind) {
    case 'scalar':
      return { ...value, range };
    case 'list':
      return { ...value, range, items: value.items.map((item) => valueIn(item, path)) };
    case 'map':
      return { ...value, range, entries: value.entries.map((entry) => entryIn(entry, path)) };
  }
}
