/**
 * The author's header with the compiler's keys cut out, for a target whose own dialect the source is. What the target
 * reads as it is stays to the byte; what it would read wrongly is written anew in its place.
 */
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import { splitHeader } from '../../formats/format.js';
import { FORMATS } from '../../formats/index.js';
import type { Agent, Json, Origin, Piece, Range } from '../../ir.js';
import type { Target } from '../../targets/target.js';
import type { HeaderEntry, Lowered } from '../lower/lower.js';
import { isInOwnWords } from '../lower/own-words.js';
import { type Document, type Entry, plain } from '../parse/document.js';
import { COMPILER_KEYS, fieldOf, isToolKey, type SpelledField } from '../parse/keys.js';
import { readPlainYaml } from '../parse/plain-yaml.js';
import { templatePath } from './templates.js';

interface Edit {
  readonly range: Range;
  readonly text: string;
  /** What the text was made for. */
  readonly origin: Origin;
}

/** What becomes of one entry of the source: kept, cut, or written anew. */
type Verdict = 'keep' | 'cut' | { readonly key: string; readonly value: Json };

/** Everything before the body, byte order mark included; `undefined` when the header cannot be spliced. */
export function spliceHeader(lowered: Lowered, document: Document, report: Report): readonly Piece[] | undefined {
  const { target, header } = lowered;
  const { source, bom, eol, frontMatter } = document;
  if (target.dialect !== 'source' || !frontMatter?.lineBased) return undefined;
  const format = FORMATS[target.format];
  const { escapes } = target;
  const write = ({ key, value }: { key: string; value: Json }): string => format.entry(key, value, { escapes }).replaceAll('\n', eol) + eol;

  const constant: Origin = { kind: 'template', path: templatePath(target.name, {}), start: 0, end: 0 };
  const left = new Map(header.map((entry) => [entry.key, entry]));
  const written = new Map<string, Json>();
  const edits: Edit[] = [];
  for (const entry of frontMatter.entries) {
    const range = ownLines(entry, source.text);
    const said = header.find((candidate) => left.has(candidate.key) && isSaidBy(candidate, entry));
    if (said) left.delete(said.key);
    const hazard = entry.repaired || holds(source.text.slice(range.start, range.end), escapes);
    const verdict = judge(entry, said, lowered, hazard);
    if (verdict === 'keep') continue;
    edits.push({ range, text: verdict === 'cut' ? '' : write(verdict), origin: source.originOf(said?.range ?? entry.value.range) });
    if (verdict !== 'cut') written.set(verdict.key, verdict.value);
  }
  if (escapes) for (const edit of cutComments(document, escapes, edits, report)) edits.push(edit);
  const end = frontMatter.entries.at(-1)?.lines.end ?? frontMatter.range.end;
  for (const entry of left.values()) {
    edits.push({ range: { start: end, end }, text: write(entry), origin: entry.range ? source.originOf(entry.range) : constant });
    written.set(entry.key, entry.value);
  }
  const pieces = apply(source, frontMatter.range.end, edits);
  if (edits.length > 0 && !readsBack(pieces.map(({ text }) => text).join(''), written, target)) return undefined;
  return bom ? [{ text: '\ufeff', origin: source.originOf({ start: 0, end: 0 }), written: true }, ...pieces] : pieces;
}

function judge(entry: Entry, said: HeaderEntry | undefined, lowered: Lowered, hazard: boolean): Verdict {
  const { agent, target } = lowered;
  const field = fieldOf(entry.key);
  if (COMPILER_KEYS.has(entry.key) || target.without?.includes(entry.key) || isTakenOut(entry, lowered)) return 'cut';
  // In an agent that inherits, a key without a value only takes one out.
  if (agent.bases.length > 0 && plain(entry.value) === null && !isToolKey(entry.key)) return 'cut';
  // A variant or a base has a part in it.
  if (agent.replaced.includes(entry.key)) return said ?? 'cut';
  if (said) return !hazard && readsAsIs(entry, said, lowered) ? 'keep' : said;
  // Keys of other assistants that were read as part of the tool policy.
  if (field === 'readonly' || field === 'permission') return 'cut';
  // The policy is said by other keys, or is the target's own default.
  if (field === 'tools' || field === 'disallowedTools') return !hazard && isOwnToolList(entry, agent, target) ? 'keep' : 'cut';
  if (field !== undefined && field in target.fields && isWrongShape(field, entry)) return 'cut';
  return hazard ? { key: entry.key, value: plain(entry.value) } : 'keep';
}

/** A value that means nothing, in a shape that a loader may refuse the file for. Elsewhere it ignores the key. */
function isWrongShape(field: SpelledField, { value }: Entry): boolean {
  if (plain(value) === null) return false;
  return field === 'hooks' || field === 'mcpServers' || ((field === 'model' || field === 'memory') && value.kind !== 'scalar');
}

