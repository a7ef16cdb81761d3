import { type CST, type Document, isMap, isScalar, isSeq, type ParsedNode, parse, parseDocument, type YAMLSeq } from 'yaml';
import { type Edit, firstTwice, lineEndOf, type PartsFormat, replaced } from './parts.js';

/** The items of a list under a key of a YAML file. `id` is the key of an item that names it. */
export function yamlList(key: string, id: string): PartsFormat {
  // A part is asked about several times while a file is planned, and parsing is what that costs.
  const known = new Map<string, string>();
  const said = (content: string): string => {
    const text = known.get(content) ?? JSON.stringify(parse(content));
    known.set(content, text);
    return text;
  };
  return { ...yamlListOf(key, id, said), said };
}

const yamlListOf = (key: string, id: string, said: PartsFormat['said']): Omit<PartsFormat, 'said'> => ({
  read(file) {
    const items = listIn(file, key).seq?.items ?? [];
    const names = items.flatMap((item) => (isNamed(item, id) ? [nameOf(item, id)] : []));
    const twice = firstTwice(names);
    if (twice !== undefined) throw new Error(`it has two items called \`${twice}\``);
    return new Map(items.flatMap((item): [string, string][] => (isNamed(item, id) ? [[nameOf(item, id), JSON.stringify(item)]] : [])));
  },
  edit(file, parts) {
    const place = listIn(file, key);
    const wanted = [...parts].flatMap(([name, content]) => (content === undefined ? [] : [{ name, content }]));
    if (place.seq?.flow) return editFlow(file, place.seq, id, parts);
    const own = ownItems(file, place.seq, id, parts);
    const pad = ' '.repeat(own.indent);
    const eol = lineEndOf(file);
    const there = new Map(own.items.map((item) => [item.name, item]));
    const texts = wanted.map(({ name, content }) => {
      const item = there.get(name);
      return item?.said === said(content) ? file.slice(item.start, item.end) : asItem(content, pad, eol);
    });
    const cuts = own.items.map(({ start, end }): Edit => ({ start, end, text: '' }));
    const isLast = wanted.length === 0 && own.items.length === place.seq?.items.length;
    if (isLast && place.key) return replaced(file, [...cuts, { start: place.key.end, end: place.key.end, text: ' []' }]);
    const at = own.items[0]?.start ?? own.end ?? (place.key ? lineEnd(file, place.key.end) : file.length);
    const lead = `${at > 0 && file[at - 1] !== '\n' ? eol : ''}${place.key ? '' : `${key}:${eol}`}`;
    return replaced(file, [...cuts, ...(texts.length > 0 ? [{ start: at, end: at, text: lead + texts.join('') }] : [])]);
  },
  isEmpty(file) {
    const { document, seq } = listIn(file, key);
    const isBare = !isMap(document.contents) || document.contents.items.every((pair) => String(pair.key) === key);
    return isBare && (seq?.items.length ?? 0) === 0 && !/^[ \t]*#/m.test(file);
  },
});

type List = YAMLSeq.Parsed<ParsedNode>;

interface Place {
  readonly document: Document.Parsed;
  readonly seq: List | undefined;
  /** The end of the key and its colon; absent when the file has no such key. */
  readonly key: { readonly end: number } | undefined;
}

function listIn(file: string, key: string): Place {
  const document = parseDocument(file, { keepSourceTokens: true });
  const { contents, errors } = document;
  if (errors.length > 0) throw new Error(`it is no valid YAML (line ${errors[0]?.linePos?.[0].line ?? 1})`);
  if (contents === null || (isScalar(contents) && contents.value === null)) return { document, seq: undefined, key: undefined };
  if (!isMap(contents)) throw new Error(`it must be a map with a list \`${key}\``);
  const pair = contents.items.find((one) => isScalar(one.key) && one.key.value === key);
  if (!pair) {
    if (contents.flow) throw new Error(`it has no list \`${key}\``);
    return { document, seq: undefined, key: undefined };
  }
  const { value } = pair;
  if (value !== null && !isSeq(value) && !(isScalar(value) && value.value === null)) throw new Error(`\`${key}\` must be a list`);
  const colon = file.indexOf(':', (pair.key as ParsedNode).range[1]);
  if (isScalar(value) && (value.range?.[1] ?? 0) > (value.range?.[0] ?? 0)) throw new Error(`\`${key}\` must be a list`);
  return { document, seq: isSeq(value) ? (value as List) : undefined, key: { end: colon + 1 } };
}

