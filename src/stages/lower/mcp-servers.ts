import type { FateKind, Json, McpServer } from '../../ir.js';
import type { McpServersRule } from '../../targets/target.js';

export interface LoweredServers {
  /** `undefined` when no server can be said. */
  readonly value: Json | undefined;
  readonly fate: FateKind;
  readonly note?: string;
}

/** Says the servers of an agent in the target's shape. */
export function lowerMcpServers(servers: readonly McpServer[], rule: McpServersRule): LoweredServers {
  const said: (readonly [name: string, config: Json | undefined])[] = [];
  const missing: string[] = [];
  const lostKeys = new Set<string>();
  for (const server of servers) {
    if (!server.config) {
      if (rule.references) said.push([server.name, undefined]);
      else missing.push(server.name);
      continue;
    }
    const way = transportOf(server.config);
    const transport = way && rule.transports[way];
    if (!transport) {
      missing.push(server.name);
      continue;
    }
    const keys = new Map(Object.entries(transport.keys));
    const config = new Map(Object.entries(transport.constants ?? {}));
    for (const [key, value] of Object.entries(server.config)) {
      const theirs = keys.get(key);
      if (theirs !== undefined) config.set(theirs, key === 'timeout' ? value : asText(value));
      else if (key !== 'type') lostKeys.add(key);
    }
    said.push([server.name, Object.fromEntries(config)]);
  }
  const notes = [
    ...(missing.length > 0 ? [`${missing.join(', ')} must be set up in the project`] : []),
    ...(lostKeys.size > 0 ? [`without ${[...lostKeys].join(', ')}`] : []),
  ];
  const note = notes.length > 0 ? { note: notes.join('; ') } : {};
  if (said.length === 0) return { value: undefined, fate: 'dropped', ...note };
  const value: Json =
    rule.shape === 'list'
      ? said.map(([name, config]) => (config === undefined ? name : { [name]: config }))
      : Object.fromEntries(said.map(([name, config]) => [name, config ?? {}]));
  return { value, fate: notes.length > 0 ? 'approximated' : rule.references ? 'exact' : 'mapped', ...note };
}

/** How a server is reached; `undefined` for a way that no target knows. */
function transportOf({ type, url, command }: { readonly [key: string]: Json }): 'stdio' | 'http' | 'sse' | undefined {
  if (typeof url === 'string' && (type === undefined || type === 'http' || type === 'streamable-http')) return 'http';
  if (typeof url === 'string' && type === 'sse') return 'sse';
  return typeof command === 'string' && (type === undefined || type === 'stdio' || type === 'local') ? 'stdio' : undefined;
}

/** Arguments and variables are text; people write numbers for them. */
function asText(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => (typeof item === 'number' || typeof item === 'boolean' ? String(item) : item));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, typeof item === 'number' || typeof item === 'boolean' ? String(item) : item]),
  );
}
