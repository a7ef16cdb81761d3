/**
 * A YAML file that is a list of maps and nothing else, laid out as we write it: a map's values are text, `true` or `false`,
 * lists of those, or literal blocks. With many parts in a file the parser's tokens and nodes take a build longer than all else
 * that is done with it. What is anything else, or might be wrong, is left to the parser (`undefined`); a test compares the two.
 */
import { SAFE } from '../yaml.js';

type PlainScalar = string | boolean;
type PlainMap = ReadonlyMap<string, PlainScalar | readonly PlainScalar[]>;

/** An item of a list, from the start of its line to the end of its last. */
export interface ListItem {
  /** Absent when it does not say one. */
  readonly name: string | undefined;
  readonly start: number;
  readonly end: number;
  /** As JSON. */
  readonly said: string;
}

export interface PlainList {
  readonly items: readonly ListItem[];
  /** How many blanks stand before the dashes. */
  readonly indent: number;
}

const ENTRY = /^([A-Za-z][\w-]*):(?: (.+))?$/;

/** Escapes that JSON has too, with the same meaning. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const QUOTED = /^"(?:[^"\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]|\\["\\/bfnrt])*"$/;

/** A file with nothing but a list under a key. */
export function readPlainList(file: string, key: string, id: string): PlainList | undefined {
  const head = `${key}:\n`;
  if (!file.startsWith(head) || file.includes('\r')) return undefined;
  const [, blanks] = /^( +)- /.exec(file.slice(head.length, head.length + 100)) ?? [];
  if (blanks === undefined) return undefined;
  const lines = { text: file, at: head.length };
  const items: ListItem[] = [];
  while (lines.at < file.length) {
    const start = lines.at;
    const map = readMap(lines, `${blanks}- `, `${blanks}  `);
    if (!map) return undefined;
    const name = map.get(id);
    items.push({ name: typeof name === 'string' ? name : undefined, start, end: lines.at, said: asJson(map) });
  }
  return { items, indent: blanks.length };
}

/** What a map says, as JSON. */
export function readPlainMap(text: string): string | undefined {
  if (text.includes('\r')) return undefined;
  const lines = { text, at: 0 };
  const map = readMap(lines, '', '');
  return map && lines.at === text.length ? asJson(map) : undefined;
}

const asJson = (map: PlainMap): string => JSON.stringify(Object.fromEntries(map));

/** A text that is read line by line. */
interface Lines {
  readonly text: string;
  at: number;
}

/** Reads a line that begins so, without its beginning. `undefined` when it does not, or does not end. */
function readLine(lines: Lines, lead: string): string | undefined {
  const { text, at } = lines;
  const end = text.indexOf('\n', at);
  if (end === -1 || !text.startsWith(lead, at)) return undefined;
  lines.at = end + 1;
  return text.slice(at + lead.length, end);
}

/** Reads lines up to one that begins otherwise. */
function readMap(lines: Lines, first: string, lead: string): PlainMap | undefined {
  const map = new Map<string, PlainScalar | readonly PlainScalar[]>();
  for (let line = readLine(lines, first); line !== undefined; line = readLine(lines, lead)) {
    const [, key, written] = ENTRY.exec(line) ?? [];
    if (key === undefined || !SAFE.test(key) || map.has(key)) return undefined;
    const value = readValue(lines, written, `${lead}  `);
    if (value === undefined) return undefined;
    map.set(key, value);
  }
  return map.size > 0 ? map : undefined;
}

/** @param lead with what lines begin that belong to the value */
function readValue(lines: Lines, written: string | undefined, lead: string): PlainScalar | readonly PlainScalar[] | undefined {
  switch (written) {
    case undefined:
      return readItems(lines, `${lead}- `);
    case '[]':
      return [];
    case '|':
    case '|-': {
      const block = readBlock(lines, lead);
      return block !== undefined && written === '|' ? `${block}\n` : block;
    }
    default:
      return scalarOf(written);
  }
}

function readItems(lines: Lines, lead: string): PlainScalar[] | undefined {
  const items: PlainScalar[] = [];
  for (let line = readLine(lines, lead); line !== undefined; line = readLine(lines, lead)) {
    const item = scalarOf(line);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items.length > 0 ? items : undefined;
}

function scalarOf(written: string): PlainScalar | undefined {
  if (written === 'true' || written === 'false') return written === 'true';
  if (written.startsWith('"')) return QUOTED.test(written) ? (JSON.parse(written) as string) : undefined;
  return SAFE.test(written) ? written : undefined;
}

/** The lines of a block without the last line end. How it is indented its first line says that is not blank. */
function readBlock(lines: Lines, lead: string): string | undefined {
  const { text } = lines;
  const block: string[] = [];
  let isBegun = false;
  for (let end = text.indexOf('\n', lines.at); end !== -1; end = text.indexOf('\n', lines.at)) {
    const isInside = text.startsWith(lead, lines.at);
    if (!isInside && !isBlank(text, lines.at, end)) break;
    const line = isInside ? text.slice(lines.at + lead.length, end) : '';
    if (!isBegun && line !== '') {
      if (/^\s/.test(line)) return undefined;
      isBegun = true;
    }
    block.push(line);
    lines.at = end + 1;
  }
  // Which blank lines at the end count is a matter of its own.
  return /\S$/.test(block.at(-1) ?? '') ? block.join('\n') : undefined;
}

function isBlank(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (text[at] !== ' ') return false;
  return true;
}