/** Whether a header entry of the output says what an entry of the source says. */
function isSaidBy(said: HeaderEntry, entry: Entry): boolean {
  if (said.key === entry.key) return true;
  const field = fieldOf(entry.key);
  return field !== undefined && said.field === field && fieldOf(said.key) === field;
}

/** `targets: { claude-code: { key: null } }` takes a key out. */
function isTakenOut(entry: Entry, { agent, target }: Lowered): boolean {
  return agent.overrides[target.name]?.native.some(({ key, value }) => key === entry.key && value === null) === true;
}

/** Whether the target's loader reads the author's entry as what it is to say. */
function readsAsIs(entry: Entry, said: HeaderEntry, { agent, target }: Lowered): boolean {
  const field = fieldOf(entry.key);
  if (field === undefined) return JSON.stringify(plain(entry.value)) === JSON.stringify(said.value);
  if (said.key !== entry.key || isOverridden(field, agent, target)) return false;
  switch (field) {
    case 'tools':
    case 'disallowedTools':
      return isOwnToolList(entry, agent, target);
    case 'model':
    case 'name':
      return typeof said.value === 'string' && String(plain(entry.value)).trim() === said.value;
    case 'description':
      return target.escapedLineEnds === true || !String(plain(entry.value)).includes('\\n');
    case 'mcpServers':
      return entry.value.kind === 'list';
    default:
      return true;
  }
}

function isOverridden(field: SpelledField, agent: Agent, target: Target): boolean {
  const fields = agent.overrides[target.name]?.fields ?? {};
  return field in fields || (field === 'disallowedTools' && 'tools' in fields);
}

/** Whether a tool list is in words, and in a shape, that the target's loader knows. */
function isOwnToolList(entry: Entry, agent: Agent, target: Target): boolean {
  return entry.value.kind !== 'map' && !isOverridden('tools', agent, target) && isInOwnWords(agent.tools, target);
}

/** The lines of an entry without comments and blank lines behind it, which belong to what follows. */
function ownLines(entry: Entry, text: string): Range {
  if (entry.repaired) return entry.lines;
  const own = text.slice(entry.lines.start, Math.max(entry.value.range.end, entry.keyRange.end)).trimEnd();
  const newline = text.indexOf('\n', Math.max(entry.keyRange.end, entry.lines.start + own.length));
  return { start: entry.lines.start, end: newline === -1 ? entry.lines.end : Math.min(newline + 1, entry.lines.end) };
}

const holds = (text: string, pattern: RegExp | undefined): boolean => pattern !== undefined && text.search(pattern) !== -1;

/** Comments with what must not stand in the header, outside of what is edited anyway. */
function cutComments({ source, frontMatter }: Document, escapes: RegExp, edits: readonly Edit[], report: Report): Edit[] {
  if (!frontMatter) return [];
  const start = source.text.indexOf('\n') + 1;
  const end = source.text.lastIndexOf('---', frontMatter.range.end);
  return [...source.text.slice(start, end).matchAll(/^[ \t]*#.*(?:\n|$)/gm)].flatMap(({ 0: line, index }) => {
    if (!holds(line, escapes)) return [];
    const range = { start: start + index, end: start + index + line.length };
    if (edits.some((edit) => edit.range.start < range.end && range.start < edit.range.end)) return [];
    report.add('comment-dropped', source, { start: range.start, end: range.start + line.trimEnd().length }, {});
    return [{ range, text: '', origin: source.originOf(range) }];
  });
}

function apply(source: SourceText, end: number, edits: readonly Edit[]): Piece[] {
  let at = 0;
  const pieces: Piece[] = [];
  for (const { range, text, origin } of edits.toSorted((a, b) => a.range.start - b.range.start)) {
    for (const piece of source.cut(at, range.start)) pieces.push(piece);
    if (text !== '') pieces.push({ text, origin, written: true });
    at = range.end;
  }
  return [...pieces, ...source.cut(at, end)];
}

/** The keys of a header. Most are plain, and need no parser. Throws when it cannot be read. */
function keysOf(head: string, { format }: Target): { readonly [key: string]: Json } {
  const value = format === 'yaml' ? readPlainYaml(splitHeader(head).header, 0) : undefined;
  return value ? (plain(value) as { readonly [key: string]: Json }) : FORMATS[format].read(head).header;
}

/** Whether what was put in can be read there. It cannot when the author's header holds it in an unusual way. */
function readsBack(head: string, written: ReadonlyMap<string, Json>, target: Target): boolean {
  if (holds(head.slice(head.indexOf('\n'), head.lastIndexOf('\n---')), target.escapes)) return false;
  try {
    const header = keysOf(head, target);
    return [...written].every(([key, value]) => JSON.stringify(header[key]) === JSON.stringify(value));
  } catch {
    return false;
  }
}
