import * as v from 'valibot';
import { closed, mcpServer } from './schema.js';
import type { Target } from './target.js';

const filled = v.pipe(v.string(), v.regex(/\S/, 'must not be blank'));
const word = v.optional(v.string());

/** https://developers.openai.com/codex/subagents; TOML, the prompt is a key, and there is no tool list. */
export const codex: Target = {
  name: 'codex',
  title: 'Codex',
  verified: 'loader',
  against: '@openai/codex 0.169.0',
  path: '.codex/agents/{id}.toml',
  builtIns: ['default', 'explorer', 'worker'],
  format: 'toml',
  fields: {
    // Any text that is not blank loads.
    name: { key: 'name', accepts: /\S/ },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      // It reads, lists and searches through the shell.
      ids: {
        read: 'exec_command',
        list: 'exec_command',
        glob: 'exec_command',
        grep: 'exec_command',
        write: 'apply_patch',
        edit: 'apply_patch',
        notebook: null,
        shell: 'exec_command',
        // For newer models it is `web.run`, which opens addresses too.
        'web-fetch': 'web_search',
        'web-search': 'web_search',
        todo: 'update_plan',
        delegate: 'spawn_agent',
        ask: null,
        skill: null,
        lsp: null,
      },
      enforcement: {
        by: 'flags',
        // A role states them; the running session's own sandbox is what counts (observed with 0.169.0), so they remove nothing.
        flags: [
          { key: 'sandbox_mode', value: 'read-only', when: 'none', of: ['write', 'edit', 'notebook', 'shell'], removes: [] },
          { key: 'sandbox_mode', value: 'workspace-write', when: 'any', of: ['write', 'edit', 'notebook', 'shell'], removes: [] },
          // This one holds, for `exec_command` and `write_stdin` (seen with 0.169.0).
          {
            key: 'features',
            value: { shell_tool: false },
            when: 'none',
            of: ['read', 'list', 'glob', 'grep', 'shell'],
            removes: ['read', 'list', 'glob', 'grep', 'shell'],
          },
          { key: 'web_search', value: 'disabled', when: 'none', of: ['web-search', 'web-fetch'], removes: [] },
        ],
        why: 'Codex has no tool list; `sandbox_mode` states an intent, and the session it runs in decides.',
      },
      mcp: { tool: 'mcp__{server}__{tool}', server: 'mcp__{server}' },
    },
    // Claude's words load, and fail when the agent runs.
    model: { key: 'model', inherit: null, accepts: /^(?:gpt-\d|o\d|codex-).*$/ },
    // One that the model lacks leaves a role that cannot be called. Every model of the program has these.
    effort: { key: 'model_reasoning_effort', values: ['low', 'medium', 'high', 'xhigh'] },
    mcpServers: {
      key: 'mcp_servers',
      shape: 'map',
      // A table without command or url is refused ("invalid transport").
      references: false,
      transports: {
        stdio: { keys: { command: 'command', args: 'args', env: 'env' } },
        http: { keys: { url: 'url', headers: 'http_headers' } },
      },
    },
  },
  body: { key: 'developer_instructions' },
  schema: closed({
    name: filled,
    description: filled,
    developer_instructions: filled,
    nickname_candidates: v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(/^[A-Za-z0-9 _-]*\S[A-Za-z0-9 _-]*$/))), v.minLength(1))),
    model: word,
    model_provider: word,
    model_reasoning_effort: word,
    model_reasoning_summary: word,
    model_verbosity: word,
    model_context_window: v.optional(v.number()),
    service_tier: word,
    personality: word,
    approval_policy: v.optional(v.picklist(['untrusted', 'on-request', 'never'])),
    sandbox_mode: v.optional(v.picklist(['read-only', 'workspace-write', 'danger-full-access'])),
    web_search: v.optional(v.picklist(['disabled', 'cached', 'indexed', 'live'])),
    mcp_servers: v.optional(v.record(v.string(), mcpServer)),
    features: v.optional(v.record(v.string(), v.boolean())),
    skills: v.optional(v.looseObject({})),
    tools: v.optional(v.looseObject({})),
  }),
};
