import * as v from 'valibot';
import type { Target } from './target.js';

const filled = v.pipe(v.string(), v.minLength(1));

/** https://docs.langchain.com/oss/deepagents/code/subagents; the loader is `_parse_subagent_file` of subagents.py. */
export const deepagents: Target = {
  name: 'deepagents',
  title: 'Deep Agents Code',
  verified: 'documentation',
  against: 'langchain-ai/deepagents libs/code/deepagents_code/subagents.py at 06861ba, November 2026',
  // The folder's name is the agent's, and no other file name is read.
  path: '.deepagents/agents/{id}/AGENTS.md',
  format: 'yaml',
  // A line that begins with `---` ends the header; PyYAML takes U+0085 for a line end and refuses the file for the others.
  escapes: /-(?=--)/g,
  fields: {
    // Of two agents with one name, one is lost.
    name: { key: 'name', accepts: /\S/ },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      // What agent.py and graph.py of the SDK give to every such agent.
      ids: {
        read: 'read_file',
        list: 'ls',
        glob: 'glob',
        grep: 'grep',
        write: 'write_file',
        edit: 'edit_file',
        notebook: null,
        shell: 'execute',
        'web-fetch': 'fetch_url',
        // With a key for Tavily.
        'web-search': 'web_search',
        todo: 'write_todos',
        delegate: null,
        ask: null,
        skill: null,
        lsp: null,
      },
      // No key of the header is about tools: https://github.com/langchain-ai/deepagents/issues/5742.
      enforcement: { by: 'flags', flags: [], why: 'Deep Agents Code gives every agent the tools of its caller.' },
      // Every server of the session.
      mcp: {},
    },
    // `provider:model`. A model that the user's policy does not allow keeps the whole program from starting.
    model: { key: 'model', inherit: null, accepts: /^[a-z][a-z0-9_-]*:\S+$/ },
  },
  body: {},
  // Other keys are ignored.
  schema: v.looseObject({ name: v.optional(filled), description: filled, model: v.optional(v.string()), body: v.string() }),
};
