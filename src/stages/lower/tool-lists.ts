/** A policy as a list of tools, and a list of those that are denied. */
import type { Capability, Json, ToolPolicy } from '../../ir.js';
import { CAPABILITIES } from '../../targets/capabilities.js';
import type { AllowList, Target, ToolRule } from '../../targets/target.js';
import type { Asked } from './asked.js';
import { sayDenials, sayServers } from './mcp-tools.js';
import { isGoneThere, isInOwnWords } from './own-words.js';
import { covered, idsOf, isBlocked, isNative, noPatterns, ownNatives, type Tally, tallyUp } from './tally.js';

export function sayAsLists(
  asked: Asked,
  policy: ToolPolicy,
  rule: ToolRule,
  list: AllowList,
  target: Target,
  tally: Tally,
): [key: string, value: Json][] {
  const allow = new Set<string>();
  const deny = new Set<string>();
  const canDeny = list.denyKey !== undefined && (!list.oneList || policy.allow === 'all');
  const own = target.dialect === 'source' && isInOwnWords(policy, target);
  const keepsPatterns = list.patterns === 'ignored' ? own : list.patterns;
  const leaveOut = (ids: readonly string[], why: string): void => {
    tally.whyLost.add(why);
    if (policy.allow === 'all' && canDeny) for (const id of ids) deny.add(id);
  };
  for (const [capability, patterns] of asked.capabilities) {
    const ids = idsOf(rule, capability);
    const exceptions = asked.exceptions.get(capability) ?? [];
    if (ids.length === 0) continue;
    if (own && isGoneThere(capability, policy, target)) {
      tally.whyLost.add(`${target.title} has no tool of that name any more.`);
      continue;
    }
    if (isBlocked(asked, capability, rule, (other) => !keepsPatterns || (asked.exceptions.has(other) && !canDeny))) {
      leaveOut(ids, `${target.title} has one tool for several of these, and one of them is denied or limited.`);
      continue;
    }
    if ((patterns.length > 0 && !keepsPatterns) || (exceptions.length > 0 && !(keepsPatterns && canDeny))) {
      leaveOut(ids, noPatterns(target));
      continue;
    }
    for (const id of ids) {
      if (patterns.length === 0) allow.add(id);
      for (const pattern of patterns) allow.add(`${id}(${pattern})`);
      for (const pattern of exceptions) deny.add(`${id}(${pattern})`);
      if (list.patterns !== 'ignored') tallyUp(tally, rule, id, capability, patterns.length + exceptions.length > 0);
      else if (exceptions.length === 0) tallyUp(tally, rule, id, capability, false);
    }
    if (list.patterns === 'ignored' && exceptions.length > 0) tally.whyLost.add(`${target.title} denies the whole tool for a pattern.`);
    else if (list.patterns === 'ignored' && patterns.length > 0) tally.whyGained.add(`${target.title} gives the whole tool for a pattern.`);
  }
  for (const capability of asked.denied) for (const id of idsOf(rule, capability)) deny.add(id);
  for (const id of deny) for (const capability of covered(rule, id)) tally.granted.delete(capability);
  if (policy.allow === 'all' && canDeny) {
    for (const [capability, by] of Object.entries(rule.through ?? {}) as [Capability, Capability][])
      if (idsOf(rule, by).some((id) => deny.has(id))) tally.granted.delete(capability);
  }
  // The author's own list may deny one of several tools, and is left as it is.
  if (own) for (const capability of halfDenied(policy, rule)) tally.granted.add(capability);

  // Without a list of tools, what is not denied is there.
  const open = policy.allow === 'all' && canDeny && list.everything === undefined;
  const named = open || rule.mcp?.always ? [] : sayServers(asked, rule.mcp, canDeny, target, tally);
  for (const id of named) allow.add(id);
  if (canDeny) for (const id of sayDenials(asked, rule.mcp, policy.allow === 'all', tally)) deny.add(id);
  for (const ref of ownNatives(asked, target, tally)) allow.add(ref.word.value);
  for (const ref of asked.nativesDenied) if (isNative(ref, target)) deny.add(ref.word.value);

  const shaped = (ids: Set<string>): Json => (list.shape === 'list' || ids.size === 0 ? [...ids] : [...ids].join(', '));
  const entries: [string, Json][] = [];
  if (policy.allow !== 'all' || !canDeny) {
    const nothing = allow.size === 0 ? list.nothing : undefined;
    entries.push([list.key, nothing ?? shaped(allow)]);
    // Where no list says nothing, the least of tools stands for it.
    if (nothing !== undefined && list.least !== undefined) tally.gained.push(list.least);
    for (const id of [nothing ?? []].flat()) for (const capability of covered(rule, String(id))) tally.granted.add(capability);
  }
  if (policy.allow === 'all' && canDeny && list.everything !== undefined) entries.push([list.key, list.everything]);
  if (canDeny && list.denyKey !== undefined && policy.deny.length > 0 && deny.size > 0) entries.push([list.denyKey, shaped(deny)]);
  if (rule.mcp?.switch && (asked.everyServer || named.length > 0)) entries.push([rule.mcp.switch.key, rule.mcp.switch.value]);
  return entries;
}

/** Capabilities of which the author's words deny some tools and not all. */
function halfDenied({ deny }: ToolPolicy, rule: ToolRule): Capability[] {
  const words = new Set(deny.map((ref) => ref.word.value));
  return CAPABILITIES.filter((capability) => {
    const ids = idsOf(rule, capability);
    return ids.some((id) => words.has(id)) && !ids.every((id) => words.has(id));
  });
}
