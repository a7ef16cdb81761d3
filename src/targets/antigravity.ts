import * as v from 'valibot';
import { closed } from './schema.js';
import type { Target } from './target.js';

// One unknown name, and the agent aborts at its start or hangs; agy 1.1.27 to 1.2.10 were asked for each of these, one by one:
// docs/experiments.md of github.com/gnuruzzi/e-colleagues (E17, E19).
const TOOLS = [
  ...['view_file', 'list_dir', 'find_by_name', 'grep_search', 'write_to_file', 'replace_file_content', 'run_command'],
  ...['read_url_content', 'search_web', 'invoke_subagent'],
];
const FURTHER = ['define_subagent', 'manage_task', 'manage_subagents', 'send_message'];

const paths = v.optional(v.array(v.string()));
const flag = v.optional(v.boolean());

/** https://antigravity.google/docs/subagents. */
export const antigravity: Target = {
  name: 'antigravity',
  title: 'Antigravity',
  verified: 'documentation',
  against: 'antigravity.google, November 2026',
  path: '.agents/agents/{id}.md',
  format: 'yaml',
  // Its reader is not documented: one may end the header at `---` in a value.
  escapes: /-(?=--)/g,
  fields: {
    name: {
      key: 'name',
      accepts: /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/,
      takes: 'lower-case letters, digits, hyphens and underscores, with a letter or digit first and last',
    },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      ids: {
        read: 'view_file',
        list: 'list_dir',
        glob: 'find_by_name',
        grep: 'grep_search',
        write: 'write_to_file',
        edit: 'replace_file_content',
        notebook: null,
        shell: 'run_command',
        'web-fetch': 'read_url_content',
        'web-search': 'search_web',
        todo: null,
        delegate: 'invoke_subagent',
        ask: null,
        skill: null,
        lsp: null,
      },
      // Without a list, or with an empty one, an agent has some ten tools that read (seen by users of agy 1.1 and 1.2).
      enforcement: {
        by: 'allow-list',
        key: 'tools',
        shape: 'list',
        everything: TOOLS,
        least: 'send_message',
        nothing: ['send_message'],
        patterns: false,
      },
    },
    // These three words only: with another an agent is dropped without a word (github.com/ai-driven-dev/framework, issue 916).
    model: { key: 'model', inherit: 'inherit', accepts: /^(?:flash|pro)$/ },
  },
  body: {},
  schema: closed({
    name: v.pipe(v.string(), v.minLength(1)),
    description: v.pipe(v.string(), v.minLength(1)),
    tools: v.pipe(
      v.array(v.picklist([...TOOLS, ...FURTHER], 'is not a tool of Antigravity')),
      v.minLength(1, 'an empty list means ten tools'),
    ),
    model: v.optional(v.picklist(['inherit', 'flash', 'pro'])),
    commandExecutionPolicy: v.optional(v.picklist(['off', 'auto', 'eager', 'sandbox'])),
    ...{ mainAgent: flag, subagent: flag, mcpServers: v.optional(v.array(v.looseObject({}))), skills: paths, plugins: paths },
    body: v.string(),
  }),
};
