/**
 * Policy × tool rule → what the header says, and what the assistant will really grant. One function for all targets.
 *
 * A limit that a target cannot say is never lifted: a capability with a pattern is left out where patterns cannot be
 * said, and an id that stands for a denied capability too is not granted. What an assistant gives in spite of the list
 * is counted as gained.
 */
import type { Capability, Json, ToolPolicy, ToolRef } from '../../ir.js';
import { CAPABILITIES, IMPLIED, isGone } from '../../targets/capabilities.js';
import type { AllowList, Flags, McpSpelling, PermissionMap, Target, ToolRule } from '../../targets/target.js';
import { idOf } from '../normalize/names.js';
import { type Asked, isLimited, isWhole, type McpRef, readPolicy, shareOf, surplusOf } from './asked.js';

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

/** A grant while it is computed. */
interface Tally {
  /** Without a limit. */
  readonly granted: Set<Capability>;
  /** With the limits that were asked for. */
  readonly partly: Set<Capability>;
  readonly gained: string[];
  readonly lost: string[];
  readonly whyGained: Set<string>;
  readonly whyLost: Set<string>;
}

const NOTHING_TO_SAY: Grant = { entries: [], gained: [], lost: [], always: [], whyGained: [], whyLost: [] };

const noPatterns = ({ title }: Target): string => `${title} cannot limit a tool by a pattern, so the tool is left out.`;
const noName = ({ title }: Target): string => `${title} cannot name every MCP server or tool.`;

/** Whether the policy asks for everything, so that a target's default says it. */
export const isOpen = (policy: ToolPolicy): boolean => policy.allow === 'all' && policy.deny.length === 0 && !policy.ask;

/**
 * Computes what a target will grant.
 * @param brought capabilities that other fields of the agent bring along there, whatever its list says
 */
