/**
 * Policy × tool rule → what the header says, and what the assistant will really grant. One function for all targets.
 *
 * A limit that a target cannot say is never lifted: a capability with a pattern is left out where patterns cannot be
 * said, and an id that stands for a denied capability too is not granted. What an assistant gives in spite of the list
 * is counted as gained.
 */
import type { Capability, Json, ToolPolicy, ToolRef } from '../../ir.js';
import { CAPABILITIES, IMPLIED } from '../../targets/capabilities.js';
import type { AllowList, Flags, McpSpelling, PermissionMap, Target, ToolRule } from '../../targets/target.js';

export interface Grant {
  /** Header keys and their values. Empty when the policy is the assistant's own default. */
  readonly entries: readonly (readonly [key: string, value: Json])[];
  /** What the agent has and did not ask for, in words for a person. */
  readonly gained: readonly string[];
  /** What the agent asked for and does not have. */
  readonly lost: readonly string[];
  /** Gained, but given by this assistant to every agent. */
  readonly always: readonly string[];
  /** Sentences that say why something was gained. */
  readonly whyGained: readonly string[];
  /** Sentences that say why something was lost. */
  readonly whyLost: readonly string[];
}

/** What a policy asks for, with what it denies taken away. */
interface Asked {
  /** The patterns that limit a capability; empty when it is asked for whole. */
  readonly capabilities: ReadonlyMap<Capability, readonly string[]>;
  /** Patterns taken out of a capability that is otherwise asked for. */
  readonly exceptions: ReadonlyMap<Capability, readonly string[]>;
  readonly denied: ReadonlySet<Capability>;
  /** Every server there is. */
  readonly everyServer: boolean;
  /** The servers and tools that are named. */
  readonly mcp: readonly McpRef[];
  readonly mcpDenied: readonly McpRef[];
  readonly natives: readonly Extract<ToolRef, { kind: 'native' }>[];
  readonly nativesDenied: readonly Extract<ToolRef, { kind: 'native' }>[];
}

type McpRef = Extract<ToolRef, { kind: 'mcp' }>;

/** A grant while it is computed. */
interface Tally {
  readonly granted: Set<Capability>;
  readonly gained: string[];
  readonly lost: string[];
  readonly whyGained: Set<string>;
  readonly whyLost: Set<string>;
}

/** Whether the policy asks for everything, so that a target's default says it. */
export const isOpen = (policy: ToolPolicy): boolean => policy.allow === 'all' && policy.deny.length === 0;

/** Computes what a target will grant. */
export function grant(policy: ToolPolicy, target: Target): Grant {
  if (isOpen(policy)) return { entries: [], gained: [], lost: [], always: [], whyGained: [], whyLost: [] };
  const rule = target.fields.tools;
  const asked = readPolicy(policy, rule);
  const tally: Tally = { granted: new Set(), gained: [], lost: [], whyGained: new Set(), whyLost: new Set() };
  const entries = say(asked, policy, rule, target, tally);

  const wanted = closure(asked.capabilities.keys());
  const given = closure(tally.granted);
  for (const capability of rule.always ?? []) given.add(capability);
  const surplus = CAPABILITIES.filter((capability) => given.has(capability) && !wanted.has(capability));
  const always = surplus.filter((capability) => rule.always?.includes(capability) && !tally.granted.has(capability));
  const missing = CAPABILITIES.filter((capability) => asked.capabilities.has(capability) && !given.has(capability));
  const gained = [...surplus.filter((capability) => !always.includes(capability)), ...tally.gained];
  // A capability that was left out for its pattern has said so itself.
  const lost = [...missing.filter((capability) => !tally.lost.some((text) => text.startsWith(`${capability}(`))), ...tally.lost];
  return { entries, gained, lost, always, whyGained: [...tally.whyGained], whyLost: [...tally.whyLost] };
}

