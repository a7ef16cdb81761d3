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
    ...(permission && permission.ask.length > 0 && { ask: permission.ask }),
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

/** OpenCode's keys, and the capabilities that they stand for. */
const PERMISSION_KEYS: ReadonlyMap<string, readonly Capability[]> = new Map([
  ['read', ['read']],
  ['list', ['list']],
  ['glob', ['glob']],
  ['grep', ['grep']],
  ['edit', ['write', 'edit', 'notebook']],
  ['bash', ['shell']],
  ['webfetch', ['web-fetch']],
  ['websearch', ['web-search']],
  ['todowrite', ['todo']],
  ['task', ['delegate']],
  ['question', ['ask']],
  ['skill', ['skill']],
  ['lsp', ['lsp']],
]);

type Action = 'allow' | 'ask' | 'deny';

/** What rules say of one key: an action for the rest, and patterns that are told apart. */
interface Ruling {
  readonly range: Range;
  rest: Action;
  readonly exceptions: Map<string, Action>;
}

/**
 * OpenCode's rules: an action, or a map in which the last match wins. `ask` grants, and is told apart. A denial that a
 * later rule takes back in part stays whole.
 */
function readPermission(
  value: Value,
  source: SourceText,
  report: Report,
): (Allowance & { readonly ask: readonly Capability[] }) | undefined {
  const wrong = wrongRule(value);
  if (wrong) {
    report.add('structure-invalid', source, wrong.range, { key: 'permission', expected: wrong.expected });
    return undefined;
  }
  const rulings = rulingsOf(value);
  const rest = rulings.get('*');
  rulings.delete('*');
  const allow: ToolRef[] = [];
  const deny: ToolRef[] = [];
  const ask: Capability[] = [];
  for (const [key, { rest: others, exceptions, range }] of rulings) {
    const word = { value: key, range };
    const refs = PERMISSION_KEYS.get(key)?.map((name) => refOf(name, word)) ?? toRefs(word, 'opencode', source, report);
    const some = [...exceptions];
    const patterns = (denied: boolean): ToolRef[] =>
      some.filter(([, action]) => (action === 'deny') === denied).flatMap(([pattern]) => refs.map((ref) => limited(ref, pattern)));
    if (others !== 'deny') allow.push(...refs);
    else allow.push(...patterns(false));
    if (others === 'deny' && patterns(false).length === 0) deny.push(...refs);
    else deny.push(...patterns(true));
    if (others === 'ask' || some.some(([, action]) => action === 'ask')) {
      for (const ref of refs) if (ref.kind === 'capability') ask.push(ref.name);
    }
  }
  const open = rest?.rest !== 'deny';
  // With everything allowed, only what is allowed in part must be named, and then everything else with it.
  const partly = [...rulings.values()].some(
    ({ rest, exceptions }) => rest === 'deny' && [...exceptions.values()].some((action) => action !== 'deny'),
  );
  if (rest?.rest === 'ask')
    ask.push(...CAPABILITIES.filter((capability) => ![...rulings.keys()].some((key) => PERMISSION_KEYS.get(key)?.includes(capability))));
  if (!open) return { allow, deny: deny.filter((ref) => ref.kind === 'capability' && ref.pattern !== undefined), ask };
  return { allow: partly ? everythingBut(rulings, allow) : 'all', deny, ask };
}

