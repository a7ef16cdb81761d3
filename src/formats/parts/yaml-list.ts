import { type CST, type Document, isMap, isScalar, isSeq, type ParsedNode, parse, parseDocument, type YAMLSeq } from 'yaml';
import { type Edit, firstTwice, lineEndOf, type PartsFormat, type PartText, replaced, STAYS } from './parts.js';
import { type ListItem, type PlainList, readPlainList, readPlainMap } from './plain-list.js';

/** The items of a list under a key of a YAML file. `id` is the key of an item that names it. */
export const yamlList = (key: string, id: string): PartsFormat => ({
  read(file) {
    const named = itemsIn(file, key, id).filter(isNamed);
    const twice = firstTwice(named.map(({ name }) => name));
    if (twice !== undefined) throw new Error(`it has two items called \`${twice}\``);
    return new Map(named.map(({ name, said }) => [name, said]));
  },
  said,
  edit(file, parts) {
    const plain = readPlainList(file, key, id);
    const place = plain ? { seq: undefined, key: { end: key.length + 1 } } : listIn(file, key);
    if (place.seq?.flow) return editFlow(file, place.seq, id, parts);
    const list = plain ?? blockList(file, place.seq, id);
    const own = list.items.filter(isNamed).filter(({ name }) => parts.has(name));
    const pad = ' '.repeat(list.indent);
    const eol = lineEndOf(file);
    const there = new Map(own.map((item) => [item.name, item]));
    const texts = [...parts].flatMap(([name, content]) => {
      const item = there.get(name);
      if (content === STAYS) return item ? [file.slice(item.start, item.end)] : [];
      if (content === undefined) return [];
      return [item?.said === said(content) ? file.slice(item.start, item.end) : asItem(content, pad, eol)];
    });
    const cuts = own.map(({ start, end }): Edit => ({ start, end, text: '' }));
    const isLast = texts.length === 0 && own.length > 0 && own.length === list.items.length;
    if (isLast && place.key) return replaced(file, [...cuts, { start: place.key.end, end: place.key.end, text: ' []' }]);
    const at = own[0]?.start ?? list.items.at(-1)?.end ?? (place.key ? lineEnd(file, place.key.end) : file.length);
    const lead = `${at > 0 && file[at - 1] !== '\n' ? eol : ''}${place.key ? '' : `${key}:${eol}`}`;
    return replaced(file, [...cuts, ...(texts.length > 0 ? [{ start: at, end: at, text: lead + texts.join('') }] : [])]);
  },
  isEmpty(file) {
    if (readPlainList(file, key, id)) return false;
    const { document, seq } = listIn(file, key);
    const isBare = !isMap(document.contents) || document.contents.items.every((pair) => String(pair.key) === key);
    return isBare && (seq?.items.length ?? 0) === 0 && !/^[ \t]*#/m.test(file);
  },
});

const said = (content: string): string => readPlainMap(content) ?? JSON.stringify(parse(content));

type Named<T extends Pick<ListItem, 'name'>> = T & { readonly name: string };

const isNamed = <T extends Pick<ListItem, 'name'>>(item: T): item is Named<T> => item.name !== undefined;

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

function nameOf(item: ParsedNode, id: string): string | undefined {
  const name: unknown = isMap(item) ? item.get(id) : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** What the items say, by whatever way they are written. */
const itemsIn = (file: string, key: string, id: string): readonly Pick<ListItem, 'name' | 'said'>[] =>
  readPlainList(file, key, id)?.items ??
  (listIn(file, key).seq?.items ?? []).map((item) => ({
    name: nameOf(item, id),
    said: JSON.stringify(item),
  }));

/** The items of a block list, each from the start of its line to the end of its last. */
function blockList(file: string, seq: List | undefined, id: string): PlainList {
  const token = seq?.srcToken as CST.BlockSequence | undefined;
  if (!seq || token?.type !== 'block-seq') return { items: [], indent: 2 };
  const items = seq.items.map((item, index): ListItem => {
    const dash = token.items[index]?.start.find(({ type }) => type === 'seq-item-ind')?.offset ?? item.range[0];
    return {
      name: nameOf(item, id),
      start: file.lastIndexOf('\n', dash) + 1,
      end: lineEnd(file, item.range[1]),
      said: JSON.stringify(item),
    };
  });
  return { items, indent: token.indent };
}

/** The start of the next line. */
function lineEnd(file: string, at: number): number {
  if (file[at - 1] === '\n') return at;
  const newline = file.indexOf('\n', at);
  return newline === -1 ? file.length : newline + 1;
}

function asItem(content: string, pad: string, eol: string): string {
  const lines = content.replace(/\r?\n$/, '').split(/\r?\n/);
  return lines.map((line, index) => (line === '' ? '' : `${pad}${index === 0 ? '- ' : '  '}${line}`) + eol).join('');
}

/** A list in brackets, as in JSON. Our items are written as JSON too, behind those of others, whose text is not touched. */
function editFlow(file: string, seq: List, id: string, parts: ReadonlyMap<string, PartText>): string {
  const isOurs = (item: ParsedNode): boolean => parts.has(nameOf(item, id) ?? '');
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
    const said = content === STAYS ? undefined : JSON.stringify(parse(content));
    const kept = seq.items.find((item) => isOurs(item) && nameOf(item, id) === name && (!said || JSON.stringify(item) === said));
    if (content === STAYS) return kept ? [file.slice(kept.range[0], kept.range[1])] : [];
    return [kept ? file.slice(kept.range[0], kept.range[1]) : asciiJson(parse(content))];
  });
  const at = others.at(-1)?.range[1] ?? (seq.items.length > 0 && texts.length === 0 ? close : open);
  const text = texts.map((one, index) => (index === 0 && others.length === 0 ? '' : ',') + gap + one).join('');
  return replaced(file, [...cuts, { start: at, end: at, text }]);
}

/** On one line, in letters that no reader changes. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