function say(asked: Asked, policy: ToolPolicy, rule: ToolRule, target: Target, tally: Tally): Grant['entries'] {
  switch (rule.enforcement.by) {
    case 'allow-list':
      return sayAsLists(asked, policy, rule, rule.enforcement, target, tally);
    case 'permission-map':
      return sayAsPermissions(asked, policy, rule, rule.enforcement, target, tally);
    case 'flags':
      return sayAsFlags(asked, rule, rule.enforcement, tally);
  }
}

function sayAsLists(asked: Asked, policy: ToolPolicy, rule: ToolRule, list: AllowList, target: Target, tally: Tally): Grant['entries'] {
  const allow = new Set<string>();
  const deny = new Set<string>();
  for (const [capability, patterns] of asked.capabilities) {
    const ids = idsOf(rule, capability);
    const exceptions = asked.exceptions.get(capability) ?? [];
    if (ids.length === 0) continue;
    if (ids.some((id) => covered(rule, id).some((other) => asked.denied.has(other)))) {
      tally.whyLost.add(`${target.title} has one tool for several of these, and one of them is denied.`);
      continue;
    }
    if ((patterns.length > 0 && !list.patterns) || (exceptions.length > 0 && !(list.patterns && list.denyKey))) {
      leaveOut(capability, patterns, exceptions, target, tally);
      continue;
    }
    for (const id of ids) {
      if (patterns.length === 0) allow.add(id);
      for (const pattern of patterns) allow.add(`${id}(${pattern})`);
      for (const pattern of exceptions) deny.add(`${id}(${pattern})`);
      for (const also of covered(rule, id)) tally.granted.add(also);
    }
  }
  for (const capability of asked.denied) for (const id of idsOf(rule, capability)) deny.add(id);

  const canDeny = list.denyKey !== undefined;
  for (const id of sayServers(asked, rule.mcp, canDeny, target, tally)) allow.add(id);
  if (canDeny) for (const id of sayDenials(asked, rule.mcp, policy.allow === 'all', tally)) deny.add(id);
  for (const ref of asked.natives) {
    if (ref.target === target.name) allow.add(ref.word.value);
    else tally.lost.push(ref.name);
  }
  for (const ref of asked.nativesDenied) if (ref.target === target.name) deny.add(ref.word.value);

  const shaped = (ids: Set<string>): Json => (list.shape === 'list' || ids.size === 0 ? [...ids] : [...ids].join(', '));
  const entries: [string, Json][] = [];
  if (policy.allow !== 'all' || !canDeny) entries.push([list.key, shaped(allow)]);
  if (list.denyKey !== undefined && policy.deny.length > 0 && deny.size > 0) entries.push([list.denyKey, shaped(deny)]);
  return entries;
}

function sayAsPermissions(
  asked: Asked,
  policy: ToolPolicy,
  rule: ToolRule,
  map: PermissionMap,
  target: Target,
  tally: Tally,
): Grant['entries'] {
  const open = policy.allow === 'all';
  const permission: { [key: string]: Json } = open ? {} : { '*': 'deny' };
  for (const capability of asked.denied) {
    for (const id of idsOf(rule, capability)) if (open) permission[id] = 'deny';
  }
  for (const [capability, patterns] of asked.capabilities) {
    const ids = idsOf(rule, capability);
    const exceptions = asked.exceptions.get(capability) ?? [];
    const style = map.patterns[capability];
    if (ids.length === 0) continue;
    if (ids.some((id) => covered(rule, id).some((other) => asked.denied.has(other)))) {
      tally.whyLost.add(`${target.title} has one key for several of these, and one of them is denied.`);
      continue;
    }
    if (patterns.length + exceptions.length > 0 && !style) {
      leaveOut(capability, patterns, exceptions, target, tally);
      if (open) for (const id of ids) permission[id] = 'deny';
      continue;
    }
    for (const id of ids) {
      if (patterns.length + exceptions.length > 0) {
        // The last match wins, so the rest comes first.
        const rules: { [pattern: string]: Json } = { '*': patterns.length > 0 ? 'deny' : 'allow' };
        for (const pattern of patterns) for (const key of patternKeys(pattern, style)) rules[key] = 'allow';
        for (const pattern of exceptions) for (const key of patternKeys(pattern, style)) rules[key] = 'deny';
        permission[id] = rules;
      } else if (!open && permission[id] === undefined) permission[id] = 'allow';
      for (const also of covered(rule, id)) tally.granted.add(also);
    }
  }
  if (!open) for (const id of sayServers(asked, rule.mcp, true, target, tally)) permission[id] = 'allow';
  for (const id of sayDenials(asked, rule.mcp, open, tally)) permission[id] = 'deny';
  for (const ref of asked.natives) tally.lost.push(ref.name);
  return Object.keys(permission).length > 0 ? [[map.key, permission]] : [];
}

