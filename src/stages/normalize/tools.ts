/**
 * Tool lists of any dialect → a policy. A shape that cannot be read is an error and never "every tool".
 */
import { nearest } from '../../diagnostics/nearest.js';
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Capability, Located, Range, ToolPolicy, ToolRef } from '../../ir.js';
import { CAPABILITIES, capabilitiesOf, ownerOf, PROPOSED_WORDS } from '../../targets/capabilities.js';
import { type MapEntry, plain, type Value } from '../parse/document.js';
import type { SpelledField } from '../parse/keys.js';

/** The entries that say what an agent may use, by field. */
export type ToolEntries = { readonly [F in SpelledField]?: { readonly key: string; readonly value: Value } };

type Allowance = Pick<ToolPolicy, 'allow' | 'deny'>;
type UnknownCode = 'tool-unknown' | 'denial-unknown';

const WRITES: readonly Capability[] = ['write', 'edit', 'notebook', 'shell'];

/**
 * Reads `tools`, `disallowedTools`, Cursor's `readonly` and OpenCode's `permission` into one policy: the agent may do what
 * all of them allow. `undefined`, with the reason reported, when one has a shape that cannot be read.
 */
export function readTools(entries: ToolEntries, source: SourceText, report: Report): ToolPolicy | undefined {
  const listed = entries.tools && readList(entries.tools, 'tool-unknown', source, report);
  const denied = entries.disallowedTools && readList(entries.disallowedTools, 'denial-unknown', source, report);
  const permission = entries.permission && readPermission(entries.permission.value, source, report);
  const readonly = entries.readonly && readSwitch(entries.readonly, source, report);
  if ((entries.tools && !listed) || (entries.disallowedTools && !denied) || (entries.permission && !permission)) return undefined;
  if (entries.readonly && readonly === undefined) return undefined;

  const at = entries.tools ?? entries.disallowedTools ?? entries.permission ?? entries.readonly;
  const range = at ? { range: at.value.range } : {};
  if (denied?.allow === 'all') return { allow: [], deny: [], ...range };
  const word = { value: 'readonly', range: entries.readonly?.value.range ?? { start: 0, end: 0 } };
  const switchedOff = readonly ? WRITES.map((name) => refOf(name, word)) : [];
  const only = entries.permission && !entries.tools && !entries.disallowedTools && switchedOff.length === 0;
  return {
    allow: both(listed?.allow ?? 'all', permission?.allow ?? 'all'),
    deny: [...(denied?.allow ?? []), ...(listed?.deny ?? []), ...(permission?.deny ?? []), ...switchedOff],
    ...range,
    ...((entries.permission || switchedOff.length > 0) && { mixed: true }),
    ...(only && { verbatim: { key: 'permission', value: plain(entries.permission.value) } }),
  };
}

/** Cursor takes exactly `true`; a word that looks like it would be read as `false` there, and as a limit here. */
function readSwitch({ key, value }: { key: string; value: Value }, source: SourceText, report: Report): boolean | undefined {
  const flag = plain(value);
  if (typeof flag === 'boolean') return flag;
  report.add('structure-invalid', source, value.range, { key, expected: '`true` or `false`, without quotes' });
  return undefined;
}

/** What both of two allowances allow. */
function both(a: ToolPolicy['allow'], b: ToolPolicy['allow']): ToolPolicy['allow'] {
  if (a === 'all') return b;
  if (b === 'all') return a;
  return a.flatMap((ref) => {
    if (ref.kind !== 'capability') return b.some((other) => sameTool(ref, other)) ? [ref] : [];
    const matches = b.filter((other) => other.kind === 'capability' && other.name === ref.name);
    if (matches.some((other) => other.kind === 'capability' && other.pattern === undefined)) return [ref];
    return ref.pattern === undefined ? matches : matches.filter((other) => other.kind === 'capability' && other.pattern === ref.pattern);
  });
}

