import * as v from 'valibot';
import { closed } from './schema.js';
import type { Target } from './target.js';

const text = v.optional(v.nullable(v.string()));
const words = v.optional(v.array(v.string()));
const texts = v.record(v.string(), v.string());
const hooks = v.optional(v.array(v.looseObject({ command: v.string() })));
const server = v.looseObject({
  type: v.optional(v.picklist(['stdio', 'http'])),
  command: v.string(),
  url: v.optional(v.string()),
  headers: v.optional(texts),
  args: words,
  env: v.optional(v.nullable(texts)),
  timeout: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  disabled: v.optional(v.boolean()),
});

/** schemas/agent-v1.json and docs/agent-format.md of aws/amazon-q-developer-cli 1.16; an unknown key refuses the file. */
export const amazonQ: Target = {
  name: 'amazon-q',
  title: 'Amazon Q Developer CLI',
  verified: 'schema',
  against: 'agent-v1.json of amazon-q-developer-cli 1.16',
  path: '.amazonq/cli-agents/{id}.json',
  format: 'json',
  fields: {
    // It finds an agent as `<name>.json`.
    name: {
      key: 'name',
      accepts: /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/,
      takes: 'lower-case letters, digits, hyphens and underscores, with a letter or digit first and last',
    },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      ids: {
        // Files, folders, and searches in both.
        read: 'fs_read',
        list: 'fs_read',
        glob: 'fs_read',
        grep: 'fs_read',
        write: 'fs_write',
        edit: 'fs_write',
        notebook: 'fs_write',
        // `execute_cmd` on Windows.
        shell: 'execute_bash',
        'web-fetch': null,
        'web-search': null,
        todo: 'todo_list',
        delegate: 'delegate',
        ask: null,
        skill: null,
        lsp: null,
      },
      // No key, and no tool. `*` counts only when it stands alone (tool_manager.rs). `allowedTools` spares questions, no more.
      enforcement: { by: 'allow-list', key: 'tools', shape: 'list', everything: ['*'], patterns: false },
      // An agent has no server of the project's `mcp.json` unless it says so.
      mcp: { tool: '@{server}/{tool}', server: '@{server}', switch: { key: 'useLegacyMcpJson', value: true } },
    },
    // Its model service decides; an unknown id is answered with a warning and the default. No dates, and versions with a dot.
    model: { key: 'model', inherit: null, accepts: /^claude-(?:(?:sonnet|opus|haiku)-\d(?:\.\d)?|\d(?:\.\d)?-(?:sonnet|opus|haiku))$/ },
    mcpServers: {
      key: 'mcpServers',
      shape: 'map',
      references: false,
      transports: {
        stdio: { keys: { command: 'command', args: 'args', env: 'env', timeout: 'timeout' } },
        // The schema wants a `command` of every server.
        http: { keys: { url: 'url', headers: 'headers', timeout: 'timeout' }, constants: { type: 'http', command: '' } },
      },
    },
  },
  body: {
    key: 'prompt',
    rewrites: [{ pattern: /^(?=file:\/\/)/g, replacement: ' ', why: 'Amazon Q would read the prompt from that file' }],
  },
  schema: closed({
    $schema: v.optional(v.string()),
    name: v.pipe(v.string(), v.minLength(1)),
    description: text,
    prompt: v.pipe(v.string(), v.regex(/^(?!file:\/\/)/, 'must not begin as the address of a file')),
    model: text,
    tools: v.array(v.string()),
    allowedTools: words,
    toolAliases: v.optional(texts),
    toolsSettings: v.optional(v.record(v.string(), v.looseObject({}))),
    resources: v.optional(v.array(v.pipe(v.string(), v.startsWith('file://')))),
    hooks: v.optional(v.object({ agentSpawn: hooks, userPromptSubmit: hooks, preToolUse: hooks, postToolUse: hooks, stop: hooks })),
    mcpServers: v.optional(v.record(v.string(), server)),
    useLegacyMcpJson: v.optional(v.boolean()),
  }),
};