function sayAsFlags(asked: Asked, rule: ToolRule, { flags, why }: Flags, tally: Tally): Grant['entries'] {
  // A switch knows no patterns: what is asked for in part only is not asked for here.
  const whole = (capability: Capability): boolean => asked.capabilities.get(capability)?.length === 0 && !asked.exceptions.has(capability);
  const set = flags.filter(({ when, of }) => of.some(whole) === (when === 'any'));
  const removed = new Set(set.flatMap((flag) => flag.removes));
  for (const capability of CAPABILITIES) {
    if (rule.ids[capability] !== null && !removed.has(capability)) tally.granted.add(capability);
  }
  for (const [capability, patterns] of asked.capabilities) {
    const exceptions = asked.exceptions.get(capability) ?? [];
    if (removed.has(capability) && patterns.length + exceptions.length > 0) tally.lost.push(partly(capability, patterns, exceptions));
    else if (tally.granted.has(capability) && patterns.length > 0) tally.gained.push(`${capability} beyond ${patterns.join(', ')}`);
    else if (tally.granted.has(capability) && exceptions.length > 0) tally.gained.push(`${capability}(${exceptions.join(', ')})`);
  }
  if (rule.mcp && (!asked.everyServer || asked.mcpDenied.length > 0)) tally.gained.push(EVERY_SERVER);
  for (const ref of asked.natives) tally.lost.push(ref.name);
  if (tally.granted.size > 0 || tally.gained.length > 0) tally.whyGained.add(why);
  return set.map(({ key, value }) => [key, value]);
}

const EVERY_SERVER = 'every MCP server';

/** The MCP tools that an allow-list names. */
function sayServers(asked: Asked, mcp: McpSpelling | undefined, canDeny: boolean, target: Target, tally: Tally): string[] {
  if (asked.everyServer) {
    if (mcp?.all && (canDeny || asked.mcpDenied.length === 0)) return [mcp.all];
    tally.lost.push(EVERY_SERVER);
    tally.whyLost.add(`${target.title} cannot name every MCP server or tool.`);
  }
  return asked.mcp.flatMap((ref) => {
    const limited = !canDeny && asked.mcpDenied.some((denied) => denied.server === ref.server);
    const ids = limited ? [] : spell(mcp, ref);
    if (ids.length > 0) return ids;
    tally.lost.push(ref.word.value);
    tally.whyLost.add(`${target.title} cannot name every MCP server or tool.`);
    return [];
  });
}

/** The MCP tools that are denied by name. What cannot be named takes its whole server along, or stays and is told. */
function sayDenials(asked: Asked, mcp: McpSpelling | undefined, open: boolean, tally: Tally): string[] {
  return asked.mcpDenied.flatMap((ref) => {
    const ids = spell(mcp, ref);
    if (ids.length > 0) return ids;
    const whole = ref.server === '*' ? [] : spell(mcp, { kind: 'mcp', server: ref.server, word: ref.word });
    if (whole.length > 0) tally.lost.push(`other tools of ${ref.server}`);
    else if (open || asked.everyServer) tally.gained.push(ref.server === '*' ? EVERY_SERVER : ref.word.value);
    return whole;
  });
}

