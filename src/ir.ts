/**
 * The intermediate representation: what an author meant, said once, for no assistant in particular.
 *
 * Everything here is readonly plain data. Offsets are UTF-16 code units into the text of the file named beside them, as
 * in unist; a byte order mark is not counted.
 */

/** A part of a text: `start` is inclusive, `end` exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
  /** The file, where it is not the agent's own: a base that it extends, or the config. */
  readonly path?: string;
}

/** A value and the place in the source that a message about it points at. */
export interface Located<T> {
  readonly value: T;
  readonly range: Range;
}

/** A value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * What an agent may be able to do, named for the act and not after any assistant's tool.
 * The set is closed: a target that lacks a row for one of them does not type-check.
 */
export type Capability =
  | 'read'
  | 'list'
  | 'glob'
  | 'grep'
  | 'write'
  | 'edit'
  | 'notebook'
  | 'shell'
  | 'web-fetch'
  | 'web-search'
  | 'todo'
  | 'delegate'
  | 'ask'
  | 'skill'
  | 'lsp';

/** One entry of `tools` or `disallowedTools`. */
export type ToolRef =
  /** `Read`, `shell`, `Bash(git *)`: `pattern` limits the capability to some commands, paths or agents. */
  | { readonly kind: 'capability'; readonly name: Capability; readonly pattern?: string; readonly word: Located<string> }
  /** `mcp__github`, `mcp__github__create_issue`, `github/*`: without `tool` the whole server; server `*` is every server. */
  | { readonly kind: 'mcp'; readonly server: string; readonly tool?: string; readonly word: Located<string> }
  /** A tool of one assistant that no capability stands for, such as Claude Code's `ExitPlanMode`. */
  | {
      readonly kind: 'native';
      readonly target: string;
      readonly name: string;
      readonly word: Located<string>;
      /** A rule of that assistant's rather than a tool, such as OpenCode's `external_directory`: elsewhere it holds for nothing. */
      readonly rule?: true;
    };

/** What the agent may use. Without `tools` in the source: `allow: 'all'`, `deny: []`. */
export interface ToolPolicy {
  readonly allow: 'all' | readonly ToolRef[];
  readonly deny: readonly ToolRef[];
  /** The value of `tools`, or of `disallowedTools`; absent when the author wrote neither. */
  readonly range?: Range;
  /** What a person is asked about each time. Part of `allow`. */
  readonly ask?: readonly ToolRef[];
  /** Keys of several assistants were read together, so that no one key of the source says it. */
  readonly mixed?: true;
  /** The policy was written as a key of one target, which gets it back as it is. */
  readonly verbatim?: { readonly target: string; readonly value: Json };
}

/** Portable strength of a model: `haiku` is fast, `sonnet` balanced, `opus` strong. */
export type ModelTier = 'fast' | 'balanced' | 'strong';

/** `model` in the source. Without it the agent uses what its caller uses. */
export type Model =
  | { readonly kind: 'inherit' }
  | { readonly kind: 'tier'; readonly tier: ModelTier; readonly word: string }
  | { readonly kind: 'exact'; readonly id: string };

/** The inner text of one `<example>` block of the description. */
export interface Example {
  readonly text: string;
}

/** `description`, with its `<example>` blocks and without them. */
export interface Description extends Located<string> {
  /** As the author wrote it. `value` is this without the blocks. */
  readonly full: string;
}

/** An entry of `mcpServers`: a server that the project knows by name, or one defined here. */
export interface McpServer {
  readonly name: string;
  /** Absent for a reference by name. Keys as in Claude Code: `type`, `command`, `args`, `env`, `url`, `headers`. */
  readonly config?: { readonly [key: string]: Json };
}

/** An entry of `handoffs`: a colleague offered as the next step. */
export interface Handoff {
  readonly label: string;
  readonly agent: string;
  readonly prompt?: string;
  readonly send?: boolean;
}

/** A front matter key that polyagent gives no meaning to. */
export interface ExtraField {
  readonly key: string;
  readonly value: Json;
  /** Of the key. */
  readonly range: Range;
  readonly valueRange: Range;
}

/** An entry of `fragments`: a name, or `{ use, under, omit, with }`. */
export interface FragmentUse {
  readonly name: string;
  /** Of the name. */
  readonly range: Range;
  /** `under`: the title of the section that the fragment is put into. */
  readonly under?: Located<string>;
  /** `omit`: items, paragraphs and sections of the fragment that are left out. */
  readonly omit: readonly Located<string>[];
  /** `with`: values for the parameters that the fragment declares. */
  readonly with: { readonly [parameter: string]: Located<Json> };
}

/**
 * The fields that a target can have a place for. `fates` has at most one entry per field, agent, variant and target.
 */
export type FieldName =
  | 'name'
  | 'description'
  | 'examples'
  | 'tools'
  | 'model'
  | 'color'
  | 'mode'
  | 'permissionMode'
  | 'maxTurns'
  | 'effort'
  | 'temperature'
  | 'background'
  | 'isolation'
  | 'memory'
  | 'skills'
  | 'mcpServers'
  | 'hooks'
  | 'handoffs'
  | 'body';

