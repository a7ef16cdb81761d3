/**
 * Tool lists of any dialect → a policy. A shape that cannot be read is an error and never "every tool".
 */
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Capability, Located, ToolPolicy, ToolRef } from '../../ir.js';
import { type MapEntry, plain, type Value } from '../parse/document.js';
import type { SpelledField } from '../parse/keys.js';
import { readPermission } from './permission.js';
import { refOf, toRefs, type UnknownCode, wordsOf } from './tool-words.js';

/** The entries that say what an agent may use, by field. */
export type ToolEntries = { readonly [F in SpelledField]?: MapEntry };

type Allowance = Pick<ToolPolicy, 'allow' | 'deny'>;

const WRITES: readonly Capability[] = ['write', 'edit', 'notebook', 'shell'];

/**
 * Reads `tools`, `disallowedTools`, Cursor's `readonly` and OpenCode's `permission` into one policy: the agent may do what
 * all of them allow. `undefined`, with the reason reported, when one has a shape that cannot be read.
 * @param inherits other policies lie below this one, and what they deny stays denied
 */
export function readTools(entries: ToolEntries, source: SourceText, report: Report, inherits = false): ToolPolicy | undefined {
  const listed = entries.tools && readList(entries.tools, 'tool-unknown', source, report);
  const denied = entries.disallowedTools && readList(entries.disallowedTools, 'denial-unknown', source, report, inherits);
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
    ...(only && { verbatim: { target: 'opencode', value: plain(entries.permission.value) } }),
  };
}

/** Whether every tool is written out, by `*` or as a permission for the rest. */
export function allowsAll({ tools, permission }: ToolEntries, { allow }: ToolPolicy): boolean {
  const saysRest = ({ value }: MapEntry): boolean => value.kind !== 'map' || value.entries.some(({ key }) => key === '*');
  return allow === 'all' && [tools, permission].some((entry) => entry && saysRest(entry));
}

/** What keys that leave the rest as it is allow by name: a map of switches, or rules. `undefined` when the rest is said too. */
export function grantedBy({ tools, permission }: ToolEntries, source: SourceText, report: Report): readonly ToolRef[] | undefined {
  if (tools && tools.value.kind !== 'map') return undefined;
  const switches = tools?.value.kind === 'map' ? readSwitches(tools.key, tools.value.entries, 'tool-unknown', source, report) : undefined;
  const rules = permission && readPermission(permission.value, source, report);
  if (switches?.policy.allow !== undefined && switches.policy.allow !== 'all') return undefined;
  if (rules?.saysRest || (!switches && !rules)) return undefined;
  return [...(switches?.on ?? []), ...(rules?.named ?? [])];
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
  inherits = false,
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
        effect:
          unknown === 'tool-unknown' ? 'the agent gets no tools' : inherits ? 'only what is inherited is denied' : 'nothing is denied',
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
    report.add('tools-map-open', source, { ...first.keyRange, end: last.value.range.end }, { key });
  }
  return { on, all: rest === true, policy: open ? { allow: 'all', deny: off } : { allow: on, deny: off } };
}

function describe(value: Value, inList: boolean): string {
  const what =
    value.kind === 'scalar' ? (value.value === null ? 'nothing' : `the ${typeof value.value} \`${value.value}\``) : `a ${value.kind}`;
  return inList ? `a list with ${what} in it` : what;
}