function spell(mcp: McpSpelling | undefined, { server, tool }: McpRef): string[] {
  if (!mcp) return [];
  if (server === '*') return mcp.all === undefined ? [] : [mcp.all];
  if (mcp.servers && !mcp.servers.test(server)) return [];
  const clean = (name: string): string => (mcp.replaces ? name.replaceAll(mcp.replaces, '_') : name);
  const template = tool === undefined ? mcp.server : mcp.tool;
  // `foo*`: some assistants match a prefix, none of them is certain to.
  if (tool?.includes('*')) return [];
  return [template.replace('{server}', () => clean(server)).replace('{tool}', () => clean(tool ?? ''))];
}

function leaveOut(capability: Capability, patterns: readonly string[], exceptions: readonly string[], target: Target, tally: Tally): void {
  tally.lost.push(partly(capability, patterns, exceptions));
  tally.whyLost.add(`${target.title} cannot limit a tool by a pattern, so the tool is left out.`);
}

/** `shell(git *, not git push *)`. */
function partly(capability: Capability, patterns: readonly string[], exceptions: readonly string[]): string {
  return `${capability}(${[...patterns, ...exceptions.map((pattern) => `not ${pattern}`)].join(', ')})`;
}

/** `git diff:*` is Claude Code's older spelling of `git diff*`; `Agent(a, b)` names two agents. */
function patternKeys(pattern: string, style: 'glob' | 'names' | undefined): string[] {
  if (style === 'names')
    return pattern
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean);
  return [pattern.replace(/:\*$/, '*')];
}

function idsOf(rule: ToolRule, capability: Capability): readonly string[] {
  const ids = rule.ids[capability];
  return ids === null ? [] : typeof ids === 'string' ? [ids] : ids;
}

/** The capabilities that an id stands for. */
function covered(rule: ToolRule, id: string): Capability[] {
  return CAPABILITIES.filter((capability) => idsOf(rule, capability).includes(id));
}

function closure(capabilities: Iterable<Capability>): Set<Capability> {
  const all = new Set(capabilities);
  for (const capability of [...all]) for (const implied of IMPLIED[capability] ?? []) all.add(implied);
  return all;
}

function readPolicy({ allow, deny }: ToolPolicy, rule: ToolRule): Asked {
  const denied = new Set<Capability>();
  const exceptions = new Map<Capability, string[]>();
  for (const ref of deny) {
    if (ref.kind !== 'capability') continue;
    if (ref.pattern === undefined) denied.add(ref.name);
    else exceptions.set(ref.name, [...(exceptions.get(ref.name) ?? []), ref.pattern]);
  }
  const capabilities = new Map<Capability, string[]>();
  if (allow === 'all') {
    // Everything is everything that the assistant has.
    for (const capability of CAPABILITIES) if (rule.ids[capability] !== null) capabilities.set(capability, []);
  } else {
    const whole = new Set<Capability>();
    for (const ref of allow) {
      if (ref.kind !== 'capability') continue;
      if (ref.pattern === undefined) whole.add(ref.name);
      capabilities.set(ref.name, ref.pattern === undefined ? [] : [...(capabilities.get(ref.name) ?? []), ref.pattern]);
    }
    for (const capability of whole) capabilities.set(capability, []);
  }
  for (const capability of denied) capabilities.delete(capability);

  const mcpDenied = deny.filter((ref) => ref.kind === 'mcp');
  const refused = (ref: McpRef): boolean =>
    mcpDenied.some(({ server, tool }) => server === '*' || (server === ref.server && (tool === undefined || tool === ref.tool)));
  const servers = allow === 'all' ? [] : allow.filter((ref) => ref.kind === 'mcp').filter((ref) => !refused(ref));
  const everyServer = allow === 'all' ? !mcpDenied.some(({ server }) => server === '*') : servers.some(({ server }) => server === '*');
  return {
    capabilities,
    exceptions,
    denied,
    everyServer,
    mcp: servers.filter(({ server }) => server !== '*'),
    mcpDenied,
    natives: allow === 'all' ? [] : allow.filter((ref) => ref.kind === 'native'),
    nativesDenied: deny.filter((ref) => ref.kind === 'native'),
  };
}