function sameTool(a: ToolRef, b: ToolRef): boolean {
  if (a.kind === 'mcp') return b.kind === 'mcp' && a.server === b.server && (b.tool === undefined || a.tool === b.tool);
  return a.kind === 'native' && b.kind === 'native' && a.name === b.name;
}

/** The words of a list, as refs. `'all'` for `*`. */
function readList(
  { key, value }: { key: string; value: Value },
  unknown: UnknownCode,
  source: SourceText,
  report: Report,
): Allowance | undefined {
  if (value.kind === 'map') {
    const switches = readSwitches(key, value.entries, unknown, source, report);
    // In a map of denials `true` denies.
    return unknown === 'tool-unknown' ? switches?.policy : switches && { allow: switches.all ? 'all' : switches.on, deny: [] };
  }
  const words: Located<string>[] = [];
  const items = value.kind === 'list' ? value.items : [value];
  for (const item of items) {
    if (value.kind === 'scalar' && (value.value === null || value.value === '')) {
      report.add('tools-empty', source, value.range, {
        key,
        effect: unknown === 'tool-unknown' ? 'the agent gets no tools' : 'nothing is denied',
      });
    } else if (item.kind === 'scalar' && typeof item.value === 'string') {
      words.push(...wordsOf(item.value, item.range, source));
    } else {
      report.add('tools-invalid', source, item.range, { key, got: describe(item, value.kind === 'list') });
      return undefined;
    }
  }
  if (words.some((word) => word.value === '*')) return { allow: 'all', deny: [] };
  return { allow: words.flatMap((word) => toRefs(word, unknown, source, report)), deny: [] };
}

interface Switches {
  readonly on: readonly ToolRef[];
  /** `"*": true`. */
  readonly all: boolean;
  /** As OpenCode reads them: what is not named stays on, unless `"*": false`. */
  readonly policy: Allowance;
}

/** A map from tool words to `true` or `false`. */
function readSwitches(
  key: string,
  entries: readonly MapEntry[],
  unknown: UnknownCode,
  source: SourceText,
  report: Report,
): Switches | undefined {
  const on: ToolRef[] = [];
  const off: ToolRef[] = [];
  let rest: boolean | undefined;
  for (const entry of entries) {
    const value = plain(entry.value);
    if (typeof value !== 'boolean') {
      report.add('tools-invalid', source, entry.value.range, {
        key,
        got: `a map in which \`${entry.key}\` is ${describe(entry.value, false)}`,
      });
      return undefined;
    }
    if (entry.key === '*') rest = value;
    else
      (value ? on : off).push(...toRefs({ value: entry.key, range: entry.keyRange }, value ? unknown : 'denial-unknown', source, report));
  }
  const open = rest !== false;
  const [first, last] = [entries[0], entries.at(-1)];
  if (open && on.length > 0 && unknown === 'tool-unknown' && first && last) {
    report.add('tools-map-open', source, { start: first.keyRange.start, end: last.value.range.end }, { key });
  }
  return { on, all: rest === true, policy: open ? { allow: 'all', deny: off } : { allow: on, deny: off } };
}

/** OpenCode's keys that stand for more than the capability of the same name. */
const PERMISSION_KEYS: { readonly [key: string]: readonly Capability[] } = { edit: ['write', 'edit', 'notebook'] };

/** What rules say of one key: an action for the rest, and patterns that are told apart. */
interface Ruling {
  allowed: boolean;
  readonly exceptions: Map<string, boolean>;
}

/**
 * OpenCode's rules: an action, or a map in which the last match wins. `ask` grants, since a person decides. A denial that
 * a later rule takes back in part stays whole.
 */
