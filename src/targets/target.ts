/**
 * What an assistant's agent file looks like, as data. A target is one object of this type and one template; no target
 * has code. A third party's target is the same object, in `targets` of build.config.ts.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Capability, Json, ModelTier } from '../ir.js';

export interface Target {
  /** The word for `--to`, `targets:` and the output folder. Lower case, hyphens. */
  readonly name: string;
  /** The assistant's own name. */
  readonly title: string;
  /** How the facts below were checked: against the assistant's own loader, a schema of its vendor, or its documentation. */
  readonly verified: 'loader' | 'schema' | 'documentation';
  /** The program and version they were checked against. */
  readonly against: string;
  /** Where the assistant looks for the file, from a project's root. `{id}` is the agent's id. */
  readonly path: string;
  /** How the header is written. `bare-lines`: `key: value`, the value as it stands. */
  readonly format: HeaderFormat;
  /**
   * The sequence `---` must not occur inside the header: the loader looks for the closing line anywhere.
   * It is written with an escape then.
   */
  readonly closesAnywhere?: boolean;
  /** The source format is this target's own: the author's header is spliced, not printed anew. */
  readonly dialect?: 'source';
  /** The fields the target has a place for, in the order in which the header has them. */
  readonly fields: FieldRules;
  readonly body: BodyRule;
  /** Checks the whole file as data (header keys, and the body under `body.key` or `body`) before it is written. */
  readonly schema: StandardSchemaV1;
}

export type HeaderFormat = 'yaml' | 'toml' | 'bare-lines';

/** An absent rule: the target has no place for the field. */
export interface FieldRules {
  readonly name?: NameRule;
  readonly description: TextRule;
  /** Whether the `<example>` blocks go back into the description. */
  readonly examples?: { readonly in: 'description' };
  readonly tools: ToolRule;
  readonly model?: ModelRule;
  readonly color?: ColorRule;
  readonly mode?: WordRule;
  readonly permissionMode?: WordRule;
  readonly maxTurns?: WordRule;
  readonly effort?: WordRule;
  readonly temperature?: WordRule;
  readonly background?: WordRule;
  readonly isolation?: WordRule;
  readonly memory?: WordRule;
  readonly skills?: WordRule;
  readonly mcpServers?: McpServersRule;
  readonly hooks?: WordRule;
  readonly handoffs?: WordRule;
}

export interface NameRule {
  readonly key: string;
  /** Names that the loader takes. Another is replaced by the agent's id. */
  readonly accepts: RegExp;
}

export interface TextRule {
  readonly key: string;
  /** The most characters, and what the assistant does with more. */
  readonly limit?: Limit;
}

export interface Limit {
  readonly characters: number;
  /** A sentence for the help line. */
  readonly effect: string;
}

/** A field whose value is passed on. */
export interface WordRule {
  readonly key: string;
  /** The only values there are; the others are dropped. */
  readonly values?: readonly Json[];
  /** Written when the author says nothing, because the assistant's own default is another. */
  readonly default?: Json;
  /** Capabilities that an agent with a tool list gets by setting this. */
  readonly brings?: readonly Capability[];
}

export interface ColorRule {
  readonly key: string;
  /** Named colours that are written as they are. */
  readonly names: readonly string[];
  /** Takes `#rrggbb`; named colours it lacks are written so. */
  readonly hex: boolean;
}

export interface ModelRule {
  readonly key: string;
  /** What `inherit` is called; `null`: the key is left out. */
  readonly inherit: string | null;
  /** The target's words for the tiers. Without them a tier is mapped by `models` in the config, or left out. */
  readonly tiers?: { readonly [T in ModelTier]: string };
  /** Exact ids that name a model of this assistant. No loader refuses a wrong id, so nothing else is passed on. */
  readonly accepts?: RegExp;
}

export interface McpServersRule {
  readonly key: string;
  /** `list`: names and one-key maps, as in Claude Code. `map`: name → configuration. */
  readonly shape: 'list' | 'map';
  /** Whether a server can be named without a configuration. */
  readonly references: boolean;
  /** By transport, our configuration keys → theirs; a transport that is absent cannot be expressed. */
  readonly transports: { readonly [T in 'stdio' | 'http' | 'sse']?: TransportRule };
}

export interface TransportRule {
  readonly keys: { readonly [key: string]: string };
  /** Written into every configuration before the mapped keys. */
  readonly constants?: { readonly [key: string]: Json };
}

/** How a tool policy is said, and what of it the assistant keeps to. */
export interface ToolRule {
  /**
   * Their ids of each capability; several when one needs several; `null` when the assistant has no such tool.
   * An id that stands for several capabilities grants them all, and the grant is computed from that.
   */
  readonly ids: { readonly [C in Capability]: string | readonly string[] | null };
  readonly enforcement: AllowList | PermissionMap | Flags;
  /** Given to every agent, whatever its list says. */
  readonly always?: readonly Capability[];
  readonly mcp?: McpSpelling;
  /** Further words that the loader takes, or ignores, as they are; they stay when the author's header is spliced. */
  readonly words?: readonly string[];
}

/** A list of the tools the agent has; an absent key means all. */
export interface AllowList {
  readonly by: 'allow-list';
  readonly key: string;
  readonly shape: 'list' | 'comma-string';
  /** A second list, of tools the agent does not have. */
  readonly denyKey?: string;
  /** Whether `Bash(git *)` can be said. */
  readonly patterns: boolean;
}

/** A map from tool to `allow` or `deny`, in which the last match wins. */
export interface PermissionMap {
  readonly by: 'permission-map';
  readonly key: string;
  /** Capabilities that take a map of patterns: `glob` over the command, or `names` of agents. */
  readonly patterns: { readonly [C in Capability]?: 'glob' | 'names' };
}

/** Switches. What no enforced switch removes, the agent has. */
export interface Flags {
  readonly by: 'flags';
  readonly flags: readonly Flag[];
  /** Why the agent gets more than its list: a sentence for the help line. */
  readonly why: string;
}

export interface Flag {
  readonly key: string;
  readonly value: Json;
  /** Set when the policy asks for `any` of these, or for `none` of these. */
  readonly when: 'any' | 'none';
  readonly of: readonly Capability[];
  /** What the switch takes away in fact, not in intent. */
  readonly removes: readonly Capability[];
}

/** How tools of MCP servers are spelled. `{server}` and `{tool}` are the names. */
export interface McpSpelling {
  readonly tool: string;
  readonly server: string;
  /** Every tool of every server; absent when that cannot be said. */
  readonly all?: string;
  /** Server names that can be said; others lose their tools. */
  readonly servers?: RegExp;
  /** Characters of a name that the assistant replaces with `_`. */
  readonly replaces?: RegExp;
}

export interface BodyRule {
  /** The header key that holds the prompt; absent when the prompt follows the header. */
  readonly key?: string;
  readonly limit?: Limit;
  /** Text that the assistant would expand or choke on, and what is written instead. */
  readonly rewrites?: readonly BodyRewrite[];
}

export interface BodyRewrite {
  /** Global. */
  readonly pattern: RegExp;
  /** As for `String.prototype.replace`. */
  readonly replacement: string;
  readonly why: string;
}