/** The fields of an agent that front matter sets and `targets` in front matter may override for one target. */
export interface Fields {
  /** `name`: what the assistant calls the agent. */
  readonly name: Located<string>;
  /** `description`: when to use the agent. */
  readonly description: Description;
  /** The `<example>` blocks that stood in the description. */
  readonly examples: readonly Example[];
  /** `tools` and `disallowedTools`. */
  readonly tools: ToolPolicy;
  /** `model`; absent means what the caller uses, as `inherit` does. */
  readonly model?: Located<Model>;
  /** `color`: a name or `#rrggbb`, in lower case. */
  readonly color?: Located<string>;
  /** `mode`: how the agent is reached; absent means `subagent`, which is all that Claude Code has. */
  readonly mode?: Located<'subagent' | 'primary' | 'all'>;
  /** `permissionMode`: `acceptEdits`, `auto`, `bypassPermissions`, `default`, `dontAsk` or `plan`. */
  readonly permissionMode?: Located<string>;
  /** `maxTurns`: the most turns a run may take, a positive whole number. */
  readonly maxTurns?: Located<number>;
  /** `effort`: `low`, `medium`, `high`, `xhigh`, `max`, or a whole number. */
  readonly effort?: Located<string | number>;
  /** `temperature`: sampling temperature. */
  readonly temperature?: Located<number>;
  /** `background`: whether the agent runs beside its caller. */
  readonly background?: Located<boolean>;
  /** `isolation`: `worktree` or `remote`. */
  readonly isolation?: Located<string>;
  /** `memory`: `user`, `project` or `local`. */
  readonly memory?: Located<string>;
  /** `skills`: names of skills that are loaded at the start. */
  readonly skills?: Located<readonly string[]>;
  /** `mcpServers`: servers that this agent needs. */
  readonly mcpServers?: Located<readonly McpServer[]>;
  /** `hooks`: commands run at events, in the shape of Claude Code's settings. */
  readonly hooks?: Located<Json>;
  /** `handoffs`: colleagues offered as the next step. */
  readonly handoffs?: Located<readonly Handoff[]>;
  /** Keys without a meaning of their own: kept for Claude Code, reported elsewhere. */
  readonly extra: readonly ExtraField[];
}

/** What `targets.<name>` in front matter says about one target. */
export interface Override {
  /** The fields that differ there. */
  readonly fields: Partial<Fields>;
  /** Keys of that target's own format, written into its header as they are. */
  readonly native: readonly ExtraField[];
}

/** One authored agent. */
export interface Agent extends Fields {
  /** The file-name-safe form of `name`: lower case, words joined by `-`. Unique in a build. */
  readonly id: string;
  /** The path of the source, as it was given to the compiler. */
  readonly path: string;
  /** The key in `variants` whose build this is; absent for the plain one. */
  readonly variant?: string;
  /** The paths of the files that it inherits from, the nearest first. */
  readonly bases: readonly string[];
  /** Keys of the agent's own front matter that a variant or a base has a part in: the header does not say them any more. */
  readonly replaced: readonly string[];
  /** `fragments`, in order. */
  readonly fragments: readonly FragmentUse[];
  /** `targets`: the only targets to compile for; absent means all. */
  readonly only?: readonly string[];
  /** `targets.<name>: false`. */
  readonly without: readonly string[];
  /** `targets.<name>: {…}`. */
  readonly overrides: { readonly [target: string]: Override };
}

/**
 * A stretch of an output and where it came from. An output is its pieces joined, so that every byte of it has one origin
 * and text that nothing touched is never printed again.
 */
export interface Piece {
  readonly text: string;
  readonly origin: Origin;
  /**
   * The text was made for what stands at the origin: a list marker, a blank line, a key of a header, an item in another
   * style. Absent: the text is what stands there, letter by letter.
   */
  readonly written?: true;
}

/** What kind of file a stretch came from. `parameter`: the value that was put in for a name in a fragment. */
export type OriginKind = 'agent' | 'base' | 'fragment' | 'parameter' | 'template';

/** A stretch of a file. */
export interface Origin extends Range {
  readonly kind: OriginKind;
  readonly path: string;
  /** The name of the parameter whose value it is. */
  readonly parameter?: string;
}

/** The prompt of an agent for one target. */
export type Body = readonly Piece[];

/**
 * What becomes of a field in a target.
 * `exact`: the same value; `mapped`: the same meaning in the target's words; `approximated`: the nearest the target can
 * say; `moved`: said in another place; `dropped`: not said at all.
 */
export type FateKind = 'exact' | 'mapped' | 'approximated' | 'moved' | 'dropped';

/** The fate of one field of one agent in one target. */
export interface Fate {
  readonly agent: string;
  /** Absent for the plain build. */
  readonly variant?: string;
  readonly target: string;
  /** A field, or `extra.<key>` for a key that polyagent gives no meaning to. */
  readonly field: FieldName | `extra.${string}`;
  readonly kind: FateKind;
  /** Why it is not `exact`, for a person to read. */
  readonly note?: string;
}
