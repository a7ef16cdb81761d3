import { claudeCode } from './claude-code.js';
import type { Target } from './target.js';

// A plugin may not loosen permissions, run commands or bring servers by its agents (2.1.328): these are ignored with a warning.
const { permissionMode, mcpServers, hooks, ...fields } = claudeCode.fields;
const ignored = [permissionMode, mcpServers, hooks].flatMap((rule) => rule?.key ?? []);

/** https://code.claude.com/docs/en/plugins-reference; agents inside a plugin of Claude Code, offered as `plugin:name`. */
export const claudePlugin: Target = {
  ...claudeCode,
  name: 'claude-plugin',
  title: 'Claude Code plugin',
  path: 'agents/{id}.md',
  // The folder `agents` is read by itself, and not when the manifest has a key of that name.
  companions: [{ path: '.claude-plugin/plugin.json', keys: { name: 'agents' }, hiddenBy: ['agents'] }],
  escapedLineEnds: false,
  without: [...ignored, 'initialPrompt', 'observer', 'observerMessage', 'observeSubagents'],
  fields: {
    ...fields,
    tools: { ...fields.tools, nativesOf: claudeCode.name },
    // `remote` is dropped without a word.
    isolation: { key: 'isolation', values: ['worktree'] },
  },
  body: {
    // Authors of plugins mean it so, and there is no escape.
    expands: [{ pattern: /\$\{CLAUDE_(?:PLUGIN_ROOT|PLUGIN_DATA|PROJECT_DIR)\}/g, why: 'a path takes its place' }],
  },
};
