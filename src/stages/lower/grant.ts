/**
 * Policy × tool rule → what the header says, and what the assistant will really grant. One function for all targets.
 *
 * A limit that a target cannot say is never lifted: a capability with a pattern is left out where patterns cannot be
 * said, and an id that stands for a denied capability too is not granted. What an assistant gives in spite of the list
 * is counted as gained.
 */
import type { Capability, Json, ToolPolicy, ToolRef } from '../../ir.js';
import { CAPABILITIES, IMPLIED } from '../../targets/capabilities.js';
import type { Flags, Target, ToolRule } from '../../targets/target.js';
import { isGone } from '../../targets/words.js';
import { type Asked, isLimited, isWhole, readPolicy, shareOf, surplusOf } from './asked.js';
import { sayAsPermissions } from './permissions.js';
import { EVERY_SERVER, isNative, type Tally } from './tally.js';
import { sayAsLists } from './tool-lists.js';

export interface Grant {
  /** Header keys and their values. Empty when the policy is the assistant's own default. */
  readonly entries: readonly (readonly [key: string, value: Json])[];
  /** What the assistant lets the agent do without a limit. */
  readonly granted: readonly Capability[];
  /** What it lets the agent do within the limits that were asked for. */
  readonly partly: readonly Capability[];
  /** What else it lets the agent use: MCP servers and their tools, and tools of its own that no capability stands for. */
  readonly named: readonly string[];
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

/** Whether the policy asks for everything, so that a target's default says it. */
export const isOpen = (policy: ToolPolicy): boolean => policy.allow === 'all' && policy.deny.length === 0 && !policy.ask;

/**
 * Computes what a target will grant.
 * @param brought capabilities that other fields of the agent bring along there, whatever its list says
 * @param servers MCP servers that the agent defines
 */
export function grant(policy: ToolPolicy, target: Target, brought: readonly Capability[] = [], servers: readonly string[] = []): Grant {
  const { verbatim } = policy;
  const rule = target.fields.tools;
  if (isOpen(policy) && !verbatim) return openGrant(rule);
  const asked = readPolicy(policy, rule);
  // It says the policy itself.
  if (target.dialect === 'ir')
    return {
      ...openGrant(rule),
      granted: CAPABILITIES.filter((capability) => isWhole(asked, capability)),
      named: [...(asked.everyServer ? [EVERY_SERVER] : namesOf(asked.mcp)), ...namesOf(asked.natives)],
    };
  const tally: Tally = { granted: new Set(), partly: new Set(), gained: [], lost: [], whyGained: new Set(), whyLost: new Set() };
  const entries = say(asked, policy, rule, target, tally);
  if (verbatim?.target === target.name && rule.enforcement.by === 'permission-map') {
    return {
      ...openGrant(rule),
      entries: [[rule.enforcement.key, verbatim.value]],
      granted: inOrder(tally.granted),
      partly: inOrder(tally.partly),
      named: namedIn(asked, rule, target, tally),
    };
  }
  // A denial of another assistant's own rule, such as OpenCode's `external_directory`, holds nowhere else.
  for (const ref of asked.nativesDenied) if (ref.rule && !isNative(ref, target)) tally.gained.push(ref.name);
  // A list of denials takes away what is brought along too.
  const canDeny = rule.enforcement.by === 'allow-list' && rule.enforcement.denyKey !== undefined;
  for (const capability of brought) if (!canDeny || !asked.denied.has(capability)) tally.granted.add(capability);
  if (rule.mcp?.always && (!asked.everyServer || asked.mcpDenied.length > 0)) {
    tally.gained.push(EVERY_SERVER);
    tally.whyGained.add(`${target.title} gives every agent the tools of all MCP servers.`);
  }
  for (const server of target.fields.mcpServers?.bringsTools ? servers : []) {
    const isAsked = asked.everyServer || asked.mcp.some((ref) => ref.server === server && ref.tool === undefined);
    if (!isAsked || asked.mcpDenied.some((ref) => ref.server === server || ref.server === '*'))
      tally.gained.push(`every tool of ${server}`);
  }

  const wanted = closure([...asked.capabilities.keys()].filter((capability) => isWhole(asked, capability)));
  const surplus = CAPABILITIES.filter(
    (capability) => tally.granted.has(capability) && !wanted.has(capability) && !isLimited(asked, capability),
  );
  const always = [
    ...(rule.always ?? []).filter((capability) => !tally.granted.has(capability) && !wanted.has(capability)),
    ...(rule.alwaysNative ?? []),
  ];
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
    granted: CAPABILITIES.filter((capability) => given.has(capability) && hasTool(rule, capability)),
    partly: inOrder(tally.partly),
    named: namedIn(asked, rule, target, tally),
    gained: [...surplus, ...beyond, ...unasked, ...tally.gained],
    lost: [...missing, ...left, ...tally.lost],
    always,
    whyGained: [...tally.whyGained],
    whyLost: [...tally.whyLost],
  };
}

