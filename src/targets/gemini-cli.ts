import * as v from 'valibot';
import { closed, mcpServer } from './schema.js';
import type { Target } from './target.js';

const BUILT_IN = [
  ...['read_file', 'read_many_files', 'list_directory', 'glob', 'grep_search', 'search_file_content', 'replace', 'write_file'],
  ...['run_shell_command', 'google_web_search', 'web_fetch', 'write_todos', 'ask_user', 'activate_skill', 'get_internal_docs'],
  ...['enter_plan_mode', 'exit_plan_mode', 'update_topic', 'complete_task', 'invoke_agent', 'read_mcp_resource', 'list_mcp_resources'],
  ...[
    'tracker_create_task',
    'tracker_update_task',
    'tracker_get_task',
    'tracker_list_tasks',
    'tracker_add_dependency',
    'tracker_visualize',
  ],
];
const MCP_TOOL = /^(?:\*|mcp_\*|mcp_[A-Za-z0-9.:-]+_(?:\*|[A-Za-z0-9_.:-]+)|discovered_tool_.+)$/;
const tool = v.pipe(
  v.string(),
  v.check((id) => BUILT_IN.includes(id) || MCP_TOOL.test(id), 'is not a tool of Gemini CLI'),
);
const positive = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)));

/** https://geminicli.com/docs/core/subagents; strict: one unknown key or tool refuses the whole file. */
export const geminiCli: Target = {
  name: 'gemini-cli',
  title: 'Gemini CLI',
  verified: 'loader',
  against: '@google/gemini-cli-core 0.61.0',
  path: '.gemini/agents/{id}.md',
  format: 'yaml',
  fields: {
    // Its own agents come first, and a second one of their name is left out with a warning in the log.
    name: {
      key: 'name',
      accepts: /^(?!(?:generalist|cli_help|codebase_investigator|browser_agent)$)[a-z0-9_-]+$/,
      takes: 'lower-case letters, digits, hyphens and underscores, and no name of an agent of its own',
    },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      ids: {
        read: 'read_file',
        list: 'list_directory',
        glob: 'glob',
        grep: 'grep_search',
        write: 'write_file',
        edit: 'replace',
        notebook: null,
        shell: 'run_shell_command',
        'web-fetch': 'web_fetch',
        'web-search': 'google_web_search',
        todo: 'write_todos',
        // Its tools for other agents are never given to a subagent.
        delegate: null,
        ask: 'ask_user',
        skill: 'activate_skill',
        lsp: null,
      },
      enforcement: { by: 'allow-list', key: 'tools', shape: 'list', patterns: false },
      // It ends an agent's turn.
      alwaysNative: ['complete_task'],
      // The server's name ends at the first `_`, so a name that has one cannot be said.
      mcp: { tool: 'mcp_{server}_{tool}', server: 'mcp_{server}_*', all: 'mcp_*', servers: /^[A-Za-z0-9.:-]+$/, longest: 63 },
    },
    // Claude's words load, and go to the API as they are.
    model: { key: 'model', inherit: 'inherit', accepts: /^(?:gemini-.+|auto|pro|flash|flash-lite)$/ },
    maxTurns: { key: 'max_turns' },
    temperature: { key: 'temperature' },
    mcpServers: {
      // The documentation's `mcpServers` is refused.
      key: 'mcp_servers',
      shape: 'map',
      references: false,
      bringsTools: true,
      transports: {
        stdio: { keys: { command: 'command', args: 'args', env: 'env', cwd: 'cwd', timeout: 'timeout' } },
        http: { keys: { url: 'url', headers: 'headers', timeout: 'timeout' }, constants: { type: 'http' } },
        sse: { keys: { url: 'url', headers: 'headers', timeout: 'timeout' }, constants: { type: 'sse' } },
      },
    },
  },
  body: {
    rewrites: [
      {
        // agents/utils.js, templateString: every `${word}` must be an input of the agent, there is no escape, and the
        // loader does not check. With spaces inside it is no placeholder, and the same to JavaScript.
        pattern: /\$\{(\w+)\}/g,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is text
        replacement: '${ $1 }',
        why: 'Gemini CLI would fill this in, and fails at the start when it cannot',
      },
    ],
  },
  schema: closed({
    name: v.pipe(v.string(), v.regex(/^[a-z0-9-_]+$/)),
    description: v.pipe(v.string(), v.minLength(1)),
    kind: v.optional(v.literal('local')),
    display_name: v.optional(v.string()),
    tools: v.optional(v.array(tool)),
    mcp_servers: v.optional(v.record(v.string(), mcpServer)),
    model: v.optional(v.string()),
    temperature: v.optional(v.number()),
    max_turns: positive,
    timeout_mins: positive,
    body: v.string(),
  }),
};
