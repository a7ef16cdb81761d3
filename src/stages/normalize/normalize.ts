/**
 * Document → Agent: front matter of any known dialect becomes the IR. What the body says is left to merge.
 * An agent without a usable name, description or tool list is reported and left out.
 */
import { nearest } from '../../diagnostics/nearest.js';
import type { Report } from '../../diagnostics/report.js';
import type { Agent, ExtraField, Fields, Located, Override, Range } from '../../ir.js';
import type { Edition, Layers } from '../compose/compose.js';
import { type Document, type MapEntry, plain } from '../parse/document.js';
import { COMPILER_KEYS, fieldOf, isToolKey, meantKey, type SpelledField } from '../parse/keys.js';
import { readFragments } from './fragment-uses.js';
import { idOf, nameByFile, reasonAgainst } from './names.js';
import { layTargets } from './target-layers.js';
import { readToolLayers, setsToolsFor } from './tool-layers.js';
import { READERS, readDescription } from './values.js';

type Keyed = { readonly [F in SpelledField]?: MapEntry };

/** Reads the front matter of an agent, with what it inherits. */
export function normalize(edition: Edition, targetNames: readonly string[], report: Report): Agent | undefined {
  const { document, entries } = edition;
  const { source, frontMatter } = document;
  const { fields: keyed, extra, twins } = sortOut(entries);

  let usable = true;
  for (const { key, keyRange } of twins) {
    report.add('key-duplicate', source, keyRange, { key });
    usable = false;
  }
  for (const { key, value, range } of extra) {
    const near = meantKey(key, value);
    if (near) report.add('key-misspelt', source, range, { key, near });
  }

  const head = frontMatter?.range ?? { start: 0, end: 0 };
  const name = readName(keyed.name, head, document, report);
  const description = readDescriptionOf(keyed.description, head, document, report);
  const tools = readToolLayers(edition.layers, source, report);
  const fragments = readFragments(entries.find((entry) => entry.key === 'fragments')?.value, document, report);
  const targets = readTargets(edition.layers, targetNames, document, report);
  if (!usable || !name || !description || !tools || !fragments || !targets) return undefined;

  return {
    id: idOf(name.value),
    path: source.path,
    ...(edition.variant !== undefined && { variant: edition.variant }),
    bases: edition.bases.map((base) => base.source.path),
    replaced: [...edition.replaced],
    name,
    ...description,
    tools,
    ...readFields(keyed, document, report),
    extra,
    fragments,
    ...targets,
  };
}

/** Entries by field, whichever spelling they have; ours wins over another assistant's. The rest is extra. */
function sortOut(entries: readonly MapEntry[]): { fields: Keyed; extra: ExtraField[]; twins: MapEntry[] } {
  const fields: { [F in SpelledField]?: MapEntry } = {};
  const extra: ExtraField[] = [];
  const twins: MapEntry[] = [];
  const toExtra = ({ key, keyRange, value }: MapEntry) =>
    extra.push({ key, value: plain(value), range: keyRange, valueRange: value.range });
  for (const entry of entries) {
    if (COMPILER_KEYS.has(entry.key)) continue;
    const field = fieldOf(entry.key);
    const rival = field && fields[field];
    // Of two lists of denials neither may be dropped.
    if (rival && field === 'disallowedTools') twins.push(entry);
    else if (!field || rival?.key === field) toExtra(entry);
    else {
      if (rival) toExtra(rival);
      fields[field] = entry;
    }
  }
  return { fields, extra, twins };
}

/** The optional fields. A key with no value sets nothing. */
function readFields(keyed: Keyed, { source }: Document, report: Report): Partial<Fields> {
  const fields: { [field: string]: unknown } = {};
  for (const [field, read] of Object.entries(READERS)) {
    const entry = keyed[field as keyof typeof READERS];
    if (!entry || plain(entry.value) === null) continue;
    const value = read(entry.value, entry.key, { source, report });
    if (value !== undefined) fields[field] = value;
  }
  return fields as Partial<Fields>;
}