function readPermission(value: Value, source: SourceText, report: Report): Allowance | undefined {
  const wrong = wrongAction(value, 2);
  if (wrong) {
    report.add('structure-invalid', source, wrong.range, { key: 'permission', expected: '`allow`, `ask` or `deny`, or a map of them' });
    return undefined;
  }
  if (value.kind !== 'map') return plain(value) === 'deny' ? { allow: [], deny: [] } : { allow: 'all', deny: [] };
  const rest: Ruling = { allowed: true, exceptions: new Map() };
  const rulings = new Map<string, Ruling & { readonly range: Range }>();
  for (const { key, keyRange, value: rule } of value.entries) {
    if (key === '*') {
      rest.allowed = plain(rule) !== 'deny';
      // The last match wins: what was said before is said anew for every tool.
      rulings.clear();
      continue;
    }
    const ruling = { allowed: rest.allowed, exceptions: new Map<string, boolean>(), range: keyRange };
    rulings.set(key, ruling);
    if (rule.kind === 'map') for (const { key: pattern, value: action } of rule.entries) say(ruling, pattern, plain(action) !== 'deny');
    else say(ruling, '*', plain(rule) !== 'deny');
  }

  const allow: ToolRef[] = [];
  const deny: ToolRef[] = [];
  for (const [key, { allowed, exceptions, range }] of rulings) {
    const word = { value: key, range };
    const refs = Object.hasOwn(PERMISSION_KEYS, key)
      ? (PERMISSION_KEYS[key] ?? []).map((name) => refOf(name, word))
      : toRefs(word, 'opencode', source, report);
    const patterns = (wanted: boolean): ToolRef[] =>
      [...exceptions].filter(([, grants]) => grants === wanted).flatMap(([pattern]) => refs.map((ref) => limited(ref, pattern)));
    if (allowed) allow.push(...refs);
    else allow.push(...patterns(true));
    // With everything allowed, a tool that is allowed in part only must be named, and its denial with it.
    if (rest.allowed && !allowed) deny.push(...(patterns(true).length > 0 ? [] : refs));
    deny.push(...(allowed || patterns(true).length > 0 ? patterns(false) : []));
  }
  if (!rest.allowed) return { allow, deny };
  const partly = [...rulings.values()].some(({ allowed, exceptions }) => !allowed && [...exceptions.values()].includes(true));
  return { allow: partly ? everythingBut(rulings, allow) : 'all', deny };
}

/** The first value that is no action. Maps may stand in maps to a depth. */
function wrongAction(value: Value, depth: number): Value | undefined {
  if (value.kind === 'map' && depth > 0) return value.entries.map((entry) => wrongAction(entry.value, depth - 1)).find((wrong) => wrong);
  const action = value.kind === 'scalar' ? value.value : undefined;
  return action === 'allow' || action === 'ask' || action === 'deny' ? undefined : value;
}

function say(ruling: Ruling, pattern: string, allowed: boolean): void {
  if (pattern === '*') {
    ruling.allowed = allowed;
    ruling.exceptions.clear();
  } else {
    ruling.exceptions.delete(pattern);
    ruling.exceptions.set(pattern, allowed);
  }
}

/** Every tool by name, where one of them is allowed for some patterns only. */
function everythingBut(rulings: ReadonlyMap<string, Ruling & { readonly range: Range }>, allow: readonly ToolRef[]): ToolRef[] {
  const range = [...rulings.values()][0]?.range ?? { start: 0, end: 0 };
  const named = new Set([...rulings.keys()].flatMap((key) => PERMISSION_KEYS[key] ?? capabilitiesOf(key) ?? []));
  const others = CAPABILITIES.filter((capability) => !named.has(capability)).map((name) => refOf(name, { value: '*', range }));
  return [...others, ...allow, { kind: 'mcp', server: '*', word: { value: '*', range } }];
}

const limited = (ref: ToolRef, pattern: string): ToolRef => (ref.kind === 'capability' ? { ...ref, pattern } : ref);

