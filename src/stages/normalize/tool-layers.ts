/**
 * What an agent may use, when it inherits: a list of its own is what it may use, written out; without one it has what its
 * base has. Denials add up, so that nothing is gained that nobody wrote. What a layer says of one target lies over what the
 * same layer says of all, and under what a nearer layer says: a variant that only reads does so everywhere.
 */
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { ToolPolicy, ToolRef } from '../../ir.js';
import type { Layers } from '../compose/compose.js';
import type { MapEntry, Value } from '../parse/document.js';
import { fieldOf, isToolKey } from '../parse/keys.js';
import { readPermission } from './permission.js';
import { allowsAll, grantedBy, readTools, type ToolEntries } from './tools.js';

/**
 * Reads the tool keys of each layer, and those for one target, into one policy. `undefined` when one of them cannot be read.
 * @param target absent: what holds without a target of its own
 */
export function readToolLayers(layers: Layers, source: SourceText, report: Report, target?: string): ToolPolicy | undefined {
  return read(
    layers.map((layer) => toolEntriesIn(layer, target)),
    source,
    report,
  );
}

/** Whether a layer says something of the tools in one target. */
export const setsToolsFor = (layers: Layers, target: string): boolean =>
  layers.some((layer) => Object.keys(byField(overrideIn(layer, target))).length > 0);

/** @param tells whether to report what goes beyond another file */
function read(layers: readonly ToolEntries[], source: SourceText, report: Report, tells = true): ToolPolicy | undefined {
  const [own = {}, ...bases] = layers.filter((layer) => Object.keys(layer).length > 0);
  const policy = readTools(own, source, report, bases.length > 0);
  if (bases.length === 0) return policy;
  const base = read(bases, source, report, tells);
  if (!policy || !base) return undefined;
  const result = laidOver(own, policy, base, source, report);
  // A variant says what its agent may do: only what goes beyond another file is told.
  const at = bases.findIndex((layer) => fileOf(layer) !== fileOf(own));
  const other = at > 0 && tells ? read(bases.slice(at), source, report, false) : base;
  if (at >= 0 && tells && other) reportBeyond(own, result, other, source, report);
  return result;
}

const fileOf = (layer: ToolEntries): string | undefined => Object.values(layer)[0]?.keyRange.path;

/** A `permission` for a target is the whole of what its layer says there. */
function toolEntriesIn(layer: readonly MapEntry[], target: string | undefined): ToolEntries {
  const forAll = byField(layer);
  if (target === undefined) return forAll;
  const here = byField(overrideIn(layer, target));
  return here.permission ? here : { ...forAll, ...here };
}

function overrideIn(layer: readonly MapEntry[], target: string): readonly MapEntry[] {
  const targets = layer.find(({ key }) => key === 'targets')?.value;
  const setting = targets?.kind === 'map' ? targets.entries.find(({ key }) => key === target)?.value : undefined;
  return setting?.kind === 'map' ? setting.entries : [];
}

/** Two spellings of one key in one layer say both what they deny. */
function byField(layer: readonly MapEntry[]): ToolEntries {
  const result: { [field: string]: MapEntry } = {};
  for (const entry of layer.filter(({ key }) => isToolKey(key))) {
    const field = fieldOf(entry.key) ?? entry.key;
    const twin = result[field];
    result[field] = twin ? { ...twin, value: bothOf(twin.value, entry.value) } : entry;
  }
  return result;
}

function bothOf(first: Value, second: Value): Value {
  const items = (value: Value): readonly Value[] => (value.kind === 'list' ? value.items : [value]);
  return { kind: 'list', items: [...items(first), ...items(second)], range: first.range };
}

