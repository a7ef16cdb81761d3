import * as v from 'valibot';
import { closed } from './schema.js';
import type { Target } from './target.js';

const THEME = ['primary', 'secondary', 'accent', 'success', 'warning', 'error', 'info'];
const action = v.picklist(['allow', 'ask', 'deny']);
const rules = v.record(v.string(), action);
/** Keys that take an action only; a map there stops the program. */
const FLAT = {
  todowrite: v.optional(action),
  question: v.optional(action),
  webfetch: v.optional(action),
  websearch: v.optional(action),
  doom_loop: v.optional(action),
};

/** https://opencode.ai/docs/agents; one wrong value in one file, and the whole program refuses to start. */
export const opencode: Target = {
  name: 'opencode',
  title: 'OpenCode',
  verified: 'loader',
  against: 'opencode-ai 1.18.33',
  // The id is the path; a `name` would replace it in one loader of the program and not in the other, so there is none.
  path: '.opencode/agents/{id}.md',
  builtIns: ['build', 'plan', 'general', 'explore', 'compaction', 'title', 'summary'],
  format: 'yaml',
  fields: {
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      ids: {
        read: 'read',
        // `list` is a key without a tool; `read` and `glob` show what is there.
        list: null,
        glob: 'glob',
        grep: 'grep',
        // One key for edit, write and apply_patch.
        write: 'edit',
        edit: 'edit',
        notebook: 'edit',
        shell: 'bash',
        'web-fetch': 'webfetch',
        'web-search': 'websearch',
        todo: 'todowrite',
        delegate: 'task',
        ask: 'question',
        skill: 'skill',
        lsp: 'lsp',
      },
      // `tools` with Claude's string or list is fatal; `permission` is the form that stays.
      enforcement: {
        by: 'permission-map',
        key: 'permission',
        patterns: { shell: 'glob', delegate: 'names' },
        // Its own rules for every agent (`opencode debug agent`).
        guards: { read: { '*.env': 'ask', '*.env.*': 'ask', '*.env.example': 'allow' } },
        // Denied to an agent that another one calls, unless its own map names them.
        named: ['todo', 'delegate', 'ask'],
      },
      mcp: { tool: '{server}_{tool}', server: '{server}_*', replaces: /[^a-zA-Z0-9_-]/g },
    },
    // `sonnet` is read as a provider with an empty model id, without an error.
    model: { key: 'model', inherit: null, accepts: /^[^/\s]+\/\S+$/ },
    // Names of CSS such as `red` are fatal.
    color: { key: 'color', names: THEME, hex: true },
    // Its default is `all`, which offers the agent as a main agent too.
    mode: { key: 'mode', default: 'subagent' },
    maxTurns: { key: 'steps' },
    temperature: { key: 'temperature' },
  },
  body: {},
  // Not loose: an unknown key is no error there, it is sent to the model's provider.
  schema: closed({
    description: v.optional(v.string()),
    mode: v.picklist(['subagent', 'primary', 'all']),
    model: v.optional(v.string()),
    variant: v.optional(v.string()),
    temperature: v.optional(v.number()),
    top_p: v.optional(v.number()),
    steps: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    permission: v.optional(v.union([action, v.objectWithRest(FLAT, v.union([action, rules]))])),
    color: v.optional(v.union([v.pipe(v.string(), v.regex(/^#[0-9a-fA-F]{6}$/)), v.picklist(THEME)])),
    hidden: v.optional(v.boolean()),
    disable: v.optional(v.boolean()),
    options: v.optional(v.record(v.string(), v.unknown())),
    body: v.string(),
  }),
};
