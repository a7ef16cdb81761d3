/**
 * The author's header with the compiler's keys cut out, for a target whose own dialect the source is. What the target
 * reads as it is stays to the byte; what it would read wrongly is written anew in its place.
 */
import { FORMATS } from '../../formats/index.js';
import type { FieldName, Json, Range, ToolRef } from '../../ir.js';
import type { Target } from '../../targets/target.js';
import type { HeaderEntry, Lowered } from '../lower/lower.js';
import { COMPILER_KEYS, fieldOf } from '../normalize/keys.js';
import { type Document, type Entry, plain } from '../parse/document.js';

/** Everything before the body, byte order mark included; `undefined` when the header cannot be spliced. */
export function spliceHeader(lowered: Lowered, { source, bom, eol, frontMatter }: Document): string | undefined {
  const { target, header } = lowered;
  if (target.dialect !== 'source' || !frontMatter?.lineBased) return undefined;
  const { text } = source;
  const format = FORMATS[target.format];
  const options = { closesAnywhere: target.closesAnywhere === true };
  const write = (key: string, value: Json): string => format.entry(key, value, options).replaceAll('\n', eol) + eol;

  const left = new Map(header.map((entry) => [entry.key, entry]));
  const edits: { range: Range; text: string }[] = [];
  for (const entry of frontMatter.entries) {
    const said = header.find((candidate) => isSaidBy(candidate, entry));
    const range = ownLines(entry, text);
    const raw = text.slice(range.start, range.end);
    if (COMPILER_KEYS.has(entry.key)) edits.push({ range, text: '' });
    else if (said && left.has(said.key)) {
      left.delete(said.key);
      const keeps = !entry.repaired && !(options.closesAnywhere && raw.includes('---')) && readsAsIs(entry, said, lowered);
      if (!keeps) edits.push({ range, text: write(said.key, said.value) });
    } else if (said || FOLDED_INTO_TOOLS.has(entry.key) || isNulled(entry, lowered)) edits.push({ range, text: '' });
    else if (entry.repaired || (options.closesAnywhere && raw.includes('---')))
      edits.push({ range, text: write(entry.key, plain(entry.value)) });
  }

  const last = frontMatter.entries.at(-1);
  const end = last ? last.lines.end : frontMatter.range.end;
  const added = [...left.values()].map(({ key, value }) => write(key, value)).join('');
  if (added !== '') edits.push({ range: { start: end, end }, text: added });

  let at = 0;
  let result = bom ? '\ufeff' : '';
  for (const edit of edits) {
    result += text.slice(at, edit.range.start) + edit.text;
    at = edit.range.end;
  }
  return result + text.slice(at, frontMatter.range.end);
}

/** Keys of other assistants that were read as part of the tool policy. */
const FOLDED_INTO_TOOLS: ReadonlySet<string> = new Set(['readonly', 'permission']);

/** Whether a header entry of the output says what an entry of the source says. */
function isSaidBy(said: HeaderEntry, entry: Entry): boolean {
  if (said.key === entry.key) return true;
  const field = fieldOf(entry.key);
  return field !== undefined && said.field === field && fieldOf(said.key) === field;
}

/** `targets: { claude-code: { key: null } }` takes a key out. */
function isNulled(entry: Entry, { agent, target }: Lowered): boolean {
  return agent.overrides[target.name]?.native.some(({ key, value }) => key === entry.key && value === null) === true;
}

/** Whether the target's loader reads the author's entry as what it is to say. */
function readsAsIs(entry: Entry, said: HeaderEntry, { agent, target }: Lowered): boolean {
  const field = fieldOf(entry.key);
  if (field === undefined) return deepEqual(plain(entry.value), said.value);
  if (said.key !== entry.key || agent.overrides[target.name]?.fields[field as keyof typeof agent & FieldName] !== undefined) return false;
  switch (field) {
    case 'tools':
    case 'disallowedTools': {
      const refs = agent.tools.allow === 'all' ? agent.tools.deny : [...agent.tools.allow, ...agent.tools.deny];
      return (
        entry.value.kind !== 'map' &&
        agent.overrides[target.name]?.fields.tools === undefined &&
        refs.every((ref) => isOwnWord(ref, target))
      );
    }
    case 'model':
    case 'name':
      return typeof said.value === 'string' && String(plain(entry.value)).trim() === said.value;
    case 'mcpServers':
      return entry.value.kind === 'list';
    default:
      return true;
  }
}

/** Whether the target's loader knows the word that the author used. */
function isOwnWord(ref: ToolRef, target: Target): boolean {
  if (ref.kind === 'native') return ref.target === target.name;
  if (ref.kind === 'mcp') return ref.word.value.startsWith('mcp__') || ref.word.value === '*';
  const word = ref.word.value.replace(/\(.*$/s, '');
  const { ids, words } = target.fields.tools;
  return word === '*' || words?.includes(word) === true || Object.values(ids).flat().includes(word);
}

/** The lines of an entry without comments and blank lines behind it, which belong to what follows. */
function ownLines(entry: Entry, text: string): Range {
  if (entry.repaired) return entry.lines;
  const valueEnd = Math.max(
    entry.keyRange.end,
    entry.lines.start + text.slice(entry.lines.start, Math.max(entry.value.range.end, entry.keyRange.end)).trimEnd().length,
  );
  const newline = text.indexOf('\n', valueEnd);
  return { start: entry.lines.start, end: newline === -1 ? entry.lines.end : Math.min(newline + 1, entry.lines.end) };
}

function deepEqual(a: Json, b: Json): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
