/**
 * Reads the block between `---` lines into entries with places.
 *
 * Takes the text; gives the entries, or reports why there are none. What a key means is left to normalize.
 * One agent file in twenty is not YAML, mostly for an unquoted `: ` in the description. Such a block is read entry by
 * entry, the broken value as plain text, and each repair is reported.
 */
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Range } from '../../ir.js';
import type { Entry, FrontMatter, Value } from './document.js';
import { COMPILER_KEYS, fieldOf, KNOWN_KEYS } from './keys.js';
import { checkHeader } from './limits.js';
import { MAX_ALIASED_VALUES, readYaml, type YamlProblem } from './yaml-values.js';

/** The most keys of a header. The busiest known has forty. */
const MAX_KEYS = 1000;

const OPENING = /^---[ \t]*(\r?\n)/;
// Not `^` with the flag m: for JavaScript a line begins behind U+2028 too.
const CLOSING = /(?<=\n)---[ \t]*(?:\r?\n|$)/g;

/** Whether a text begins as front matter does. */
export const hasFrontMatter = (text: string): boolean => OPENING.test(text);

/** Where the block lies; `undefined` when there is none, with the reason reported. */
export function findFrontMatter(source: SourceText, report: Report): { range: Range; content: Range; eol: '\n' | '\r\n' } | undefined {
  const opening = OPENING.exec(source.text);
  if (!opening) {
    report.add('front-matter-missing', source, firstLine(source.text), {});
    return undefined;
  }
  const start = opening[0].length;
  CLOSING.lastIndex = start;
  const closing = CLOSING.exec(source.text);
  if (!closing) {
    report.add('front-matter-unclosed', source, { start: 0, end: 3 }, {});
    return undefined;
  }
  return {
    range: { start: 0, end: closing.index + closing[0].length },
    content: { start, end: closing.index },
    eol: opening[1] === '\r\n' ? '\r\n' : '\n',
  };
}

/** Reads the entries between the `---` lines; `undefined` when they cannot be read, with the reason reported. */
export function readFrontMatter(source: SourceText, range: Range, content: Range, report: Report): FrontMatter | undefined {
  if (!checkHeader(source, content, report)) return undefined;
  const text = source.text.slice(content.start, content.end);
  const result = readYaml(text, content.start);
  if ('problem' in result) {
    if (isForbidden(result.problem)) {
      reportProblem(result.problem, source, report);
      return undefined;
    }
    const entries = recover(source, content, report);
    return entries && { range, entries, lineBased: true };
  }
  if (result.value.kind !== 'map') {
    report.add('front-matter-invalid', source, result.value.range, { reason: 'it has no keys' });
    return undefined;
  }
  const { entries } = result.value;
  const surplus = entries[MAX_KEYS];
  if (surplus) {
    report.add('front-matter-invalid', source, surplus.keyRange, { reason: `it has more than ${MAX_KEYS} keys` });
    return undefined;
  }
  const merged = entries.find((entry) => entry.key === '<<');
  if (merged) {
    report.add('front-matter-invalid', source, merged.keyRange, {
      reason: 'merge keys (`<<`) are read by some assistants only; write the keys out',
    });
    return undefined;
  }
  const description = entries.find((entry) => entry.key === 'description')?.value;
  const cut = result.commented.find((place) => place.start === description?.range.start);
  if (cut) {
    const lineEnd = source.text.slice(0, content.end).indexOf('\n', cut.end);
    const rest = { start: cut.end, end: lineEnd === -1 ? content.end : lineEnd };
    report.add('value-cut', source, rest, { key: 'description' });
  }
  const lined = withLines(source.text, entries, content).map((entry) => withQuotes(entry, result.unquoted, source, report));
  return { range, entries: lined, lineBased: !result.flow && lined.every(({ keyRange, lines }) => keyRange.start === lines.start) };
}