/** What an agent without a tool list gets. */
function openGrant(rule: ToolRule): Grant {
  const { enforcement, mcp } = rule;
  const unnamed = enforcement.by === 'permission-map' ? enforcement.named : undefined;
  const entries: [string, Json][] = [];
  if (enforcement.by === 'allow-list' && enforcement.everything !== undefined) entries.push([enforcement.key, enforcement.everything]);
  if (mcp?.switch) entries.push([mcp.switch.key, mcp.switch.value]);
  return {
    entries,
    granted: CAPABILITIES.filter((capability) => hasTool(rule, capability) && !unnamed?.includes(capability)),
    partly: [],
    named: mcp ? [EVERY_SERVER] : [],
    gained: [],
    lost: [],
    always: [],
    whyGained: [],
    whyLost: [],
  };
}

/** What has no capability and is granted. */
function namedIn(asked: Asked, { mcp }: ToolRule, target: Target, { gained, lost }: Tally): string[] {
  const servers = gained.includes(EVERY_SERVER)
    ? [EVERY_SERVER]
    : mcp && asked.everyServer && !lost.includes(EVERY_SERVER)
      ? [[EVERY_SERVER, ...(asked.mcpDenied.length > 0 ? [`except ${namesOf(asked.mcpDenied).join(' ')}`] : [])].join(' ')]
      : namesOf(asked.mcp);
  const natives = namesOf(asked.natives.filter((ref) => isNative(ref, target) && !isGone(ref.name)));
  return [...servers, ...natives].filter((name) => !lost.includes(name));
}

const namesOf = (refs: readonly ToolRef[]): string[] => [...new Set(refs.map(({ word }) => word.value))];

const inOrder = (capabilities: ReadonlySet<Capability>): Capability[] => CAPABILITIES.filter((capability) => capabilities.has(capability));

/** Whether the assistant has the tool, or gives it to every agent. */
const hasTool = ({ ids, always }: ToolRule, capability: Capability): boolean =>
  ids[capability] !== null || always?.includes(capability) === true;

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

function sayAsFlags(asked: Asked, rule: ToolRule, { flags, why }: Flags, tally: Tally): Grant['entries'] {
  // A switch knows no patterns: what is asked for in part only is not asked for here.
  const set = flags.filter(({ when, of }) => of.some((capability) => isWhole(asked, capability)) === (when === 'any'));
  const removed = new Set(set.flatMap((flag) => flag.removes));
  for (const capability of CAPABILITIES) {
    if (rule.ids[capability] !== null && !removed.has(capability)) tally.granted.add(capability);
  }
  if (rule.mcp && (!asked.everyServer || asked.mcpDenied.length > 0)) tally.gained.push(EVERY_SERVER);
  if (!rule.mcp) tally.lost.push(...(asked.everyServer ? [] : asked.mcp.map((ref) => ref.word.value)));
  for (const ref of asked.natives) if (!isGone(ref.name)) tally.lost.push(ref.name);
  if (tally.granted.size > 0 || tally.gained.length > 0) tally.whyGained.add(why);
  return set.map(({ key, value }) => [key, value]);
}

const isGranted = (ref: ToolRef, tally: Tally): boolean =>
  ref.kind !== 'capability' || tally.granted.has(ref.name) || tally.partly.has(ref.name);

function withoutAsking(ref: ToolRef): string {
  const what = ref.kind === 'capability' ? ref.name : ref.word.value;
  return ref.kind === 'capability' && ref.pattern !== undefined
    ? `${what} for \`${ref.pattern}\` without asking`
    : `${what} without asking`;
}

/** With everything that comes along. */
function closure(capabilities: Iterable<Capability>): Set<Capability> {
  const all = new Set(capabilities);
  for (const capability of [...all]) for (const implied of IMPLIED[capability] ?? []) all.add(implied);
  return all;
}
