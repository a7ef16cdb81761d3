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
  /** Where the assistant looks for the file, from a project's root. `{id}` is the agent's id; a shared file has none. */
  readonly path: string;
  /** How the header is written. `bare-lines`: `key: value`, the value as it stands. `json`: the whole file is an object. */
  readonly format: HeaderFormat;
  /** All agents are parts of one file, which others write to as well. What is not ours in it stays as it is. */
  readonly shared?: SharedFile;
  /** Files that stand once beside the agents' files, such as a plugin's manifest. */
  readonly companions?: readonly Companion[];
  /** Text that must not stand in the header as it is, though the format allows it: it is written with escapes. Global. */
  readonly escapes?: RegExp;
  /**
   * `source`: the source format is this target's own, and the author's header is spliced, not printed anew.
   * `ir`: the file is the agent's intermediate representation.
   */
  readonly dialect?: 'source' | 'ir';
  /** The loader reads `\\n`, two characters, as a line end in a description. */
  readonly escapedLineEnds?: boolean;
  /** With `dialect: 'source'`: keys that this program ignores or refuses, which are cut out. */
  readonly without?: readonly string[];
  /** The ids that the loader takes, where it does not take every one. In others, what it does not know becomes a hyphen. */
  readonly ids?: RegExp;
  /** The header key that holds the agent's id, where that is not its name. */
  readonly idKey?: string;
  /** Agents that the assistant brings itself: one of the same name takes the place of its own. */
  readonly builtIns?: readonly string[];
  /** Targets whose files this assistant reads as well: an agent must have one name in both. */
  readonly alsoReads?: readonly string[];
  /** The fields the target has a place for, in the order in which the header has them. */
  readonly fields: FieldRules;
  readonly body: BodyRule;
  /** Checks the whole file as data (header keys, and the body under `body.key` or `body`) before it is written. */
  readonly schema: StandardSchemaV1;
}

export type HeaderFormat = 'yaml' | 'toml' | 'bare-lines' | 'json';

/** How the agents' parts are kept in a file that is not ours alone. */
export type SharedFile =
  /** A list under a key of a YAML file, an item for each agent; `id` is the item's key that names the agent. */
  | { readonly by: 'yaml-list'; readonly key: string; readonly id: string }
  /** A section of a Markdown file between two comments, an item for each agent. */
  | { readonly by: 'marked-list'; readonly heading: string };

/** A JSON file that is there once for all agents of a target. A key that is in it already stays as it is. */
export interface Companion {
  readonly path: string;
  readonly keys: { readonly [key: string]: Json };
  /** Those of the keys that the project has set: when the file says otherwise, that is told. */
  readonly set?: readonly string[];
  /** Keys with which the program does not look for the agents' files. */
  readonly hiddenBy?: readonly string[];
}

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
  /** What those are, and names of files, in words: `letters and digits`. */
  readonly takes?: string;
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
  /** What is over is refused: the text is cut at the end of a sentence or word. Otherwise it is written whole and reported. */
  readonly cut?: true;
}

/** A field whose value is passed on. */
export interface WordRule {
  readonly key: string;
  /** The only values there are; the others are dropped. */
  readonly values?: readonly Json[];
  /** Written when the author says nothing, because the assistant's own default is another. */
  readonly default?: Json;
  /** Values that the loader takes for another one. */
  readonly means?: { readonly [value: string]: string };
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
  readonly tiers?: { readonly [T in ModelTier]?: string };
  /** Exact ids that name a model of this assistant. No loader refuses a wrong id, so nothing else is passed on. */
  readonly accepts?: RegExp;
}

