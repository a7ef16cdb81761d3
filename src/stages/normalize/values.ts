/**
 * Front matter values → the fields of the IR that are more than a tool list. A value that means nothing is reported and
 * left out, as Claude Code leaves it out.
 */
import { nearest } from '../../diagnostics/nearest.js';
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Example, Fields, Handoff, Json, Located, McpServer, Model, ModelTier } from '../../ir.js';
import { plain, type Value } from '../parse/document.js';
import type { SpelledField } from '../parse/keys.js';

/** The colours of Claude Code; other assistants have some of them, or take `#rrggbb`. */
const COLORS = ['red', 'blue', 'green', 'yellow', 'purple', 'orange', 'pink', 'cyan'] as const;

/** OpenCode's theme words and Qwen Code's `auto`: colours too, in those assistants. */
const THEME_COLORS = ['primary', 'secondary', 'accent', 'success', 'warning', 'error', 'info', 'auto'];

const PERMISSION_MODES = ['acceptEdits', 'auto', 'bypassPermissions', 'default', 'dontAsk', 'plan'];

/** What Claude Code (`manual`) and Qwen Code (the others) call some of the permission modes. */
const PERMISSION_SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['manual', 'default'],
  ['auto-edit', 'acceptEdits'],
  ['yolo', 'bypassPermissions'],
]);

const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'];

/** Words for a tier: ours, and Claude Code's aliases for the model families. */
const TIERS: ReadonlyMap<string, ModelTier> = new Map([
  ['fast', 'fast'],
  ['balanced', 'balanced'],
  ['strong', 'strong'],
  ['haiku', 'fast'],
  ['sonnet', 'balanced'],
  ['opus', 'strong'],
]);

/** Collects what is wrong with one value. */
export interface Reader {
  readonly source: SourceText;
  readonly report: Report;
}

type Read<F extends keyof Fields> = (value: Value, key: string, reader: Reader) => NonNullable<Fields[F]> | undefined;

