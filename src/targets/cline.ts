import * as v from 'valibot';
import type { Target } from './target.js';

const filled = v.pipe(v.string(), v.regex(/\S/, 'must not be blank'));
const words = v.optional(v.union([v.string(), v.array(v.string())]));

/**
 * sdk/packages/core/src/extensions/tools/team/configured-agent-config.ts of cline/cline. Agents of the command line and the
 * SDK; the extension for VS Code reads a folder of the user's, and has other tools.
 */
export const cline: Target = {
  name: 'cline',
  title: 'Cline',
  verified: 'loader',
  against: '@cline/core 0.0.86',
  // A header with a prompt below it, despite the extension; `.md` is not read.
  path: '.cline/agents/{id}.yaml',
  format: 'yaml',
  fields: {
    name: { key: 'name', accepts: /\S/ },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      ids: {
        read: 'read_files',
        // It lists and finds files through the shell.
        list: null,
        glob: null,
        grep: 'search_codebase',
        // `apply_patch` takes the place of `editor` with models of the GPT family.
        write: ['editor', 'apply_patch'],
        edit: ['editor', 'apply_patch'],
        notebook: null,
        shell: 'run_commands',
        'web-fetch': 'fetch_web_content',
        'web-search': null,
        todo: null,
        // `spawn_agent` and MCP tools are for the agent that a person talks to.
        delegate: null,
        ask: 'ask_question',
        skill: 'skills',
        lsp: null,
      },
      // A word that is no tool's name matches nothing.
      enforcement: { by: 'allow-list', key: 'tools', shape: 'list', patterns: false },
      // In a project with skills it comes with an extension that no list reaches.
      always: ['skill'],
    },
    // A name that the session's provider knows; none can be recognised here.
    model: { key: 'modelId', inherit: null },
    maxTurns: { key: 'maxIterations' },
    skills: { key: 'skills' },
  },
  // A `---` line in the prompt is no hazard: the header ends at the last one before which all is one YAML document.
  body: {},
  schema: v.looseObject({
    name: filled,
    description: filled,
    tools: words,
    skills: words,
    providerId: v.optional(filled),
    modelId: v.optional(filled),
    maxIterations: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    body: filled,
  }),
};