function readName(entry: MapEntry | undefined, head: Range, { source }: Document, report: Report): Located<string> | undefined {
  const value = entry && plain(entry.value);
  const byFile = entry ? undefined : nameByFile(source.path);
  if (byFile !== undefined && !reasonAgainst(byFile)) return { value: byFile, range: { start: head.start, end: head.start + 3 } };
  if (!entry || value === null || value === '') {
    const stem =
      idOf(
        source.path
          .replace(/^.*\//, '')
          .replace(/\.md$/i, '')
          .replace(/\.agent$/, ''),
      ) || 'my-agent';
    report.add('name-missing', source, entry?.keyRange ?? { start: head.start, end: head.start + 3 }, { stem });
    return undefined;
  }
  if (typeof value !== 'string') {
    report.add('structure-invalid', source, entry.value.range, { key: 'name', expected: 'text' });
    return undefined;
  }
  const name = value.trim();
  const reason = reasonAgainst(name);
  if (!reason) return { value: name, range: entry.value.range };
  report.add('name-invalid', source, entry.value.range, { name, reason });
  return undefined;
}

function readDescriptionOf(
  entry: MapEntry | undefined,
  head: Range,
  { source }: Document,
  report: Report,
): Pick<Fields, 'description' | 'examples'> | undefined {
  const value = entry && plain(entry.value);
  if (!entry || value === null || (typeof value === 'string' && value.trim() === '')) {
    report.add('description-missing', source, entry?.keyRange ?? { start: head.start, end: head.start + 3 }, {});
    return undefined;
  }
  if (typeof value !== 'string') {
    report.add('structure-invalid', source, entry.value.range, { key: 'description', expected: 'text; put it in double quotes' });
    return undefined;
  }
  const { description, full, examples } = readDescription(value);
  return { description: { value: description, full, range: entry.value.range }, examples };
}

/** `targets`: a list of the only ones, or a map of what differs. */
function readTargets(
  layers: Layers,
  known: readonly string[],
  document: Document,
  report: Report,
): Pick<Agent, 'only' | 'without' | 'overrides'> | undefined {
  const { source } = document;
  const { only: list, settings, switches } = layTargets(layers);
  const isKnown = (name: string, range: Range): boolean => {
    if (known.includes(name)) return true;
    report.add('target-unknown', source, range, { name, near: nearest(name, known), known });
    return false;
  };

  const only: string[] = [];
  for (const item of list?.kind === 'list' ? list.items : list ? [list] : []) {
    const name = plain(item);
    if (typeof name !== 'string') {
      report.add('structure-invalid', source, item.range, { key: 'targets', expected: 'a list of target names, or a map' });
      return undefined;
    }
    if (name !== '*' && !isKnown(name, item.range)) return undefined;
    only.push(name);
  }

  const overrides: { [target: string]: Override } = {};
  for (const { key: target, keyRange, value: setting } of settings) {
    if (!isKnown(target, keyRange)) return undefined;
    if (setting.kind === 'map') {
      const override = readOverride(target, setting.entries, layers, document, report);
      if (!override) return undefined;
      overrides[target] = override;
    } else if (plain(setting) !== null) {
      report.add('structure-invalid', source, setting.range, {
        key: `targets.${target}`,
        expected: '`false`, or a map of the keys that differ',
      });
      return undefined;
    }
  }
  if (!switches.every(({ key, keyRange }) => isKnown(key, keyRange))) return undefined;
  const without = switches.filter(({ value }) => plain(value) === false).map(({ key }) => key);
  return { ...(list && !only.includes('*') && { only }), without, overrides };
}

/**
 * What one target is told instead. Its tool keys are laid over those beside `targets`, so that `readonly: true` only takes
 * away; a `permission` is the whole policy of its file.
 */
function readOverride(
  target: string,
  entries: readonly MapEntry[],
  layers: Layers,
  document: Document,
  report: Report,
): Override | undefined {
  const { source } = document;
  for (const { key, keyRange } of entries) {
    if (!COMPILER_KEYS.has(key)) continue;
    report.add('structure-invalid', source, keyRange, { key: `targets.${target}.${key}`, expected: 'set at the top of the front matter' });
    return undefined;
  }
  const set = entries.filter((entry) => plain(entry.value) !== null || isToolKey(entry.key));
  const { fields: keyed, extra } = sortOut(set);
  const head = { start: 0, end: 0 };
  const name = keyed.name && readName(keyed.name, head, document, report);
  const description = keyed.description && readDescriptionOf(keyed.description, head, document, report);
  const setsTools = setsToolsFor(layers, target);
  const tools = setsTools ? readToolLayers(layers, source, report, target) : undefined;
  if ((keyed.name && !name) || (keyed.description && !description) || (setsTools && !tools)) return undefined;

  // `null` takes a key out: a field of ours, or a key of the target's own.
  const taken = entries.filter((entry) => !set.includes(entry));
  const needed = taken.find(({ key }) => key === 'name' || key === 'description');
  if (needed) {
    report.add('structure-invalid', source, needed.keyRange, {
      key: `targets.${target}.${needed.key}`,
      expected: 'text: every agent has one',
    });
    return undefined;
  }
  const absent = Object.fromEntries(
    taken.flatMap(({ key }) =>
      fieldOf(key) && fieldOf(key) !== 'name' && fieldOf(key) !== 'description' ? [[fieldOf(key), undefined]] : [],
    ),
  );
  return {
    fields: { ...absent, ...readFields(keyed, document, report), ...(name && { name }), ...description, ...(tools && { tools }) },
    native: [...extra, ...taken.map(({ key, keyRange, value }) => ({ key, value: null, range: keyRange, valueRange: value.range }))],
  };
}