/** What is YAML, and not for us. */
const isForbidden = ({ code }: YamlProblem): boolean => code === 'ALIASES' || code === 'DUPLICATE_KEY';

function reportProblem({ code, reason, range }: YamlProblem, source: SourceText, report: Report): void {
  if (code === 'ALIASES') report.add('aliases-too-many', source, range, { limit: MAX_ALIASED_VALUES });
  else if (code === 'DUPLICATE_KEY') report.add('key-duplicate', source, range, { key: reason });
  else report.add('front-matter-invalid', source, range, { reason });
}

function withLines(text: string, entries: readonly Omit<Entry, 'lines' | 'repaired'>[], content: Range): Entry[] {
  const starts = entries.map((entry) => text.lastIndexOf('\n', entry.keyRange.start - 1) + 1);
  return entries.map((entry, index) => ({
    ...entry,
    lines: { start: starts[index] ?? content.start, end: starts[index + 1] ?? content.end },
    repaired: false,
  }));
}

/** Names of packages that lack their quotes: what is read is what is meant, and the header is not YAML all the same. */
function withQuotes(entry: Entry, unquoted: readonly Range[], source: SourceText, report: Report): Entry {
  const inside = unquoted.filter(({ start }) => entry.lines.start <= start && start < entry.lines.end);
  for (const range of inside) {
    const name = source.text.slice(range.start, range.end);
    report.add('front-matter-repaired', source, range, { key: entry.key, name, reason: 'an unquoted value cannot begin with @' });
  }
  return inside.length > 0 ? { ...entry, repaired: true } : entry;
}

/**
 * Reads a block that is not YAML, entry by entry. A line at column 0 opens an entry when its key is known to some
 * assistant, or when it is a plain word and what stands before it parses: people paste `user: …` lines into descriptions.
 */
