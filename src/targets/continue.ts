import * as v from 'valibot';
import type { Target } from './target.js';

const filled = v.pipe(v.string(), v.regex(/\S/, 'must not be blank'));

/** packages/config-yaml/src/markdown/agentFiles.ts of continuedev/continue; a file for `cn --agent`, not a subagent. */
export const continueDev: Target = {
  name: 'continue',
  title: 'Continue',
  verified: 'loader',
  against: '@continuedev/config-yaml 1.42.0, @continuedev/cli 1.5.47',
  path: '.continue/agents/{id}.md',
  format: 'yaml',
  // Its lines end at these too, and a line of `---` ends the header wherever it stands: the keys behind it become prompt.
  escapes: /[\u2028\u2029]/g,
  fields: {
    name: { key: 'name', accepts: /\S/ },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      ids: {
        read: 'Read',
        list: 'List',
        glob: null,
        grep: 'Search',
        write: 'Write',
        // A strong model gets the one, others the other.
        edit: ['Edit', 'MultiEdit'],
        notebook: null,
        shell: 'Bash',
        'web-fetch': 'Fetch',
        'web-search': null,
        todo: 'Checklist',
        // Behind the switch `--beta-subagent-tool`.
        delegate: 'Subagent',
        ask: 'AskQuestion',
        skill: 'Skills',
        lsp: null,
      },
      // ToolPermissionService: an empty text is every tool, and so is a list that names none; a word that is no tool's name
      // excludes them all. A list is refused.
      enforcement: { by: 'allow-list', key: 'tools', shape: 'comma-string', nothing: 'none', patterns: false },
      // generateAgentFilePolicies ends with every tool that is not built in.
      mcp: { always: true },
      alwaysNative: ['CheckBackgroundJob'],
    },
  },
  body: {},
  schema: v.looseObject({
    name: filled,
    description: v.optional(v.string()),
    // Models came from a service that is gone: any word here keeps the agent from starting ("Hub package loading has been removed").
    model: v.optional(v.never('keeps the agent from starting')),
    tools: v.optional(filled),
    rules: v.optional(v.string()),
    body: filled,
  }),
};
