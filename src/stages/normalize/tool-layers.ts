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

function read([own = {}, ...bases]: readonly ToolEntries[], source: SourceText, report: Report): ToolPolicy | undefined {
  const inherits = bases.some((layer) => Object.keys(layer).length > 0);
  const policy = readTools(own, source, report, inherits);
  if (!inherits) return policy;
  const base = read(bases, source, report);
  if (!policy || !base) return undefined;
  return Object.keys(own).length === 0 ? base : laidOver(own, policy, base, source, report);
}

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
  // `{ write: false }` names what is denied; all that it does not name is the base's business.
  const named = grantedBy(entries, source, report);
  const written = named ?? (own.allow === 'all' ? [] : own.allow);
  const allow = own.allow !== 'all' && !named ? own.allow : openOver(own, base, written, allowsAll(entries, own));
  const beyond = written.filter((ref) => !isWithin(ref, base));
  // A variant says what its agent may do: only what goes beyond another file is told.
  if (base.range?.path !== undefined && own.range && (beyond.length > 0 || (allow === 'all' && base.allow !== 'all'))) {
    const words = allow === 'all' && base.allow !== 'all' ? ['every tool'] : [...new Set(beyond.map(({ word }) => word.value))];
    report.add('tools-beyond-base', source, own.range, { tools: words, base: base.range.path });
  }
  const { verbatim: _, ask, ...rest } = own;
  const asked = ask ?? base.ask?.filter((ref) => allow === 'all' || allow.some((other) => covers(other, ref) || covers(ref, other)));
  return {
    ...rest,
    allow,
    // What is written out is no longer denied by the base.
    deny: [
      ...own.deny,
      ...base.deny.filter((ref) => !written.some((other) => (allow === 'all' ? sameName(ref, other) : covers(ref, other)))),
    ],
    ...(asked && asked.length > 0 && { ask: asked }),
    mixed: true,
  };
}

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
