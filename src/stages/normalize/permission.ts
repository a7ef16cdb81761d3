/** OpenCode's `permission` → what is allowed, denied and asked about. */
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Capability, Range, ToolPolicy, ToolRef } from '../../ir.js';
import { CAPABILITIES } from '../../targets/capabilities.js';
import { plain, type Value } from '../parse/document.js';
import { refOf, toRefs } from './tool-words.js';

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

/** What rules come to. */
export interface Permission extends Pick<ToolPolicy, 'allow' | 'deny'> {
  /** What a person is asked about. */
  readonly ask: readonly ToolRef[];
  /** What is allowed by name: a pattern alone says nothing of the rest of its key. */
  readonly named: readonly ToolRef[];
  /** Whether a rule says what becomes of the rest. */
  readonly saysRest: boolean;
}

type Action = 'allow' | 'ask' | 'deny';

/** What rules say of one key: an action for the rest, and patterns that are told apart. */
interface Ruling {
  readonly range: Range;
  rest: Action;
  /** Whether a rule for this key, or for one that fits it, says what becomes of the rest. */
  saysRest: boolean;
  readonly exceptions: Map<string, Action>;
}

/**
 * OpenCode's rules: an action, or a map in which the last match wins. `ask` grants, and is told apart. A denial that a
 * later rule takes back in part stays whole.
 */
export function readPermission(value: Value, source: SourceText, report: Report): Permission | undefined {
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
  const ask: ToolRef[] = [];
  const named: ToolRef[] = [];
  for (const [key, { rest: others, saysRest, exceptions, range }] of rulings) {
    const word = { value: key, range };
    const refs = PERMISSION_KEYS.get(key)?.map((name) => refOf(name, word)) ?? toRefs(word, 'opencode', source, report);
    const some = [...exceptions];
    const patterns = (denied: boolean): ToolRef[] =>
      some.filter(([, action]) => (action === 'deny') === denied).flatMap(([pattern]) => refs.map((ref) => limited(ref, pattern)));
    if (others !== 'deny') allow.push(...refs);
    else allow.push(...patterns(false));
    named.push(...(others !== 'deny' && saysRest ? refs : patterns(false)));
    if (others === 'deny' && patterns(false).length === 0) deny.push(...refs);
    else deny.push(...patterns(true));
    if (others === 'ask') ask.push(...refs);
    for (const [pattern, action] of some) if (action === 'ask') ask.push(...refs.map((ref) => limited(ref, pattern)));
  }
  const open = rest?.rest !== 'deny';
  // With everything allowed, only what is allowed in part must be named, and then everything else with it.
  const partly = [...rulings.values()].some(
    ({ rest, exceptions }) => rest === 'deny' && [...exceptions.values()].some((action) => action !== 'deny'),
  );
  if (rest?.rest === 'ask') {
    ask.push(...unnamed(rulings, rest.range));
  }
  const told = { ask, named, saysRest: rest !== undefined };
  if (!open) return { allow, deny: deny.filter((ref) => ref.kind !== 'capability' || ref.pattern !== undefined), ...told };
  return { allow: partly ? everythingBut(rulings, allow) : 'all', deny, ...told };
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
      const ruling: Ruling = {
        range: keyRange,
        rest: before?.rest ?? 'allow',
        saysRest: before?.saysRest === true,
        exceptions: new Map(one === '*' ? [] : before?.exceptions),
      };
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
    ruling.saysRest = true;
    ruling.exceptions.clear();
  } else {
    ruling.exceptions.delete(pattern);
    ruling.exceptions.set(pattern, action);
  }
}

const AN_ACTION = '`allow`, `ask` or `deny`, or a map of them';

/** What is wrong with rules, if anything. */
function wrongRule(value: Value): { range: Range; expected: string } | undefined {
  if (value.kind !== 'map') return isAction(value) ? undefined : { range: value.range, expected: AN_ACTION };
  for (const { key, keyRange, value: rule } of value.entries) {
    // JavaScript puts keys that look like numbers first, and here the last match wins.
    const inner = rule.kind === 'map' ? rule.entries : [];
    const number = [{ key, keyRange }, ...inner].find((entry) => /^\d+$/.test(entry.key));
    if (number) return { range: number.keyRange, expected: 'without patterns that are numbers: they lose their place' };
    if (key === '*' && inner.some((entry) => entry.key !== '*')) return { range: rule.range, expected: 'without patterns under `*`' };
    const wrong =
      rule.kind === 'map' ? inner.map((entry) => entry.value).find((action) => !isAction(action)) : isAction(rule) ? undefined : rule;
    if (wrong) return { range: wrong.range, expected: AN_ACTION };
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
  return [...unnamed(rulings, range), ...allow, { kind: 'mcp', server: '*', word: { value: '*', range } }];
}

/** The tools that `*` stands for: those that no ruling names. */
function unnamed(rulings: ReadonlyMap<string, Ruling>, range: Range): ToolRef[] {
  const named = new Set([...rulings.keys()].flatMap((key) => PERMISSION_KEYS.get(key) ?? []));
  return CAPABILITIES.filter((capability) => !named.has(capability)).map((name) => refOf(name, { value: '*', range }));
}

const limited = (ref: ToolRef, pattern: string): ToolRef => (ref.kind === 'capability' ? { ...ref, pattern } : ref);