/** How each field is read. Name, description, tools and extra are read elsewhere. */
export const READERS: {
  readonly [F in Exclude<SpelledField, 'name' | 'description' | 'tools' | 'disallowedTools' | 'readonly' | 'permission'>]: Read<F>;
} = {
  model: (value, key, reader) => {
    const word = textOf(value, key, reader);
    return word && { value: modelOf(word.value), range: word.range };
  },
  color: (value, key, reader) => {
    const word = textOf(value, key, reader);
    if (!word) return undefined;
    const color = word.value.trim().toLowerCase();
    if (/^#[0-9a-f]{6}$/.test(color) || THEME_COLORS.includes(color)) return { value: color, range: word.range };
    return oneOf(COLORS, { value: color, range: word.range }, key, reader, `a colour (${COLORS.join(', ')}) or \`#rrggbb\``);
  },
  mode: (value, key, reader) => oneOf(['subagent', 'primary', 'all'] as const, textOf(value, key, reader), key, reader),
  permissionMode: (value, key, reader) => {
    const word = textOf(value, key, reader);
    return oneOf(PERMISSION_MODES, word && { ...word, value: PERMISSION_SYNONYMS.get(word.value) ?? word.value }, key, reader);
  },
  maxTurns: (value, key, reader) => numberOf(value, key, reader, (n) => Number.isInteger(n) && n > 0, 'a whole number above zero'),
  effort: (value, key, reader) => {
    if (value.kind === 'scalar' && typeof value.value === 'number') return numberOf(value, key, reader, Number.isInteger, 'a whole number');
    return oneOf(EFFORTS, textOf(value, key, reader), key, reader, `${EFFORTS.join(', ')}, or a whole number`);
  },
  temperature: (value, key, reader) => numberOf(value, key, reader, (n) => n >= 0, 'a number, zero or above'),
  background: (value, key, reader) => {
    const flag = plain(value);
    if (flag === true || flag === 'true') return { value: true, range: value.range };
    if (flag === false || flag === 'false') return { value: false, range: value.range };
    return invalid(value, key, reader, '`true` or `false`');
  },
  isolation: (value, key, reader) => oneOf(['worktree', 'remote'], textOf(value, key, reader), key, reader),
  // It brings tools along, so a list of one is not taken for it where a loader would not.
  memory: (value, key, reader) =>
    value.kind === 'scalar'
      ? oneOf(['user', 'project', 'local'], textOf(value, key, reader), key, reader)
      : invalid(value, key, reader, '`user`, `project` or `local`'),
  skills: (value, key, reader) => {
    const names = plain(value);
    const list = typeof names === 'string' ? names.split(/[\s,]+/).filter(Boolean) : names;
    if (Array.isArray(list) && list.every((name) => typeof name === 'string')) return { value: list, range: value.range };
    return invalid(value, key, reader, 'a list of skill names');
  },
  mcpServers: (value, key, reader) => {
    const servers = value.kind === 'list' ? value.items.flatMap(serversOf) : serversOf(value);
    if (servers.length > 0 && servers.every((server) => server !== undefined)) return { value: servers, range: value.range };
    return invalid(value, key, reader, 'a list of server names and `{ name: configuration }` maps');
  },
  hooks: (value, key, reader) =>
    value.kind === 'map' ? { value: plain(value), range: value.range } : invalid(value, key, reader, 'a map of events'),
  handoffs: (value, key, reader) => {
    const handoffs = value.kind === 'list' ? value.items.map((item) => handoffOf(plain(item))) : [];
    if (handoffs.length > 0 && handoffs.every((handoff) => handoff !== undefined)) return { value: handoffs, range: value.range };
    return invalid(value, key, reader, 'a list of `{ label, agent }` maps');
  },
};

/**
 * Takes the `<example>` blocks out of a description. Claude Code reads the two characters `\n` in a description as a line
 * end (claude-code 2.1.328), so authors write them for one; here they become one.
 */
export function readDescription(text: string): { description: string; full: string; examples: Example[] } {
  const full = text.replaceAll('\\n', '\n').trim();
  const examples: Example[] = [];
  let without = '';
  let at = 0;
  for (;;) {
    const open = full.indexOf(OPEN, at);
    const close = open === -1 ? -1 : full.indexOf(CLOSE, open);
    if (close === -1) break;
    examples.push({ text: full.slice(open + OPEN.length, close) });
    without += full.slice(at, open);
    at = close + CLOSE.length;
  }
  if (examples.length === 0) return { description: full, full, examples };
  return { description: closeGaps(without + full.slice(at)), full, examples };
}

const OPEN = '<example>';
const CLOSE = '</example>';

/** Takes away the blanks and blank lines that examples leave between texts. */
function closeGaps(text: string): string {
  const lines = text.split('\n').map((line) => line.replaceAll(/[ \t]{2,}/g, ' ').trimEnd());
  return lines
    .filter((line, index) => line !== '' || lines[index - 1] !== '')
    .join('\n')
    .trim();
}

function modelOf(word: string): Model {
  const id = word.trim();
  if (id === '' || id.toLowerCase() === 'inherit') return { kind: 'inherit' };
  const tier = TIERS.get(id.toLowerCase());
  return tier ? { kind: 'tier', tier, word: id } : { kind: 'exact', id };
}

function textOf(value: Value, key: string, reader: Reader): Located<string> | undefined {
  if (value.kind === 'scalar' && typeof value.value === 'string') return { value: value.value, range: value.range };
  return invalid(value, key, reader, 'text');
}

function oneOf<T extends string>(
  known: readonly T[],
  word: Located<string> | undefined,
  key: string,
  { source, report }: Reader,
  expected = `one of ${known.join(', ')}`,
): Located<T> | undefined {
  if (!word) return undefined;
  const found = known.find((candidate) => candidate === word.value);
  if (found) return { value: found, range: word.range };
  report.add('value-invalid', source, word.range, { key, expected, near: nearest(word.value, known) });
  return undefined;
}

function numberOf(
  value: Value,
  key: string,
  reader: Reader,
  accepts: (n: number) => boolean,
  expected: string,
): Located<number> | undefined {
  const raw = plain(value);
  const number = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
  if (typeof number === 'number' && accepts(number)) return { value: number, range: value.range };
  return invalid(value, key, reader, expected);
}

function invalid(value: Value, key: string, { source, report }: Reader, expected: string): undefined {
  report.add('value-invalid', source, value.range, { key, expected });
  return undefined;
}

function serversOf(value: Value): (McpServer | undefined)[] {
  if (value.kind === 'map') {
    return value.entries.map(({ key, value: config }) =>
      config.kind === 'map' ? { name: key, config: plain(config) as { [key: string]: Json } } : undefined,
    );
  }
  return [value.kind === 'scalar' && typeof value.value === 'string' ? { name: value.value } : undefined];
}

function handoffOf(value: Json): Handoff | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const { label, agent, prompt, send } = value as { [key: string]: Json };
  if (typeof label !== 'string' || typeof agent !== 'string') return undefined;
  return { label, agent, ...(typeof prompt === 'string' && { prompt }), ...(typeof send === 'boolean' && { send }) };
}
