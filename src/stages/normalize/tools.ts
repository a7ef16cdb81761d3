/**
 * Tool lists of any dialect → a policy. A shape that cannot be read is an error and never "every tool".
 */
import { nearest } from '../../diagnostics/nearest.js';
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Capability, Located, Range, ToolPolicy, ToolRef } from '../../ir.js';
import { capabilitiesOf, ownerOf, PROPOSED_WORDS } from '../../targets/capabilities.js';
import { type MapEntry, plain, type Value } from '../parse/document.js';
import type { SpelledField } from './keys.js';

/** The entries that say what an agent may use, by field. */
export type ToolEntries = { readonly [F in SpelledField]?: { readonly key: string; readonly value: Value } };

const WRITES: readonly Capability[] = ['write', 'edit', 'notebook', 'shell'];

/**
 * Reads `tools`, `disallowedTools`, Cursor's `readonly` and OpenCode's `permission` into one policy.
 * `undefined`, with the reason reported, when one of them has a shape that cannot be read.
 */
export function readTools(entries: ToolEntries, source: SourceText, report: Report): ToolPolicy | undefined {
  const allowed = entries.tools && readList(entries.tools, source, report);
  const denied = entries.disallowedTools && readList(entries.disallowedTools, source, report);
  const permission = entries.permission && readPermission(entries.permission.value, source, report);
  if ((entries.tools && !allowed) || (entries.disallowedTools && !denied)) return undefined;

  const at = entries.tools ?? entries.disallowedTools ?? entries.permission ?? entries.readonly;
  const readonly = entries.readonly?.value;
  const switchedOff =
    readonly && plain(readonly) === true ? WRITES.map((name) => refOf(name, { value: 'readonly', range: readonly.range })) : [];
  if (denied?.allow === 'all') return { allow: [], deny: [], ...(at && { range: at.value.range }) };
  return {
    allow: allowed && allowed.allow !== 'all' ? allowed.allow : (permission?.allow ?? 'all'),
    deny: [...(denied?.allow ?? []), ...(allowed?.deny ?? []), ...(permission?.deny ?? []), ...switchedOff],
    ...(at && { range: at.value.range }),
  };
}

/** The words of a list, as refs. `'all'` for `*`. */
function readList(
  { key, value }: { key: string; value: Value },
  source: SourceText,
  report: Report,
): Omit<ToolPolicy, 'range'> | undefined {
  if (value.kind === 'map') return readSwitches(key, value.entries, source, report);
  const words: Located<string>[] = [];
  const items = value.kind === 'list' ? value.items : [value];
  for (const item of items) {
    if (item.kind === 'scalar' && typeof item.value === 'string') words.push(...wordsOf(item.value, item.range, source));
    else if (item.kind === 'scalar' && item.value === null && value.kind === 'scalar') {
      report.add('tools-empty', source, value.range, { key });
    } else {
      report.add('tools-invalid', source, item.range, { key, got: describe(item, value.kind === 'list') });
      return undefined;
    }
  }
  if (words.some((word) => word.value === '*')) return { allow: 'all', deny: [] };
  return { allow: words.flatMap((word) => toRefs(word, source, report)), deny: [] };
}

/** OpenCode's map of switches: what is not named stays on, unless `"*": false`. */
function readSwitches(
  key: string,
  entries: readonly MapEntry[],
  source: SourceText,
  report: Report,
): Omit<ToolPolicy, 'range'> | undefined {
  const on: ToolRef[] = [];
  const off: ToolRef[] = [];
  let rest = true;
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
    else (value ? on : off).push(...toRefs({ value: entry.key, range: entry.keyRange }, source, report));
  }
  if (rest && on.length > 0) {
    const [first, last] = [entries[0], entries.at(-1)];
    if (first && last) report.add('tools-map-open', source, { start: first.keyRange.start, end: last.value.range.end }, { key });
  }
  return rest ? { allow: 'all', deny: off } : { allow: on, deny: off };
}

/** OpenCode's keys that stand for more than the capability of the same name. */
const PERMISSION_KEYS: { readonly [key: string]: readonly Capability[] } = { edit: ['write', 'edit', 'notebook'] };

/** OpenCode's rules: an action, or a map in which the last match wins. `ask` grants, since a person decides. */
function readPermission(value: Value, source: SourceText, report: Report): Omit<ToolPolicy, 'range'> {
  if (value.kind !== 'map') {
    return plain(value) === 'deny' ? { allow: [], deny: [] } : { allow: 'all', deny: [] };
  }
  const allow: ToolRef[] = [];
  const deny: ToolRef[] = [];
  let rest = true;
  for (const { key, keyRange, value: rule } of value.entries) {
    const word = { value: key, range: keyRange };
    if (key === '*') {
      rest = plain(rule) !== 'deny';
      continue;
    }
    const refs = PERMISSION_KEYS[key]?.map((name) => refOf(name, word)) ?? toRefs(word, source, report);
    if (rule.kind === 'map') {
      const open = rule.entries.find((entry) => entry.key === '*');
      const closed = open !== undefined && plain(open.value) === 'deny';
      if (!closed) allow.push(...refs);
      for (const { key: pattern, value: action } of rule.entries) {
        if (pattern === '*') continue;
        const limited = refs.map((ref): ToolRef => (ref.kind === 'capability' ? { ...ref, pattern } : ref));
        if (plain(action) === 'deny') deny.push(...(closed ? [] : limited));
        else if (closed) allow.push(...limited);
      }
    } else (plain(rule) === 'deny' ? deny : allow).push(...refs);
  }
  return rest ? { allow: 'all', deny } : { allow, deny: deny.filter((ref) => ref.kind === 'capability' && ref.pattern !== undefined) };
}

/** Splits on commas and spaces outside parentheses, as Claude Code does, with the place of each word. */
function wordsOf(text: string, range: Range, source: SourceText): Located<string>[] {
  const raw = source.text.slice(range.start, range.end);
  const words: Located<string>[] = [];
  let searchFrom = 0;
  for (const [word] of text.matchAll(/(?:[^\s,()]|\([^)]*\)?)+/g)) {
    // The written form has the word too, unless a quoted scalar spells it with escapes.
    const at = raw.indexOf(word, searchFrom);
    if (at !== -1) searchFrom = at + word.length;
    words.push({ value: word, range: at === -1 ? range : { start: range.start + at, end: range.start + at + word.length } });
  }
  return words;
}

const WORD = /^([^()]+?)(?:\(([^)]*)\)?)?$/;

function toRefs(word: Located<string>, source: SourceText, report: Report): ToolRef[] {
  const [, name = word.value, inner] = WORD.exec(word.value) ?? [];
  const pattern = inner === undefined || inner.trim() === '' || inner.trim() === '*' ? undefined : inner.trim();
  const capabilities = capabilitiesOf(name);
  if (capabilities) return capabilities.map((capability) => refOf(capability, word, pattern));
  const server = serverOf(name);
  if (server) return [{ kind: 'mcp', ...server, word }];
  const target = ownerOf(name);
  if (target) return [{ kind: 'native', target, name, word }];
  report.add('tool-unknown', source, word.range, { word: word.value, near: nearest(name, PROPOSED_WORDS) });
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
