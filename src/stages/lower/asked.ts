/** A tool policy as a question: what is asked for, what is taken out of it, what is denied. */
import type { Capability, ToolPolicy, ToolRef } from '../../ir.js';
import { CAPABILITIES } from '../../targets/capabilities.js';
import type { ToolRule } from '../../targets/target.js';

/** What a policy asks for, with what it denies taken away. */
export interface Asked {
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

export type McpRef = Extract<ToolRef, { kind: 'mcp' }>;

/** Whether a capability is asked for without a limit. */
export function isWhole(asked: Asked, capability: Capability): boolean {
  return asked.capabilities.get(capability)?.length === 0 && !asked.exceptions.has(capability);
}

/** Whether a capability is asked for, but not all of it. */
export const isLimited = (asked: Asked, capability: Capability): boolean =>
  asked.capabilities.has(capability) && !isWhole(asked, capability);

/** What was asked for of a limited capability: shell for `git *` except `git push *`. */
export function shareOf(capability: Capability, asked: Asked): string {
  const patterns = asked.capabilities.get(capability) ?? [];
  const exceptions = asked.exceptions.get(capability) ?? [];
  const words = [
    ...(patterns.length > 0 ? ['for', quoted(patterns)] : []),
    ...(exceptions.length > 0 ? ['except', quoted(exceptions)] : []),
  ];
  return [capability, ...words].join(' ');
}

/** What a limited capability is more than was asked for, when it is granted whole. */
export function surplusOf(capability: Capability, asked: Asked): string {
  const patterns = asked.capabilities.get(capability) ?? [];
  return patterns.length > 0
    ? `${capability} beyond ${quoted(patterns)}`
    : `${capability} for ${quoted(asked.exceptions.get(capability) ?? [])}`;
}

const quoted = (patterns: readonly string[]): string => patterns.map((pattern) => `\`${pattern}\``).join(' ');

function append<K>(lists: Map<K, string[]>, key: K, item: string): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

/** Reads a policy as what it asks of an assistant that has these tools. */
export function readPolicy({ allow, deny, ask }: ToolPolicy, rule: ToolRule): Asked {
  const denied = new Set<Capability>();
  const exceptions = new Map<Capability, string[]>();
  for (const ref of deny) {
    if (ref.kind !== 'capability') continue;
    if (ref.pattern === undefined) denied.add(ref.name);
    else append(exceptions, ref.name, ref.pattern);
  }
  const isNamed = (capability: Capability): boolean =>
    exceptions.has(capability) || ask?.some((ref) => ref.kind === 'capability' && ref.name === capability) === true;
  const capabilities = new Map<Capability, string[]>();
  if (allow === 'all') {
    // Everything is everything that the assistant has.
    const unnamed = rule.enforcement.by === 'permission-map' ? rule.enforcement.named : undefined;
    // What only a name gives is there when a rule about it is written.
    for (const capability of CAPABILITIES)
      if (rule.ids[capability] !== null && !(unnamed?.includes(capability) && !isNamed(capability))) capabilities.set(capability, []);
  } else {
    const refs = allow.filter((ref) => ref.kind === 'capability');
    const whole = new Set(refs.filter((ref) => ref.pattern === undefined).map((ref) => ref.name));
    for (const { name, pattern } of refs) {
      if (pattern === undefined || whole.has(name)) capabilities.set(name, []);
      else append(capabilities, name, pattern);
    }
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
