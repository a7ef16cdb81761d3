import * as v from 'valibot';
import type { Target } from './target.js';

const NAME = /^(?!-)[^:\ufe13\ufe55\uff1a]{1,256}$/;
const words = v.union([v.string(), v.array(v.string())]);

// A hook that guards permissions and cannot be loaded keeps the whole agent from loading; others are left out (2.1.328).
const guards = v.optional(
  v.array(v.looseObject({ matcher: v.optional(v.string()), hooks: v.array(v.looseObject({}), 'it must be a list of hooks') })),
);
const misplaced = v.optional(v.never('it must stand under `hooks`'));

/** https://code.claude.com/docs/en/sub-agents; the loader's own schema, read off the program. */
export const claudeCode: Target = {
  name: 'claude-code',
  title: 'Claude Code',
  verified: 'loader',
  against: '@anthropic-ai/claude-code 2.1.328',
  path: '.claude/agents/{id}.md',
  format: 'yaml',
  // Its pattern for the closing `---` is not anchored to a line: `a --- b` in a value ends the header there, the keys
  // after it become prompt, and the agent has every tool.
  escapes: /-(?=--)/g,
  dialect: 'source',
  escapedLineEnds: true,
  fields: {
    // Colons of other widths are colons to it.
    name: { key: 'name', accepts: NAME, takes: 'at most 256 characters without a colon, and no hyphen first' },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      ids: {
        read: 'Read',
        // `LS` is gone; an agent that reads or globs sees what is there.
        list: null,
        glob: 'Glob',
        grep: 'Grep',
        write: 'Write',
        edit: 'Edit',
        notebook: 'NotebookEdit',
        shell: 'Bash',
        'web-fetch': 'WebFetch',
        'web-search': 'WebSearch',
        // The program has either the first or the others.
        todo: ['TodoWrite', 'TaskCreate', 'TaskGet', 'TaskList', 'TaskUpdate'],
        delegate: 'Agent',
        // Taken from every agent that another one calls.
        ask: null,
        skill: 'Skill',
        lsp: 'LSP',
      },
      // An agent with `Bash(git *)` ran other commands, `disallowedTools: Bash(rm *)` took all of Bash away, and an agent with
      // `Agent(a)` called others (seen with 2.1.328, an agent's tool calls served by a local model).
      enforcement: { by: 'allow-list', key: 'tools', shape: 'comma-string', denyKey: 'disallowedTools', patterns: 'ignored' },
      // `mcp__*` is known in `disallowedTools` only. Other characters of a name become `_` in the ids of its tools.
      mcp: { tool: 'mcp__{server}__{tool}', server: 'mcp__{server}', replaces: /[^a-zA-Z0-9_-]/g, denials: { all: 'mcp__*' } },
      // Without a list it searches inside Bash.
      through: { glob: 'shell', grep: 'shell' },
      // Aliases of today's names, and names that are gone and ignored one by one.
      words: ['Task', 'PowerShell', 'AskUserQuestion', 'LS', 'MultiEdit', 'NotebookRead'],
      gone: ['LS', 'MultiEdit', 'NotebookRead'],
    },
    model: {
      key: 'model',
      inherit: 'inherit',
      tiers: { fast: 'haiku', balanced: 'sonnet', strong: 'opus' },
      accepts: /^(?:claude-|anthropic\.)|^(?:sonnet|opus|haiku|fable)\[1m\]$|^(?:best|fable|opusplan)$/i,
    },
    color: { key: 'color', names: ['red', 'blue', 'green', 'yellow', 'purple', 'orange', 'pink', 'cyan'], hex: false },
    permissionMode: { key: 'permissionMode' },
    maxTurns: { key: 'maxTurns' },
    effort: { key: 'effort' },
    background: { key: 'background' },
    isolation: { key: 'isolation' },
    // It adds its own tools to an explicit list.
    memory: { key: 'memory', brings: ['read', 'write', 'edit'] },
    skills: { key: 'skills' },
    mcpServers: {
      key: 'mcpServers',
      // A map is ignored without a word.
      shape: 'list',
      references: true,
      transports: {
        // `type: local`, which others write, drops the server.
        stdio: { keys: { command: 'command', args: 'args', env: 'env', timeout: 'timeout' } },
        http: { constants: { type: 'http' }, keys: { url: 'url', headers: 'headers', timeout: 'timeout' } },
        sse: { constants: { type: 'sse' }, keys: { url: 'url', headers: 'headers', timeout: 'timeout' } },
      },
    },
    hooks: { key: 'hooks' },
  },
  body: {},
  schema: v.looseObject({
    name: v.pipe(v.string(), v.regex(NAME)),
    description: v.pipe(v.string(), v.minLength(1)),
    tools: v.optional(words),
    disallowedTools: v.optional(words),
    model: v.optional(v.nullable(v.string())),
    mcpServers: v.optional(v.array(v.union([v.string(), v.record(v.string(), v.unknown())]))),
    hooks: v.optional(v.looseObject({ PreToolUse: guards, PermissionRequest: guards })),
    PreToolUse: misplaced,
    PermissionRequest: misplaced,
  }),
};