const isNamed = (item: ParsedNode, id: string): boolean => isMap(item) && typeof item.get(id) === 'string';
const nameOf = (item: ParsedNode, id: string): string => (isMap(item) ? String(item.get(id)) : '');

interface OwnItems {
  readonly items: readonly { readonly name: string; readonly start: number; readonly end: number; readonly said: string }[];
  readonly indent: number;
  /** Behind the last item of the list. */
  readonly end: number | undefined;
}

/** The items of a block list that have one of our names, each from the start of its line to the end of its last. */
function ownItems(file: string, seq: List | undefined, id: string, parts: ReadonlyMap<string, unknown>): OwnItems {
  const token = seq?.srcToken as CST.BlockSequence | undefined;
  if (!seq || token?.type !== 'block-seq') return { items: [], indent: 2, end: undefined };
  const all = seq.items.map((item, index) => {
    const dash = token.items[index]?.start.find(({ type }) => type === 'seq-item-ind')?.offset ?? item.range[0];
    return { item, start: file.lastIndexOf('\n', dash) + 1, end: lineEnd(file, item.range[1]) };
  });
  const own = all.filter(({ item }) => isNamed(item, id) && parts.has(nameOf(item, id)));
  return {
    items: own.map(({ item, start, end }) => ({ name: nameOf(item, id), start, end, said: JSON.stringify(item) })),
    indent: token.indent,
    end: all.at(-1)?.end,
  };
}

/** The start of the next line. */
function lineEnd(file: string, at: number): number {
  if (file[at - 1] === '\n') return at;
  const newline = file.indexOf('\n', at);
  return newline === -1 ? file.length : newline + 1;
}

function asItem(content: string, pad: string, eol: string): string {
  const lines = content.replace(/\n$/, '').split('\n');
  return lines.map((line, index) => (line === '' ? '' : `${pad}${index === 0 ? '- ' : '  '}${line}`) + eol).join('');
}

/** A list in brackets, as in JSON. Our items are written as JSON too, behind those of others, whose text is not touched. */
function editFlow(file: string, seq: List, id: string, parts: ReadonlyMap<string, string | undefined>): string {
  const isOurs = (item: ParsedNode): boolean => isNamed(item, id) && parts.has(nameOf(item, id));
  const [open, close] = [seq.range[0] + 1, file.lastIndexOf(']', seq.range[1] - 1)];
  const [first] = seq.items;
  // As the first item stands: on a line of its own, or not.
  const lead = first ? file.slice(open, first.range[0]) : '';
  const gap = lead.includes('#') ? '\n  ' : lead;
  const cuts: Edit[] = [];
  let end = open;
  for (const [index, item] of seq.items.entries()) {
    const next = seq.items[index + 1];
    if (!isOurs(item)) {
      end = item.range[1];
      continue;
    }
    const after = next ? file.slice(item.range[1], next.range[0]) : '';
    if (after.includes('#')) throw new Error('it has comments between items in brackets');
    // With the comma behind it; the last ones with the comma before them.
    if (next) cuts.push({ start: item.range[0], end: next.range[0], text: '' });
    else {
      while ((cuts.at(-1)?.start ?? -1) >= end) cuts.pop();
      cuts.push({ start: end, end: item.range[1], text: '' });
    }
  }
  const others = seq.items.filter((item) => !isOurs(item));
  const texts = [...parts].flatMap(([name, content]) => {
    if (content === undefined) return [];
    const said = JSON.stringify(parse(content));
    const kept = seq.items.find((item) => isOurs(item) && nameOf(item, id) === name && JSON.stringify(item) === said);
    return [kept ? file.slice(kept.range[0], kept.range[1]) : asciiJson(parse(content))];
  });
  const at = others.at(-1)?.range[1] ?? (seq.items.length > 0 && texts.length === 0 ? close : open);
  const text = texts.map((one, index) => (index === 0 && others.length === 0 ? '' : ',') + gap + one).join('');
  return replaced(file, [...cuts, { start: at, end: at, text }]);
}

/** On one line, in letters that no reader changes. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
