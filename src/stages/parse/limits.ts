import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Range } from '../../ir.js';

/** The most characters that a source may have: over 250,000 tokens, more than an assistant can spend on a prompt. */
export const MAX_SOURCE_LENGTH = 1_048_576;

/**
 * The deepest nesting of lists, quotes and keys that is read. A hundred nested lists take the Markdown parser 50 ms, a
 * thousand 28 s; keys nested some thousands deep end the process (V8 gives up on the YAML parser's pattern for
 * indentation), so this is checked first.
 */
export const MAX_DEPTH = 100;

/** The most brackets open at once in a prompt. Tables with half-open intervals leave some open on every row. */
const MAX_OPEN_BRACKETS = 1000;

/** The most brackets in a header. The YAML parser ends the process at some thousands, wherever they stand. */
const MAX_HEADER_BRACKETS = 1000;

/** What a line begins with: indentation, quote marks, list markers. */
const CONTAINERS = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$)))*/;
const DEEP_LINE = new RegExp(`^[ \\t>*+\\-\\d.)]{${MAX_DEPTH}}`, 'm');

/** Reports a part of a prompt that nests deeper than the Markdown parser can bear. True when there is none. */
export function checkNesting(source: SourceText, within: Range, report: Report): boolean {
  const text = source.text.slice(within.start, within.end);
  const bracket = tooManyOpen(text, MAX_OPEN_BRACKETS);
  const line = bracket === undefined && DEEP_LINE.test(text) ? tooDeep(text) : undefined;
  if (bracket !== undefined) refuse(source, within.start + bracket, 'Brackets', MAX_OPEN_BRACKETS, report);
  if (line !== undefined) refuse(source, within.start + line, 'Lists and quotes', MAX_DEPTH, report);
  return bracket === undefined && line === undefined;
}

/** Reports a header that nests deeper than the YAML parser can bear. True when it does not. */
export function checkHeader(source: SourceText, within: Range, report: Report): boolean {
  const text = source.text.slice(within.start, within.end);
  const bracket = tooManyOpen(text, MAX_DEPTH) ?? firstBeyond(text, MAX_HEADER_BRACKETS);
  const key = bracket === undefined ? tooIndented(text) : undefined;
  if (bracket !== undefined) refuse(source, within.start + bracket, 'Brackets', MAX_DEPTH, report);
  if (key !== undefined) refuse(source, within.start + key, 'Keys', MAX_DEPTH, report);
  return bracket === undefined && key === undefined;
}

/** The offset of the first bracket after so many. */
const firstBeyond = (text: string, most: number): number | undefined =>
  hasMore(text, ['[', '{'], most) ? [...text.matchAll(/[[{]/g)][most]?.index : undefined;

function refuse(source: SourceText, at: number, what: string, limit: number, report: Report): void {
  report.add('nesting-too-deep', source, { start: at, end: at + 1 }, { what, limit });
}

/** Whether a text has more than so many of some characters. Most texts have few, and need no closer look. */
function hasMore(text: string, characters: readonly string[], most: number): boolean {
  let count = 0;
  for (const character of characters)
    for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) if (++count > most) return true;
  return false;
}

/** The offset at which too many brackets of one paragraph are open. */
function tooManyOpen(text: string, most: number): number | undefined {
  if (!hasMore(text, ['[', '{'], most)) return undefined;
  let open = 0;
  for (const { 0: found, index } of text.matchAll(/[[{\]}]|\n[ \t]*\r?\n/g)) {
    if (found === '[' || found === '{') open++;
    else open = found.startsWith('\n') ? 0 : Math.max(0, open - 1);
    if (open > most) return index;
  }
  return undefined;
}

/** The offset of a line that stands in too many lists and quotes. */
function tooDeep(text: string): number | undefined {
  let indents: number[] = [];
  for (const { 0: line, index } of text.matchAll(/^.*$/gm)) {
    const containers = CONTAINERS.exec(line)?.[0] ?? '';
    const marks = [...containers.matchAll(/>|[-*+]|\d+[.)]/g)];
    const first = marks[0];
    const isItem = first !== undefined && first[0] !== '>';
    if (isItem) indents = [...indents.filter((outer) => outer < first.index), first.index];
    else if (/^\S/.test(line)) indents = [];
    // The first list of the line is counted already.
    if (indents.length + marks.length - (isItem ? 1 : 0) > MAX_DEPTH) return index;
  }
  return undefined;
}

/** The offset of a line that is indented below too many others. */
function tooIndented(text: string): number | undefined {
  // A line and a mark each make it deeper by one at most. The first line has no line end before it.
  if (!hasMore(text, ['\n', '-', '?'], MAX_DEPTH - 1)) return undefined;
  let depth: number[] = [];
  // `- - a` opens two lists on one line, `? ? a` two maps.
  for (const { 0: start, index } of text.matchAll(/^[ ]*(?=[^\s#])(?:[-?][ \t]+)*/gm)) {
    const indent = start.search(/[^ ]|$/);
    depth = depth.filter((outer) => outer < indent);
    depth.push(indent);
    const marks = start.length === indent ? 0 : [...start.matchAll(/[-?]/g)].length;
    if (depth.length + marks > MAX_DEPTH) return index;
  }
  return undefined;
}