/** Splits on commas and spaces outside parentheses, as Claude Code does, with the place of each word. */
function wordsOf(text: string, range: Range, source: SourceText): Located<string>[] {
  const raw = source.text.slice(range.start, range.end);
  let searchFrom = 0;
  return split(text).map((word) => {
    // The written form has the word too, unless a quoted scalar spells it with escapes.
    const at = raw.indexOf(word, searchFrom);
    if (at === -1) return { value: word, range };
    searchFrom = at + word.length;
    return { value: word, range: { start: range.start + at, end: searchFrom + range.start } };
  });
}

function split(text: string): string[] {
  const words = [''];
  let depth = 0;
  for (const char of text) {
    if (depth === 0 && /[\s,]/.test(char)) {
      if (words.at(-1) !== '') words.push('');
      continue;
    }
    if (char === '(') depth++;
    if (char === ')') depth = Math.max(0, depth - 1);
    words[words.length - 1] += char;
  }
  return words.filter((word) => word !== '');
}

/** A name, and a pattern in parentheses, which may hold parentheses. */
const WORD = /^([^()]+)(?:\((.*)\)|\((.*))?$/s;

/** Longer words are no names of tools; the patterns below are not for them. */
const MAX_NAME_LENGTH = 300;

/** `opencode`: a word that is unknown is a tool of OpenCode's, or of one of its plugins. */
function toRefs(word: Located<string>, unknown: UnknownCode | 'opencode', source: SourceText, report: Report): ToolRef[] {
  const [, name = word.value, closed, open] = WORD.exec(word.value) ?? [];
  const inner = closed ?? open;
  const pattern = inner === undefined || inner.trim() === '' || inner.trim() === '*' ? undefined : inner.trim();
  const capabilities = capabilitiesOf(name);
  if (capabilities) return capabilities.map((capability) => refOf(capability, word, pattern));
  const target = ownerOf(name);
  if (target) return [{ kind: 'native', target, name, word }];
  const server = name.length <= MAX_NAME_LENGTH ? serverOf(name) : undefined;
  if (server) return [{ kind: 'mcp', ...server, word }];
  if (unknown === 'opencode') return [{ kind: 'native', target: 'opencode', name, word }];
  report.add(unknown, source, word.range, { word: word.value.slice(0, MAX_NAME_LENGTH), near: nearest(name, PROPOSED_WORDS) });
  return [];
}

/**
 * MCP tools as Claude Code (`mcp__server__tool`), Gemini CLI (`mcp_server_tool`), Factory (`server___tool`), OpenCode
 * (`server_*`), Kiro (`@server/tool`) and Copilot (`server/tool`) spell them. Without a tool, or with `*`: the whole server.
 */
function serverOf(name: string): { server: string; tool?: string } | undefined {
  const match =
    /^mcp__(?<server>.+?)(?:__(?<tool>.+))?$/.exec(name) ??
    /^mcp_(?<server>[^_]+)(?:_(?<tool>.+))?$/.exec(name) ??
    /^(?<server>[\w-]+?)___(?<tool>[\w-]+)$/.exec(name) ??
    /^(?<server>[\w-]+)_(?<tool>\*)$/.exec(name) ??
    /^@(?<server>[\w.-]+)(?:\/(?<tool>[\w.*-]+))?$/.exec(name) ??
    /^(?<server>[\w.-]+)\/(?<tool>[\w.*-]+)$/.exec(name);
  if (!match?.groups?.server) return undefined;
  const { server, tool } = match.groups;
  return tool === undefined || tool === '*' ? { server } : { server, tool };
}

function refOf(name: Capability, word: Located<string>, pattern?: string): ToolRef {
  return { kind: 'capability', name, ...(pattern !== undefined && { pattern }), word };
}

function describe(value: Value, inList: boolean): string {
  const what =
    value.kind === 'scalar' ? (value.value === null ? 'nothing' : `the ${typeof value.value} \`${value.value}\``) : `a ${value.kind}`;
  return inList ? `a list with ${what} in it` : what;
}