export interface McpServersRule {
  readonly key: string;
  /** `list`: names and one-key maps, as in Claude Code. `map`: name → configuration. */
  readonly shape: 'list' | 'map';
  /** Whether a server can be named without a configuration. */
  readonly references: boolean;
  /** An agent has every tool of the servers that it defines, whatever its list says. */
  readonly bringsTools?: true;
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
  /** Tools without a capability that every agent has, whatever its list says. */
  readonly alwaysNative?: readonly string[];
  /** What an agent without a tool list has only through another one: it goes with that. */
  readonly through?: { readonly [C in Capability]?: Capability };
  /** Given to every agent, whatever its list says. */
  readonly always?: readonly Capability[];
  readonly mcp?: McpSpelling;
  /** The target whose tools without a capability this assistant has too, when it is not itself. */
  readonly nativesOf?: string;
  /** Further words that the loader takes, or ignores, as they are; they stay when the author's header is spliced. */
  readonly words?: readonly string[];
  /** Those of `words` that stand for no tool any more, so that one of them alone grants nothing. */
  readonly gone?: readonly string[];
}

/** A list of the tools the agent has; an absent key means all. */
export interface AllowList {
  readonly by: 'allow-list';
  readonly key: string;
  readonly shape: 'list' | 'comma-string';
  /** What says every tool, where an absent key says fewer. */
  readonly everything?: Json;
  /** What says no tool, where an empty list says every tool. */
  readonly nothing?: Json;
  /** The tool that `nothing` gives, where that has no capability. */
  readonly least?: string;
  /** A second list, of tools the agent does not have. */
  readonly denyKey?: string;
  /** Only one of the two lists may be there: a denial is taken out of the list of tools. */
  readonly oneList?: true;
  /**
   * Whether `Bash(git *)` can be said. `ignored`: the loader takes it and gives the whole tool, or denies the whole tool, so
   * that it stays only where the author wrote it for this target.
   */
  readonly patterns: boolean | 'ignored';
}

/** A map from tool to `allow` or `deny`, in which the last match wins. */
export interface PermissionMap {
  readonly by: 'permission-map';
  readonly key: string;
  /** Rules that an agent without a map has, and that an `allow` would lift: they are written behind it. */
  readonly guards?: { readonly [C in Capability]?: { readonly [pattern: string]: 'allow' | 'ask' | 'deny' } };
  /** Capabilities that an agent without a map does not have: only naming them gives them. */
  readonly named?: readonly Capability[];
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

/** How tools of MCP servers are spelled. `{server}` and `{tool}` are the names; what is absent cannot be said. */
export interface McpSpelling {
  readonly tool?: string;
  readonly server?: string;
  /** Every tool of every server. */
  readonly all?: string;
  /** What only the list of denials can say, or says otherwise. */
  readonly denials?: Pick<McpSpelling, 'tool' | 'server' | 'all'>;
  /** A key that is set when the agent may use servers of the project, which it has not by itself. */
  readonly switch?: { readonly key: string; readonly value: Json };
  /** Server names that can be said; others lose their tools. */
  readonly servers?: RegExp;
  /** Characters of a name that the assistant replaces with `_`. */
  readonly replaces?: RegExp;
  /** The most characters of an id; a longer one is another to the assistant. */
  readonly longest?: number;
  /** Every agent has the tools of every server, whatever its list says. */
  readonly always?: true;
}

export interface BodyRule {
  /** The prompt is not written; what is said in its place, for a person. */
  readonly instead?: string;
  /** The header key that holds the prompt; absent when the prompt follows the header. */
  readonly key?: string;
  readonly limit?: Limit;
  /** Text that the assistant would expand or choke on, and what is written instead. */
  readonly rewrites?: readonly BodyRewrite[];
  /** Text that the assistant expands, as authors for it expect: it stays, and is told. */
  readonly expands?: readonly BodyExpansion[];
}

export interface BodyExpansion {
  /** Global. */
  readonly pattern: RegExp;
  /** A sentence without a full stop, for the label. */
  readonly why: string;
}

export interface BodyRewrite {
  /** Global. */
  readonly pattern: RegExp;
  /** `$1` to `$9` stand for groups of the pattern, `$&` for all of it. */
  readonly replacement: string;
  /** A sentence without a full stop, for the help line. */
  readonly why: string;
  /** The assistant reads the replacement as the very text that it stands for, so that nothing is changed. */
  readonly exact?: true;
}