export function grant(policy: ToolPolicy, target: Target, brought: readonly Capability[] = []): Grant {
  const { verbatim } = policy;
  const rule = target.fields.tools;
  if (verbatim && rule.enforcement.by === 'permission-map' && rule.enforcement.key === verbatim.key) {
    return { ...NOTHING_TO_SAY, entries: [[verbatim.key, verbatim.value]] };
  }
  if (isOpen(policy) && !verbatim) return NOTHING_TO_SAY;
  const asked = readPolicy(policy, rule);
  const tally: Tally = { granted: new Set(), partly: new Set(), gained: [], lost: [], whyGained: new Set(), whyLost: new Set() };
  const entries = say(asked, policy, rule, target, tally);
  // A denial of another assistant's own rule, such as OpenCode's `external_directory`, holds nowhere else.
  for (const ref of asked.nativesDenied) if (ref.target === 'opencode' && ref.target !== target.name) tally.gained.push(ref.name);
  for (const capability of brought) tally.granted.add(capability);

  const wanted = closure([...asked.capabilities.keys()].filter((capability) => isWhole(asked, capability)));
  const surplus = CAPABILITIES.filter(
    (capability) => tally.granted.has(capability) && !wanted.has(capability) && !isLimited(asked, capability),
  );
  const always = (rule.always ?? []).filter((capability) => !tally.granted.has(capability) && !wanted.has(capability));
  const given = closure([...tally.granted, ...(rule.always ?? [])]);
  const missing = CAPABILITIES.filter((capability) => isWhole(asked, capability) && !given.has(capability));
  const limited = CAPABILITIES.filter(
    (capability) => isLimited(asked, capability) && (tally.granted.has(capability) || !tally.partly.has(capability)),
  );
  const beyond = limited.filter((capability) => tally.granted.has(capability)).map((capability) => surplusOf(capability, asked));
  const left = limited.filter((capability) => !tally.granted.has(capability)).map((capability) => shareOf(capability, asked));
  const unasked =
    rule.enforcement.by === 'permission-map' ? [] : (policy.ask ?? []).filter((ref) => isGranted(ref, tally)).map(withoutAsking);
  return {
    entries,
    gained: [...surplus, ...beyond, ...unasked, ...tally.gained],
    lost: [...missing, ...left, ...tally.lost],
    always,
    whyGained: [...tally.whyGained],
    whyLost: [...tally.whyLost],
  };
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
    if (isBlocked(asked, capability, rule, (other) => !list.patterns || (asked.exceptions.has(other) && !list.denyKey))) {
      tally.whyLost.add(`${target.title} has one tool for several of these, and one of them is denied or limited.`);
      continue;
    }
    if ((patterns.length > 0 && !list.patterns) || (exceptions.length > 0 && !(list.patterns && list.denyKey))) {
      tally.whyLost.add(noPatterns(target));
      continue;
    }
    for (const id of ids) {
      if (patterns.length === 0) allow.add(id);
      for (const pattern of patterns) allow.add(`${id}(${pattern})`);
      for (const pattern of exceptions) deny.add(`${id}(${pattern})`);
      tallyUp(tally, rule, id, capability, patterns.length + exceptions.length > 0);
    }
  }
  for (const capability of asked.denied) for (const id of idsOf(rule, capability)) deny.add(id);

  const canDeny = list.denyKey !== undefined;
  for (const id of sayServers(asked, rule.mcp, canDeny, target, tally)) allow.add(id);
  if (canDeny) for (const id of sayDenials(asked, rule.mcp, policy.allow === 'all', tally)) deny.add(id);
  for (const ref of ownNatives(asked, target, tally)) allow.add(ref.word.value);
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
  // Names come from authors: a plain object would take `__proto__` for its own.
  const permission = new Map<string, Json>(open ? [] : [['*', 'deny']]);
  for (const capability of asked.denied) {
    for (const id of idsOf(rule, capability)) if (open) permission.set(id, 'deny');
  }
  for (const [capability, patterns] of asked.capabilities) {
    const ids = idsOf(rule, capability);
    const exceptions = asked.exceptions.get(capability) ?? [];
    const style = map.patterns[capability];
    if (ids.length === 0) continue;
    if (isBlocked(asked, capability, rule, (other) => !map.patterns[other])) {
      tally.whyLost.add(`${target.title} has one key for several of these, and one of them is denied or limited.`);
      if (open) for (const id of ids) permission.set(id, 'deny');
      continue;
    }
    // An object of JavaScript puts keys that look like numbers first, and here the order decides.
    const unsayable = [...patterns, ...exceptions].some((pattern) => patternKeys(pattern, style, 'allow').some((key) => /^\d+$/.test(key)));
    if (patterns.length + exceptions.length > 0 && (!style || unsayable)) {
      tally.whyLost.add(noPatterns(target));
      if (open) for (const id of ids) permission.set(id, 'deny');
      continue;
    }
    for (const id of ids) {
      if (patterns.length + exceptions.length > 0) {
        // The last match wins, so the rest comes first.
        const action = (pattern?: string): Json => (isAsked(policy, capability, pattern) ? 'ask' : 'allow');
        const rules = new Map<string, Json>([['*', patterns.length > 0 ? 'deny' : action()]]);
        for (const pattern of patterns) for (const key of patternKeys(pattern, style, 'allow')) rules.set(key, action(pattern));
        for (const pattern of exceptions) for (const key of patternKeys(pattern, style, 'deny')) rules.set(key, 'deny');
        permission.set(id, Object.fromEntries(rules));
      } else if (isAsked(policy, capability)) permission.set(id, 'ask');
      else if (!open && !permission.has(id)) permission.set(id, 'allow');
      tallyUp(tally, rule, id, capability, patterns.length + exceptions.length > 0);
    }
  }
  if (!open) for (const id of sayServers(asked, rule.mcp, true, target, tally)) permission.set(id, 'allow');
  for (const ref of policy.ask ?? []) if (ref.kind === 'mcp') for (const id of spell(rule.mcp, ref)) permission.set(id, 'ask');
  for (const id of sayDenials(asked, rule.mcp, open, tally)) permission.set(id, 'deny');
  for (const ref of ownNatives(asked, target, tally)) {
    permission.set(ref.name, policy.ask?.some((one) => one.kind === 'native' && one.name === ref.name) ? 'ask' : 'allow');
  }
  for (const ref of asked.nativesDenied) if (ref.target === target.name) permission.set(ref.name, 'deny');
  return permission.size > 0 ? [[map.key, Object.fromEntries(permission)]] : [];
}

function sayAsFlags(asked: Asked, rule: ToolRule, { flags, why }: Flags, tally: Tally): Grant['entries'] {
  // A switch knows no patterns: what is asked for in part only is not asked for here.
  const set = flags.filter(({ when, of }) => of.some((capability) => isWhole(asked, capability)) === (when === 'any'));
  const removed = new Set(set.flatMap((flag) => flag.removes));
  for (const capability of CAPABILITIES) {
    if (rule.ids[capability] !== null && !removed.has(capability)) tally.granted.add(capability);
  }
  if (rule.mcp && (!asked.everyServer || asked.mcpDenied.length > 0)) tally.gained.push(EVERY_SERVER);
  for (const ref of asked.natives) if (!isGone(ref.name)) tally.lost.push(ref.name);
  if (tally.granted.size > 0 || tally.gained.length > 0) tally.whyGained.add(why);
  return set.map(({ key, value }) => [key, value]);
}

