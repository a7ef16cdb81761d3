import * as v from 'valibot';
import { mcpServer } from './schema.js';
import type { Target } from './target.js';

const server = v.looseObject({ ...mcpServer.entries, type: v.picklist(['local', 'stdio', 'http', 'sse']), tools: v.array(v.string()) });

/** https://docs.github.com/copilot/reference/custom-agents-configuration; Copilot CLI, VS Code and the cloud agent. */
export const copilot: Target = {
  name: 'copilot',
  title: 'GitHub Copilot',
  verified: 'loader',
  against: '@github/copilot 1.0.102, VS Code 1.138',
  // The one extension that is valid on all three surfaces.
  path: '.github/agents/{id}.agent.md',
  // VS Code lists both files, the CLI its own.
  alsoReads: ['claude-code'],
  builtIns: ['explore', 'task', 'code-review', 'rubber-duck', 'research', 'rem-agent', 'security-review', 'general-purpose'],
  format: 'yaml',
  fields: {
    // The CLI's `task` tool offers an agent by `name`, not by file name: both must be the id.
    name: { key: 'name', accepts: /^[a-z0-9_-]+$/, takes: 'lower-case letters, digits, hyphens and underscores' },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      ids: {
        read: 'read',
        list: 'read',
        glob: 'search',
        grep: 'search',
        write: 'edit',
        edit: 'edit',
        notebook: 'edit',
        shell: 'execute',
        'web-fetch': 'web',
        'web-search': 'web',
        todo: 'todo',
        delegate: 'agent',
        ask: ['ask_user', 'vscode/askQuestions'],
        skill: 'skill',
        // The CLI's word, and VS Code's; each ignores the other's.
        lsp: ['lsp', 'search/usages'],
      },
      enforcement: { by: 'allow-list', key: 'tools', shape: 'list', patterns: false },
      // `skill` and `sql` are there even with `tools: []`.
      always: ['skill'],
      alwaysNative: ['sql'],
      mcp: { tool: '{server}/{tool}', server: '{server}/*' },
    },
    model: {
      key: 'model',
      // There is no word for it: the key is left out.
      inherit: null,
      accepts: /^(?:claude-[a-z]+-\d+(?:\.\d+)?|gpt-\d[\w.-]*|gemini-\d[\w.-]*)$|^(?:claude|gpt|gemini)[- ].*\d/i,
    },
    effort: { key: 'reasoning-effort', values: ['low', 'medium', 'high', 'xhigh', 'max'] },
    skills: { key: 'skills' },
    mcpServers: {
      key: 'mcp-servers',
      shape: 'map',
      references: false,
      // A server without `tools`, or a local one without `args`, refuses the whole file.
      transports: {
        stdio: { keys: { command: 'command', args: 'args', env: 'env' }, constants: { type: 'local', args: [], tools: ['*'] } },
        http: { keys: { url: 'url', headers: 'headers' }, constants: { type: 'http', tools: ['*'] } },
        sse: { keys: { url: 'url', headers: 'headers' }, constants: { type: 'sse', tools: ['*'] } },
      },
    },
    handoffs: { key: 'handoffs' },
  },
  body: {
    limit: { characters: 30_000, effect: 'The cloud agent takes no more; the CLI and VS Code do.' },
  },
  schema: v.looseObject({
    name: v.optional(v.string()),
    description: v.string(),
    tools: v.optional(v.array(v.string())),
    model: v.optional(v.union([v.string(), v.pipe(v.array(v.string()), v.minLength(1))])),
    'mcp-servers': v.optional(v.record(v.string(), server)),
    skills: v.optional(v.array(v.string())),
    'disable-model-invocation': v.optional(v.boolean()),
    'user-invocable': v.optional(v.boolean()),
    target: v.optional(v.picklist(['vscode', 'github-copilot'])),
    'reasoning-effort': v.optional(v.string()),
  }),
};
