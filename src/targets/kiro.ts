import * as v from 'valibot';
import { closed, mcpServer } from './schema.js';
import type { Target } from './target.js';

const text = v.optional(v.string());
const words = v.optional(v.array(v.string()));
const flag = v.optional(v.boolean());
const object = v.optional(v.looseObject({}));

/** https://kiro.dev/docs/custom-agents/configuration-reference; the format that the IDE since 1.0 and the CLI since 3.0 share. */
export const kiro: Target = {
  name: 'kiro',
  title: 'Kiro',
  verified: 'documentation',
  against: 'kiro.dev, November 2026 (IDE 1.0, CLI 3.0)',
  path: '.kiro/agents/{id}.md',
  format: 'yaml',
  // Its reader is not documented: one may end the header at `---` in a value.
  escapes: /-(?=--)/g,
  fields: {
    // An agent is called by its path; `name` is for display.
    name: {
      key: 'name',
      accepts: /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/,
      takes: 'lower-case letters, digits, hyphens and underscores, with a letter or digit first and last',
    },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      // Tags, each for several tools: https://kiro.dev/docs/tools.
      ids: {
        read: 'read',
        list: 'read',
        glob: 'read',
        grep: 'read',
        write: 'write',
        edit: 'write',
        notebook: 'write',
        shell: 'shell',
        'web-fetch': 'web',
        'web-search': 'web',
        todo: 'todo_list',
        delegate: 'subagent',
        ask: null,
        skill: null,
        lsp: null,
      },
      // No key, and no tool: https://github.com/kirodotdev/Kiro/issues/7839. `excludedTools` takes "specific tools"; their names,
      // or whether a tag is one, are not documented. `permissions` and `allowedTools` spare questions, no more.
      enforcement: { by: 'allow-list', key: 'tools', shape: 'list', everything: ['*'], patterns: false },
      // Skills and steering files come to every agent.
      always: ['skill'],
      // Servers of the project's `mcp.json` are there with `includeMcpJson` only (issue 9755).
      mcp: { tool: '@{server}/{tool}', server: '@{server}', all: '@mcp', switch: { key: 'includeMcpJson', value: true } },
    },
    // An unknown id is answered with a warning and the default. No dates, and versions with a dot.
    model: { key: 'model', inherit: null, accepts: /^claude-(?:sonnet|opus|haiku)-\d+(?:\.\d+)?$/ },
    mcpServers: {
      key: 'mcpServers',
      shape: 'map',
      references: false,
      transports: {
        stdio: { keys: { command: 'command', args: 'args', env: 'env', timeout: 'timeout' } },
        // It tries both ways of a remote server.
        http: { keys: { url: 'url', headers: 'headers' } },
        sse: { keys: { url: 'url', headers: 'headers' } },
      },
    },
  },
  body: {},
  schema: closed({
    ...{ name: text, description: text, model: text, tools: v.array(v.string()), excludedTools: words },
    ...{ mcpServers: v.optional(v.record(v.string(), mcpServer)), includeMcpJson: flag, includePowers: flag },
    ...{ resources: words, permissions: v.optional(v.unknown()), hooks: v.optional(v.unknown()) },
    ...{ toolAliases: object, allowedTools: words, toolsSettings: object, welcomeMessage: text, keyboardShortcut: text },
    body: v.string(),
  }),
};