/** What is asked for and is the target's own. What is another's is lost here. */
function ownNatives(asked: Asked, target: Target, tally: Tally): Asked['natives'] {
  for (const ref of asked.natives) if (ref.target !== target.name && !isGone(ref.name)) tally.lost.push(ref.name);
  return asked.natives.filter((ref) => ref.target === target.name);
}

const EVERY_SERVER = 'every MCP server';

/** The MCP tools that an allow-list names. */
function sayServers(asked: Asked, mcp: McpSpelling | undefined, canDeny: boolean, target: Target, tally: Tally): string[] {
  if (asked.everyServer) {
    if (mcp?.all && (canDeny || asked.mcpDenied.length === 0)) return [mcp.all];
    tally.lost.push(EVERY_SERVER);
    tally.whyLost.add(noName(target));
  }
  return asked.mcp.flatMap((ref) => {
    const limited = !canDeny && asked.mcpDenied.some((denied) => denied.server === ref.server);
    const ids = limited ? [] : spell(mcp, ref);
    if (ids.length > 0) return ids;
    tally.lost.push(ref.word.value);
    tally.whyLost.add(noName(target));
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

/**
 * Whether granting a capability would grant another one, by the same id, that is denied, or limited in a way that the
 * target cannot say.
 */
function isBlocked(asked: Asked, capability: Capability, rule: ToolRule, cannotLimit: (other: Capability) => boolean): boolean {
  const others = idsOf(rule, capability).flatMap((id) => covered(rule, id));
  return others.some((other) => asked.denied.has(other) || (other !== capability && isLimited(asked, other) && cannotLimit(other)));
}

/** Counts an id as granted, with everything it stands for. */
function tallyUp(tally: Tally, rule: ToolRule, id: string, capability: Capability, limited: boolean): void {
  if (limited) tally.partly.add(capability);
  else for (const also of covered(rule, id)) tally.granted.add(also);
}

/**
 * A pattern in the words of a permission map. `git diff:*` is Claude Code's older spelling for `git diff` with or without
 * more words; a denial of it is taken as widely as it can be read. `Agent(a, b)` names two agents, by their files.
 */
function patternKeys(pattern: string, style: 'glob' | 'names' | undefined, action: 'allow' | 'deny'): string[] {
  if (style === 'names') return pattern.split(',').flatMap((name) => fileNames(name.trim()));
  const [, start] = /^(.*):\*$/s.exec(pattern) ?? [];
  if (start === undefined) return [pattern];
  return action === 'deny' ? [`${start}*`] : [start, `${start} *`];
}

/** What an agent's file is called. A pattern over names stays one, and a name that no file can have stays as it is. */
function fileNames(name: string): string[] {
  return name === '' ? [] : [/[*?]/.test(name) ? name : idOf(name) || name];
}

function idsOf(rule: ToolRule, capability: Capability): readonly string[] {
  const ids = rule.ids[capability];
  return ids === null ? [] : typeof ids === 'string' ? [ids] : ids;
}

/** The capabilities that an id stands for. */
function covered(rule: ToolRule, id: string): Capability[] {
  return CAPABILITIES.filter((capability) => idsOf(rule, capability).includes(id));
}

const isGranted = (ref: ToolRef, tally: Tally): boolean =>
  ref.kind !== 'capability' || tally.granted.has(ref.name) || tally.partly.has(ref.name);

function withoutAsking(ref: ToolRef): string {
  const what = ref.kind === 'capability' ? ref.name : ref.word.value;
  return ref.kind === 'capability' && ref.pattern !== undefined
    ? `${what} for \`${ref.pattern}\` without asking`
    : `${what} without asking`;
}

/** Whether a person is asked about a capability: in some of its uses, or in all. */
function isAsked({ ask }: ToolPolicy, capability: Capability, pattern?: string): boolean {
  return (
    ask?.some((ref) => ref.kind === 'capability' && ref.name === capability && (ref.pattern === undefined || ref.pattern === pattern)) ===
    true
  );
}

/** With everything that comes along. */
function closure(capabilities: Iterable<Capability>): Set<Capability> {
  const all = new Set(capabilities);
  for (const capability of [...all]) for (const implied of IMPLIED[capability] ?? []) all.add(implied);
  return all;
}