function recover(source: SourceText, content: Range, report: Report): Entry[] | undefined {
  const heading = /\n\r?\n(#{1,6} \S)/.exec(source.text.slice(0, content.end));
  if (heading) {
    // Prose inside the block: its closing line is missing, and what closed it is a rule of the body.
    report.add('front-matter-unclosed', source, { start: 0, end: 3 }, {});
    return undefined;
  }
  const entries: Entry[] = [];
  for (const chunk of cutIntoEntries(source.text, content)) {
    const { lines } = chunk;
    const text = source.text.slice(lines.start, lines.end);
    const key = chunk.key;
    if (key === undefined) {
      if (text.trim() === '' || text.trim().startsWith('#')) continue;
      report.add('front-matter-invalid', source, trimmed(source.text, lines), { reason: 'this line has no key' });
      return undefined;
    }
    const keyRange = { start: lines.start, end: lines.start + key.length };
    const twin = entries.find((entry) => entry.key === key);
    if (twin) {
      report.add('key-duplicate', source, keyRange, { key });
      return undefined;
    }
    const result = readYaml(text, lines.start);
    if ('value' in result && result.value.kind === 'map' && result.value.entries.length === 1 && result.value.entries[0]) {
      entries.push(withQuotes({ ...result.value.entries[0], lines, repaired: false }, result.unquoted, source, report));
      continue;
    }
    const problem: YamlProblem | undefined = 'problem' in result ? result.problem : undefined;
    const spaced = problem && withSpaces(text, lines.start);
    if (spaced) {
      report.add('front-matter-repaired', source, problem.range, { key, tabs: true, reason: 'YAML takes no tabs as indentation' });
      entries.push({ ...spaced, lines, repaired: true });
      continue;
    }
    if (problem && isStructure(key, text)) {
      reportProblem(problem, source, report);
      return undefined;
    }
    const value = asText(source.text, { start: keyRange.end + 1, end: lines.end });
    const cause = causeOf(source.text, value.range) ?? { range: value.range, reason: problem?.reason ?? 'not YAML' };
    report.add('front-matter-repaired', source, cause.range, { key, reason: cause.reason });
    entries.push({ key, keyRange, value, lines, repaired: true });
  }
  return entries;
}

/** An entry whose lines are indented with tabs and nothing else, as it is with spaces, in the same places. */
function withSpaces(text: string, start: number): Omit<Entry, 'lines' | 'repaired'> | undefined {
  if (!/^\t/m.test(text) || /^\t* /m.test(text)) return undefined;
  const spaced = readYaml(
    text.replaceAll(/^\t+/gm, (tabs) => ' '.repeat(tabs.length)),
    start,
  );
  return 'value' in spaced && spaced.value.kind === 'map' && spaced.value.entries.length === 1 ? spaced.value.entries[0] : undefined;
}

/** Keys whose values are lists and maps: over several lines one is never meant as text. */
const STRUCTURES: ReadonlySet<string> = new Set([...COMPILER_KEYS, 'params', 'mcpServers', 'hooks', 'handoffs']);

/** Whether the value of an entry is made of lines below its key. A line with a key of its own may not belong to it. */
function isStructure(key: string, entry: string): boolean {
  const [, ...below] = entry.split('\n');
  return STRUCTURES.has(fieldOf(key) ?? key) && below.some((line) => line.trim() !== '' && !KEY_LINE.test(line));
}

const KEY_LINE = /^([A-Za-z_][\w.-]*):(?=[ \t\r\n]|$)/;

function cutIntoEntries(text: string, content: Range): { key: string | undefined; lines: Range }[] {
  const chunks: { key: string | undefined; start: number; end: number }[] = [];
  let lineStart = content.start;
  while (lineStart < content.end) {
    const newline = text.indexOf('\n', lineStart);
    const lineEnd = newline === -1 || newline >= content.end ? content.end : newline + 1;
    const current = chunks.at(-1);
    const key = KEY_LINE.exec(text.slice(lineStart, lineEnd))?.[1];
    const opens = key !== undefined && (KNOWN_KEYS.has(key) || !current || parses(text.slice(current.start, current.end)));
    if (opens || !current) chunks.push({ key, start: lineStart, end: lineEnd });
    else current.end = lineEnd;
    lineStart = lineEnd;
  }
  return chunks.map(({ key, start, end }) => ({ key, lines: { start, end } }));
}

/** Whether an entry is whole. One of many lines of prose is not tried again with each of them. */
const parses = (entry: string): boolean => entry.length < 4000 && 'value' in readYaml(entry, 0);

/** What makes a value no YAML, in an author's words, when it is one of the usual slips. */
function causeOf(text: string, { start, end }: Range): { range: Range; reason: string } | undefined {
  const value = text.slice(start, end);
  const at = (index: number, length: number): Range => ({ start: start + index, end: start + index + length });
  if (/^["']/.test(value)) return { range: at(0, 1), reason: 'this quote does not span the value' };
  const indicator = /^[[\]{}*&!|>%@`]/.exec(value);
  if (indicator) return { range: at(0, 1), reason: `an unquoted value cannot begin with ${indicator[0]}` };
  const colon = /:(?=\s|$)/.exec(value);
  return colon ? { range: at(colon.index, 1), reason: 'a colon and a space begin a new key' } : undefined;
}

/** The text after a key, its lines folded with spaces and one pair of outer quotes taken off. */
function asText(text: string, within: Range): Value {
  const range = trimmed(text, within);
  const folded = text
    .slice(range.start, range.end)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .join(' ');
  const quoted = /^(["'])(.*)\1$/s.exec(folded);
  return { kind: 'scalar', value: quoted?.[2] ?? folded, range };
}

function trimmed(text: string, { start, end }: Range): Range {
  const slice = text.slice(start, end);
  const from = start + (slice.length - slice.trimStart().length);
  return { start: from, end: Math.max(from, start + slice.trimEnd().length) };
}

function firstLine(text: string): Range {
  return { start: 0, end: /^[^\r\n]*/.exec(text)?.[0].length ?? 0 };
}
