/**
 * What an agent may use, when it inherits: a list of its own is what it may use, written out; without one it has what its
 * base has. Denials add up, so that nothing is gained that nobody wrote.
 */
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { ToolPolicy, ToolRef } from '../../ir.js';
import type { MapEntry } from '../parse/document.js';
import { fieldOf } from '../parse/keys.js';
import { allowsAll, grantedBy, readTools, type ToolEntries } from './tools.js';

/** Reads the tool keys of each layer, the nearest first, into one policy. `undefined` when one of them cannot be read. */
export function readToolLayers(layers: readonly (readonly MapEntry[])[], source: SourceText, report: Report): ToolPolicy | undefined {
  const [own = [], ...bases] = layers;
  const policy = readTools(byField(own), source, report);
  if (bases.every((layer) => layer.length === 0)) return policy;
  const base = readToolLayers(bases, source, report);
  if (!policy || !base) return undefined;
  return own.length === 0 ? base : laidOver(byField(own), policy, base, source, report);
}

const byField = (entries: readonly MapEntry[]): ToolEntries =>
  Object.fromEntries(entries.flatMap((entry) => (fieldOf(entry.key) ? [[fieldOf(entry.key), entry]] : [])));

function laidOver(entries: ToolEntries, own: ToolPolicy, base: ToolPolicy, source: SourceText, report: Report): ToolPolicy {
  // `{ write: false }` names what is denied; all that it does not name is the base's business.
  const named = grantedBy(entries, source, report);
  const allow = own.allow !== 'all' ? own.allow : allowsAll(entries) ? 'all' : base.allow === 'all' ? 'all' : [...base.allow, ...named];
  const granted = own.allow === 'all' ? named : own.allow;
  const beyond = granted.filter((ref) => !isWithin(ref, base));
  // A variant says what its agent may do: only what goes beyond another file is told.
  if (base.range?.path !== undefined && own.range && (beyond.length > 0 || (allow === 'all' && base.allow !== 'all'))) {
    const words = allow === 'all' && base.allow !== 'all' ? ['every tool'] : [...new Set(beyond.map(({ word }) => word.value))];
    report.add('tools-beyond-base', source, own.range, { tools: words, base: base.range.path });
  }
  const { verbatim: _, ask, ...rest } = own;
  const asked = ask ?? (own.allow === 'all' ? base.ask : undefined);
  return {
    ...rest,
    allow,
    // What is written out is no longer denied by the base.
    deny: [...own.deny, ...base.deny.filter((ref) => !granted.some((other) => sameName(ref, other)))],
    ...(asked && { ask: asked }),
    mixed: true,
  };
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