/** One ruling for each key that is named, with `*` for the rest. Keys are patterns over OpenCode's own. */
function rulingsOf(value: Value): Map<string, Ruling> {
  const rulings = new Map<string, Ruling>();
  const rules = value.kind === 'map' ? value.entries : [{ key: '*', keyRange: value.range, value }];
  for (const { key, keyRange, value: rule } of rules) {
    const glob = new RegExp(
      `^${key
        .replaceAll(/[^*?]/g, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
      'u',
    );
    const wild = /[*?]/.test(key);
    const named = wild
      ? [...new Set([...PERMISSION_KEYS.keys(), ...rulings.keys()])].filter((other) => other !== '*' && glob.test(other))
      : [key];
    // A pattern that fits none of the keys is one of tools that an MCP server or a plugin brings.
    for (const one of named.length === 0 || key === '*' ? [...named, key] : named) {
      const before = rulings.get(one) ?? rulings.get('*');
      const ruling: Ruling = { range: keyRange, rest: before?.rest ?? 'allow', exceptions: new Map(one === '*' ? [] : before?.exceptions) };
      for (const [pattern, action] of rule.kind === 'map'
        ? rule.entries.map((entry) => [entry.key, plain(entry.value)] as const)
        : [['*', plain(rule)] as const]) {
        judge(ruling, pattern, action as Action);
      }
      rulings.set(one, ruling);
    }
  }
  return rulings;
}

function judge(ruling: Ruling, pattern: string, action: Action): void {
  if (pattern === '*') {
    ruling.rest = action;
    ruling.exceptions.clear();
  } else {
    ruling.exceptions.delete(pattern);
    ruling.exceptions.set(pattern, action);
  }
}

/** What is wrong with rules, if anything. */
function wrongRule(value: Value): { range: Range; expected: string } | undefined {
  if (value.kind !== 'map')
    return isAction(value) ? undefined : { range: value.range, expected: '`allow`, `ask` or `deny`, or a map of them' };
  for (const { key, keyRange, value: rule } of value.entries) {
    // JavaScript puts keys that look like numbers first, and here the last match wins.
    const inner = rule.kind === 'map' ? rule.entries : [];
    const number = [{ key, keyRange }, ...inner].find((entry) => /^\d+$/.test(entry.key));
    if (number) return { range: number.keyRange, expected: 'without patterns that are numbers: they lose their place' };
    if (key === '*' && inner.some((entry) => entry.key !== '*')) return { range: rule.range, expected: 'without patterns under `*`' };
    const wrong =
      rule.kind === 'map' ? inner.map((entry) => entry.value).find((action) => !isAction(action)) : isAction(rule) ? undefined : rule;
    if (wrong) return { range: wrong.range, expected: '`allow`, `ask` or `deny`, or a map of them' };
  }
  return undefined;
}

function isAction(value: Value): boolean {
  const action = plain(value);
  return action === 'allow' || action === 'ask' || action === 'deny';
}

/** Every tool by name, where one of them is allowed for some patterns only. */
function everythingBut(rulings: ReadonlyMap<string, Ruling>, allow: readonly ToolRef[]): ToolRef[] {
  const range = [...rulings.values()][0]?.range ?? { start: 0, end: 0 };
  const named = new Set([...rulings.keys()].flatMap((key) => PERMISSION_KEYS.get(key) ?? []));
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

/** A tool of one of VS Code's sets; an MCP server would be called otherwise. */
const VS_CODE_TOOL = /^(?:agent|browser|edit|execute|read|search|todo|vscode|web)\/\w+$/;

/** Longer words are no names of tools; the patterns below are not for them. */
const MAX_NAME_LENGTH = 300;

/** `opencode`: a word that is unknown is a tool of OpenCode's, or of one of its plugins. */
function toRefs(word: Located<string>, unknown: UnknownCode | 'opencode', source: SourceText, report: Report): ToolRef[] {
  const [, name = word.value, closed, open] = WORD.exec(word.value) ?? [];
  const inner = closed ?? open;
  const pattern = inner === undefined || inner.trim() === '' || inner.trim() === '*' ? undefined : inner.trim();
  const capabilities = capabilitiesOf(name);
  if (capabilities) return capabilities.map((capability) => refOf(capability, word, pattern));
  // Nobody says what a pattern behind another word means, so it grants nothing.
  const target = pattern === undefined ? ownerOf(name) : undefined;
  if (target) return [{ kind: 'native', target, name, word }];
  if (pattern === undefined && VS_CODE_TOOL.test(name)) return [{ kind: 'native', target: 'copilot', name, word }];
  const server = pattern === undefined && name.length <= MAX_NAME_LENGTH ? serverOf(name) : undefined;
  if (server) return [{ kind: 'mcp', ...server, word }];
  if (unknown === 'opencode' && pattern === undefined) return [{ kind: 'native', target: 'opencode', name, word }];
  report.add(unknown === 'opencode' ? 'tool-unknown' : unknown, source, word.range, {
    word: word.value.slice(0, MAX_NAME_LENGTH),
    near: nearest(name, PROPOSED_WORDS),
  });
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
