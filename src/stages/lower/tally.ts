/** A grant while it is computed, and what stands behind a tool's id. */
import type { Capability } from '../../ir.js';
import { CAPABILITIES } from '../../targets/capabilities.js';
import type { Target, ToolRule } from '../../targets/target.js';
import { isGone } from '../../targets/words.js';
import { type Asked, isLimited } from './asked.js';

/** A grant while it is computed. */
export interface Tally {
  /** Without a limit. */
  readonly granted: Set<Capability>;
  /** With the limits that were asked for. */
  readonly partly: Set<Capability>;
  readonly gained: string[];
  readonly lost: string[];
  readonly whyGained: Set<string>;
  readonly whyLost: Set<string>;
}

export const noPatterns = ({ title }: Target): string => `${title} cannot limit a tool by a pattern, so the tool is left out.`;
export const noName = ({ title }: Target): string => `${title} cannot name every MCP server or tool.`;

export const EVERY_SERVER = 'every MCP server';

export function idsOf(rule: ToolRule, capability: Capability): readonly string[] {
  const ids = rule.ids[capability];
  return ids === null ? [] : typeof ids === 'string' ? [ids] : ids;
}

/** The capabilities that an id stands for. */
export function covered(rule: ToolRule, id: string): Capability[] {
  return CAPABILITIES.filter((capability) => idsOf(rule, capability).includes(id));
}

/**
 * Whether granting a capability would grant another one, by the same id, that is denied, or limited in a way that the
 * target cannot say.
 */
export function isBlocked(asked: Asked, capability: Capability, rule: ToolRule, cannotLimit: (other: Capability) => boolean): boolean {
  const others = idsOf(rule, capability).flatMap((id) => covered(rule, id));
  return others.some((other) => asked.denied.has(other) || (other !== capability && isLimited(asked, other) && cannotLimit(other)));
}

/** Counts an id as granted, with everything it stands for. */
export function tallyUp(tally: Tally, rule: ToolRule, id: string, capability: Capability, limited: boolean): void {
  if (limited) tally.partly.add(capability);
  else for (const also of covered(rule, id)) tally.granted.add(also);
}

/** Whether a tool without a capability is one of this target's. */
export const isNative = (ref: { readonly target: string }, { name, fields }: Target): boolean =>
  ref.target === name || ref.target === fields.tools.nativesOf;

/** What is asked for and is the target's own. What is another's is lost here. */
export function ownNatives(asked: Asked, target: Target, tally: Tally): Asked['natives'] {
  for (const ref of asked.natives) if (!isNative(ref, target) && !isGone(ref.name)) tally.lost.push(ref.name);
  return asked.natives.filter((ref) => isNative(ref, target));
}
