/** Front matter laid over other front matter, key by key. */
import { type MapEntry, plain, type Value } from '../parse/document.js';
import { fieldOf, isToolKey } from '../parse/keys.js';

/** What an agent never takes from a base: its own name, and where it inherits from. */
const OWN_ONLY: ReadonlySet<string> = new Set(['name', 'extends']);

/** Keys that hold front matter by name: of targets, of variants. */
const HOLDERS: ReadonlySet<string> = new Set(['targets', 'variants']);

/**
 * What the keys of a map are. `fields`: front matter, in whichever assistant's spelling. `settings`: the same for one target
 * or variant, where a key without a value takes out what the agent itself says, and so stays. `names`: the names of those.
 */
type Keys = 'fields' | 'settings' | 'names' | 'plain';

export interface LayOptions {
  readonly keys?: Keys;
  /** Keys whose lists come behind those below instead of replacing them. */
  readonly adds?: ReadonlySet<string>;
}

/**
 * The entries of both. A key of `upper` wins; lists replace; maps are laid over each other in the same way; a key without a
 * value takes the one below out. What `upper` adds comes first.
 */
export function layOver(
  upper: readonly MapEntry[],
  lower: readonly MapEntry[],
  { keys = 'fields', adds = new Set() }: LayOptions = {},
): MapEntry[] {
  const result: MapEntry[] = [];
  const placed = new Set<MapEntry>();
  for (const entry of lower) {
    const own = upper.find((candidate) => isSame(candidate.key, entry.key, keys));
    if (own && placed.has(own)) continue;
    if (own) placed.add(own);
    if (!own) result.push(entry);
    else if (takesOut(own, keys)) continue;
    // `true` says that it is there, and nothing of what it is like.
    else if (keys === 'names' && plain(own.value) === true) result.push(entry.value.kind === 'map' ? entry : own);
    else if (adds.has(entry.key) && plain(own.value) !== null) result.push({ ...own, value: both(entry.value, own.value) });
    else if (own.value.kind === 'map' && entry.value.kind === 'map') {
      result.push({
        ...own,
        value: { ...own.value, entries: layOver(own.value.entries, entry.value.entries, { keys: below(keys, own.key) }) },
      });
    } else result.push(own);
  }
  return [...upper.filter((entry) => !placed.has(entry)), ...result];
}

/** Front matter as the one who inherits it gets it: without what is the base's own, and with the base's file in each range. */
export function inherited(entries: readonly MapEntry[], path: string): MapEntry[] {
  return entries.filter(({ key }) => !OWN_ONLY.has(key)).map((entry) => entryIn(entry, path));
}

/** Whether two keys set the same field. */
function isSame(a: string, b: string, keys: Keys): boolean {
  if (a === b) return true;
  return (keys === 'fields' || keys === 'settings') && fieldOf(a) !== undefined && fieldOf(a) === fieldOf(b);
}

/** An empty tool list is no tools, and is not taken for the base's. */
function takesOut({ key, value }: MapEntry, keys: Keys): boolean {
  return plain(value) === null && keys !== 'settings' && !(keys === 'fields' && isToolKey(key));
}

function below(keys: Keys, key: string): Keys {
  if (keys === 'names') return 'settings';
  return keys !== 'plain' && HOLDERS.has(key) ? 'names' : 'plain';
}

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
