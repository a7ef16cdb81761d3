import * as v from 'valibot';
import { mcpServer } from './schema.js';
import type { Target } from './target.js';

// Sources: chunks/*.js of @qwen-code/qwen-code 0.24.4, which keep the names of the modules; and its sub-agents.md.
const NAME = /^(?!(?:self|system|user|model|tool|config|default|main)$)[\p{L}\p{N}](?:[\p{L}\p{N}_-]{0,48}[\p{L}\p{N}])$/iu;
const COLORS = ['red', 'blue', 'green', 'yellow', 'purple', 'orange', 'pink', 'cyan'];
const MODES = ['acceptEdits', 'auto', 'bypassPermissions', 'default', 'dontAsk', 'plan'];
// An empty list is every tool.
const ids = v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(/\S/))), v.minLength(1, 'would be every tool')));
// A hook that is wrong, or of another type, is left out without a word, and with it what it guards.
const NEEDED = { command: 'command', http: 'url', prompt: 'prompt' } as const;
const hook = v.pipe(
  v.looseObject({ type: v.picklist(['command', 'http', 'prompt']) }),
  v.check((one) => Boolean(one[NEEDED[one.type]]), 'lacks what its type needs'),
);
const guards = v.optional(v.array(v.looseObject({ hooks: v.array(hook, 'it must be a list of hooks') })));

/** https://qwenlm.github.io/qwen-code-docs/en/users/features/sub-agents; a file that is refused is skipped without a word. */
export const qwenCode: Target = {
  name: 'qwen-code',
  title: 'Qwen Code',
  verified: 'loader',
  against: '@qwen-code/qwen-code 0.24.4',
  path: '.qwen/agents/{id}.md',
  format: 'yaml',
  fields: {
    name: {
      key: 'name',
      accepts: NAME,
      takes:
        '2 to 50 letters, digits, hyphens and underscores, with a letter or digit first and last, and none of its own words such as `main`',
    },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      ids: {
        read: 'read_file',
        // Off unless the settings turn it on.
        list: 'list_directory',
        glob: 'glob',
        grep: 'grep_search',
        write: 'write_file',
        edit: 'edit',
        notebook: 'notebook_edit',
        // `monitor` runs commands too.
        shell: ['run_shell_command', 'monitor'],
        'web-fetch': 'web_fetch',
        'web-search': 'web_search',
        // EXCLUDED_TOOLS_FOR_SUBAGENTS.
        todo: null,
        // That list has it too, and lets it through again down to a depth of 5, which is the default.
        delegate: 'agent',
        // Taken from every agent (SubagentManager.createAgentHeadless).
        ask: null,
        skill: 'skill',
        lsp: 'lsp',
      },
      // A word that is no tool's name is kept, and matches nothing.
      enforcement: { by: 'allow-list', key: 'tools', shape: 'list', nothing: ['none'], denyKey: 'disallowedTools', patterns: false },
      // An allowed tool is compared by its whole name. Other characters get a hash behind the name.
      mcp: { tool: 'mcp__{server}__{tool}', servers: /^[A-Za-z0-9_-]+$/, longest: 63, denials: { server: 'mcp__{server}', all: 'mcp__*' } },
    },
    // Claude's words load, and are looked up as ids. `fast` is a model of the settings.
    model: {
      key: 'model',
      inherit: null,
      tiers: { fast: 'fast' },
      accepts: /^(?:fast|qwen.*|(?:openai|openai-responses|qwen-oauth|gemini|vertex-ai|anthropic):\S+)$/i,
    },
    color: { key: 'color', names: COLORS, hex: false },
    // Without it an agent of a trusted folder edits without asking (resolveSubagentApprovalMode).
    permissionMode: { key: 'permissionMode', values: MODES, default: 'default', means: { auto: 'auto-edit', dontAsk: 'default' } },
    maxTurns: { key: 'maxTurns' },
    background: { key: 'background', values: [true] },
    mcpServers: {
      key: 'mcpServers',
      // A list is dropped without a word.
      shape: 'map',
      references: false,
      transports: {
        stdio: { keys: { command: 'command', args: 'args', env: 'env', cwd: 'cwd', timeout: 'timeout' } },
        http: { keys: { url: 'httpUrl', headers: 'headers', timeout: 'timeout' } },
        sse: { keys: { url: 'url', headers: 'headers', timeout: 'timeout' } },
      },
    },
    // The shape is Claude Code's, and so may be the tools' names in matchers.
    hooks: { key: 'hooks' },
  },
  body: {
    rewrites: [
      {
        // templateString: every `${word}` must be a value of the program's own, there is no escape, and the loader does not check.
        pattern: /\$\{([a-zA-Z_]\w*)\}/g,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is text
        replacement: '${ $1 }',
        why: 'Qwen Code would fill this in, and fails at the start when it cannot',
      },
    ],
  },
  schema: v.looseObject({
    name: v.pipe(v.string(), v.maxLength(50), v.regex(NAME)),
    description: v.pipe(v.string(), v.regex(/\S/, 'must not be blank')),
    tools: ids,
    disallowedTools: ids,
    model: v.optional(v.pipe(v.string(), v.regex(/[^:\s]\s*$/))),
    color: v.optional(v.picklist([...COLORS, 'auto'])),
    approvalMode: v.optional(v.picklist(['plan', 'default', 'auto-edit', 'auto', 'yolo', 'bubble'])),
    permissionMode: v.optional(v.picklist(MODES)),
    maxTurns: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    background: v.optional(v.boolean()),
    mcpServers: v.optional(v.record(v.string(), mcpServer)),
    hooks: v.optional(v.looseObject({ PreToolUse: guards, PermissionRequest: guards })),
    body: v.pipe(
      v.string(),
      v.check((text) => text.trim().length >= 10, 'must have ten characters at least'),
      v.regex(/^(?![\s\S]*\$\{[a-zA-Z_]\w*\})/, 'must not hold a placeholder'),
    ),
  }),
};
