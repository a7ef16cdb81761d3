/** `fragments` in front matter, of an agent, a base or a fragment. */
import { nearest } from '../../diagnostics/nearest.js';
import type { Report } from '../../diagnostics/report.js';
import type { FragmentUse, Located } from '../../ir.js';
import { type Document, type MapEntry, plain, type Value } from '../parse/document.js';

const OPTIONS = ['use', 'under', 'omit', 'with'];

/** Reads names, or maps with `use`. `undefined`, with the reason reported, when an entry cannot be read. */
export function readFragments(value: Value | undefined, { source }: Document, report: Report): FragmentUse[] | undefined {
  if (!value || plain(value) === null) return [];
  const uses: FragmentUse[] = [];
  for (const item of value.kind === 'list' ? value.items : [value]) {
    const use = readUse(item);
    if ('wrong' in use) {
      report.add('structure-invalid', source, use.wrong.range, { key: use.key, expected: use.expected });
      return undefined;
    }
    uses.push(use);
  }
  return uses;
}

interface Wrong {
  readonly wrong: Pick<Value, 'range'>;
  readonly key: string;
  readonly expected: string;
}

function readUse(item: Value): FragmentUse | Wrong {
  const entries = item.kind === 'map' ? item.entries : [];
  const get = (key: string): Value | undefined => entries.find((entry) => entry.key === key)?.value;
  const named = item.kind === 'map' ? get('use') : item;
  const name = named && textOf(named);
  if (!name) return { wrong: named ?? item, key: 'fragments', expected: 'a list of fragment names, or of maps with `use`' };
  const unknown = entries.find(({ key }) => !OPTIONS.includes(key));
  if (unknown) {
    const near = nearest(unknown.key, OPTIONS);
    const expected = `one of ${OPTIONS.map((option) => `\`${option}\``).join(', ')}${near ? `; did you mean \`${near}\`?` : ''}`;
    return { wrong: { range: unknown.keyRange }, key: `fragments.${unknown.key}`, expected };
  }
  const [under, omit, values] = [get('under'), get('omit'), get('with')];
  const section = under && textOf(under);
  if (under && !section) return { wrong: under, key: 'fragments.under', expected: 'the title of a section' };
  const left = omit ? (omit.kind === 'list' ? omit.items : [omit]) : [];
  const odd = left.find((one) => !textOf(one));
  if (odd)
    return { wrong: odd, key: 'fragments.omit', expected: 'the text or the lead of an item, or the title of a section; put it in quotes' };
  if (values && values.kind !== 'map' && plain(values) !== null) {
    return { wrong: values, key: 'fragments.with', expected: 'a map from parameters to values' };
  }
  return {
    name: name.value,
    range: name.range,
    ...(section && { under: section }),
    omit: left.flatMap((one) => textOf(one) ?? []),
    with: valuesOf(values?.kind === 'map' ? values.entries : []),
  };
}

function textOf(value: Value): Located<string> | undefined {
  const text = plain(value);
  if (typeof text === 'number') return { value: String(text), range: value.range };
  return typeof text === 'string' && text.trim() !== '' ? { value: text.trim(), range: value.range } : undefined;
}

const valuesOf = (entries: readonly MapEntry[]): FragmentUse['with'] =>
  Object.fromEntries(entries.map(({ key, keyRange, value }) => [key, { value: plain(value), range: value.range, keyRange }]));