function laidOver(entries: ToolEntries, own: ToolPolicy, base: ToolPolicy, source: SourceText, report: Report): ToolPolicy {
  const written = writtenOut(entries, own, source, report);
  const allow =
    own.allow !== 'all' && !grantedBy(entries, source, report) ? own.allow : openOver(own, base, written, allowsAll(entries, own));
  const { verbatim: _, ask: __, ...rest } = own;
  const asked = [...(own.ask ?? []), ...stillAsked(entries, base, source, report)].filter((ref) => isAllowed(ref, allow));
  return {
    ...rest,
    allow,
    // What is written out is no longer denied by the base.
    deny: [
      ...own.deny,
      ...base.deny.filter((ref) => !written.some((other) => (allow === 'all' ? sameName(ref, other) : covers(ref, other)))),
    ],
    ...(asked.length > 0 && { ask: asked }),
    mixed: true,
  };
}

/** What a layer allows by name. `{ write: false }` names what is denied; all that it does not name is the base's business. */
function writtenOut(entries: ToolEntries, own: ToolPolicy, source: SourceText, report: Report): readonly ToolRef[] {
  return grantedBy(entries, source, report) ?? (own.allow === 'all' ? [] : own.allow);
}

/** What a base asks about, but for what a `permission` speaks of: no other key can say whether to ask. */
function stillAsked({ permission }: ToolEntries, { ask = [] }: ToolPolicy, source: SourceText, report: Report): readonly ToolRef[] {
  const rules = permission && readPermission(permission.value, source, report);
  if (rules?.saysRest) return [];
  return ask.filter((ref) => rules?.named.some((other) => covers(other, ref)) !== true);
}

/** Tells what a layer grants, by its own words, that another file does not, or not without asking. */
function reportBeyond(entries: ToolEntries, result: ToolPolicy, other: ToolPolicy, source: SourceText, report: Report): void {
  const own = readTools(entries, source, report, true);
  if (!own?.range) return;
  const beyond = writtenOut(entries, own, source, report).filter((ref) => !isWithin(ref, other));
  const unasked = (other.ask ?? []).filter(
    (ref) =>
      isAllowed(ref, result.allow) &&
      !result.deny.some((denied) => covers(denied, ref)) &&
      !result.ask?.some((asked) => covers(asked, ref)),
  );
  const words =
    result.allow === 'all' && other.allow !== 'all'
      ? ['every tool']
      : [...beyond.map(({ word }) => word.value), ...unasked.map(({ word }) => `${word.value} without asking`)];
  if (words.length > 0)
    report.add('tools-beyond-base', source, own.range, { tools: [...new Set(words)], base: other.range?.path ?? source.path });
}

const isAllowed = (ref: ToolRef, allow: ToolPolicy['allow']): boolean =>
  allow === 'all' || allow.some((other) => covers(other, ref) || covers(ref, other));

/** What is allowed by keys that leave what they do not name to the base. */
function openOver(own: ToolPolicy, base: ToolPolicy, named: readonly ToolRef[], everything: boolean): ToolPolicy['allow'] {
  if (everything) return 'all';
  return base.allow === 'all' ? own.allow : [...base.allow, ...named];
}

/** Whether a base allows a tool. */
function isWithin(ref: ToolRef, { allow, deny }: ToolPolicy): boolean {
  return (allow === 'all' || allow.some((other) => covers(other, ref))) && !deny.some((other) => covers(other, ref));
}

function covers(wide: ToolRef, narrow: ToolRef): boolean {
  if (wide.kind === 'mcp' && narrow.kind === 'mcp') {
    return (wide.server === '*' || wide.server === narrow.server) && (wide.tool === undefined || wide.tool === narrow.tool);
  }
  if (wide.kind === 'capability' && narrow.kind === 'capability') {
    return wide.name === narrow.name && (wide.pattern === undefined || wide.pattern === narrow.pattern);
  }
  return sameName(wide, narrow);
}

function sameName(a: ToolRef, b: ToolRef): boolean {
  if (a.kind === 'mcp') return b.kind === 'mcp' && a.server === b.server && a.tool === b.tool;
  if (a.kind === 'capability') return b.kind === 'capability' && a.name === b.name && a.pattern === b.pattern;
  return b.kind === 'native' && a.target === b.target && a.name === b.name;
}
