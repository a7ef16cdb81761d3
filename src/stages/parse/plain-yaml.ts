/**
 * The YAML that most front matter is: keys at the start of a line, with text, a number or a list of those on the same line
 * or below. Reading it here takes a twentieth of the time that the parser takes with its tokens and nodes. What is anything
 * else, or might be wrong, is left to the parser (`undefined`); a test compares the two.
 */
import type { MapEntry, Value } from './document.js';

/** In longer texts something unusual is likely. */
const LONGEST = 20_000;

const KEY = /^([A-Za-z_][\w-]*):(?: +|$)/;
const ITEM = /^( *)- +/;

/** What has a meaning inside plain text: a key, a comment, a control character, a line end of Unicode. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNUSUAL = /: | #|:$|[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/;

/** Escapes that JSON has too, with the same meaning. */
const DOUBLE_QUOTED = /^"[^"\\]*(?:\\["\\/bfnrt][^"\\]*)*"$/;
const SINGLE_QUOTED = /^'[^']*'$/;
const NUMBER = /^(?:0|[1-9]\d{0,14})(?:\.\d{1,6})?$/;
const FLOW_ITEM = /^[A-Za-z][\w ()*./@-]*$/;
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** Reads plain YAML. `undefined` when it may not be plain. */
export function readPlainYaml(text: string, base: number): (Value & { readonly kind: 'map' }) | undefined {
  if (text.length > LONGEST) return undefined;
  const entries: MapEntry[] = [];
  const keys = new Set<string>();
  const lines = createLines(text, base);
  let end = base;
  for (let line = lines.next(); line; line = lines.next()) {
    const [head, key] = KEY.exec(line.text) ?? [];
    if (head === undefined || key === undefined || keys.has(key) || isWord(key)) return undefined;
    keys.add(key);
    const keyRange = { start: line.start, end: line.start + key.length };
    const written = line.text.slice(head.length);
    const value = written === '' ? readItems(lines) : readValue(written, line.start + head.length);
    if (!value) return undefined;
    entries.push({ key, keyRange, value });
    end = lines.end();
  }
  const [first] = entries;
  return first && { kind: 'map', entries, range: { start: first.keyRange.start, end } };
}

/** A line without blanks at its end, and where it starts. */
interface Line {
  readonly text: string;
  readonly start: number;
}

interface Lines {
  /** Goes on to the next line that is not blank. */
  next(): Line | undefined;
  /** That line, without going on. */
  peek(): Line | undefined;
  /** The end of the line that was read last, its line end included. */
  end(): number;
}

function createLines(text: string, base: number): Lines {
  let at = 0;
  let end = 0;
  let ahead: { readonly line: Line; readonly end: number } | undefined;
  const look = (): typeof ahead => {
    while (!ahead && at < text.length) {
      const newline = text.indexOf('\n', at);
      const next = newline === -1 ? text.length : newline + 1;
      const line = { text: text.slice(at, next).replace(/ *\r?\n?$/, ''), start: base + at };
      at = next;
      if (line.text !== '') ahead = { line, end: next };
    }
    return ahead;
  };
  return {
    next() {
      const found = look();
      ahead = undefined;
      if (found) end = found.end;
      return found?.line;
    },
    peek: () => look()?.line,
    end: () => base + end,
  };
}

/** The items below a key. */
function readItems(lines: Lines): Value | undefined {
  const items: Value[] = [];
  const first = lines.peek();
  const indent = first && ITEM.exec(first.text)?.[1];
  if (!first || indent === undefined) return undefined;
  for (let line: Line | undefined = first; line && !KEY.test(line.text); line = lines.peek()) {
    const [mark, blanks] = ITEM.exec(line.text) ?? [];
    const item = mark !== undefined && blanks === indent ? readScalar(line.text.slice(mark.length), line.start + mark.length) : undefined;
    if (!item) return undefined;
    items.push(item);
    lines.next();
  }
  return { kind: 'list', items, range: { start: first.start + indent.length, end: lines.end() } };
}

const readValue = (written: string, start: number): Value | undefined =>
  written.startsWith('[') ? readFlow(written, start) : readScalar(written, start);

/** `[a, b]`. */
function readFlow(written: string, start: number): Value | undefined {
  if (!written.endsWith(']')) return undefined;
  const items: Value[] = [];
  let at = 1;
  for (const part of written.slice(1, -1).split(',')) {
    const from = at + part.length - part.trimStart().length;
    const item = FLOW_ITEM.test(part.trim()) ? readScalar(part.trim(), start + from) : undefined;
    if (!item) return undefined;
    items.push(item);
    at += part.length + 1;
  }
  return { kind: 'list', items, range: { start, end: start + written.length } };
}

function readScalar(written: string, start: number): Value | undefined {
  const value = scalarOf(written);
  return value === undefined ? undefined : { kind: 'scalar', value, range: { start, end: start + written.length } };
}

function scalarOf(written: string): string | number | boolean | null | undefined {
  if (/^[A-Za-z]/.test(written)) {
    if (UNUSUAL.test(written)) return undefined;
    return isWord(written) ? WORDS.get(written) : written;
  }
  if (NUMBER.test(written)) return Number(written);
  if (CONTROL.test(written)) return undefined;
  if (DOUBLE_QUOTED.test(written)) return JSON.parse(written);
  return SINGLE_QUOTED.test(written) ? written.slice(1, -1) : undefined;
}

/** Whether a word may be more than text. */
const isWord = (text: string): boolean => /^(?:true|false|null)$/i.test(text);
