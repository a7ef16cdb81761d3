import * as v from 'valibot';
import type { Target } from './target.js';

const NAME = /^(?!.*--)[A-Za-z0-9_-]+$/;
const COLORS = ['red', 'blue', 'green', 'yellow', 'orange', 'purple', 'pink', 'cyan'];
// An empty list is every tool.
const ids = v.optional(v.pipe(v.array(v.string()), v.minLength(1, 'would be every tool')));

/** https://docs.augmentcode.com/cli/subagents; what is wrong in a header is passed over without a word. */
export const augment: Target = {
  name: 'augment',
  title: 'Augment',
  verified: 'loader',
  against: '@augmentcode/auggie 0.36.0',
  // Its own folder comes first. A file of the same name in another one is passed over, whatever it calls its agent (observed).
  alsoReads: ['claude-code', 'antigravity'],
  path: '.augment/agents/{id}.md',
  builtIns: ['explore', 'plan', 'code', 'validate', 'research', 'general-purpose', 'auggie-guide', 'context-gathering'],
  format: 'yaml',
  // Any other character of a name becomes a hyphen, and of several one is left.
  ids: NAME,
  fields: {
    name: {
      key: 'name',
      accepts: /^[a-z0-9]+(?:[_-][a-z0-9]+)*$/,
      takes: 'lower-case letters and digits, with single hyphens or underscores between them',
    },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      // `auggie tools list`; `web-search` comes from the account.
      ids: {
        read: 'view',
        list: 'view',
        glob: null,
        grep: 'grep-search',
        // `save-file` makes new files only: who may write over a file removes it first.
        write: ['save-file', 'apply_patch', 'remove-files'],
        edit: 'str-replace-editor',
        notebook: null,
        shell: ['launch-process', 'read-process', 'write-process', 'kill-process', 'list-processes'],
        'web-fetch': 'web-fetch',
        'web-search': 'web-search',
        todo: ['view_tasklist', 'add_tasks', 'update_tasks', 'reorganize_tasklist'],
        // Agents are not given to agents, nor a person to ask.
        delegate: null,
        ask: null,
        skill: null,
        lsp: null,
      },
      // With both lists `tools` is thrown away. A name that no tool has leaves none.
      enforcement: {
        by: 'allow-list',
        key: 'tools',
        shape: 'list',
        nothing: ['none'],
        denyKey: 'disabled_tools',
        oneList: true,
        patterns: false,
      },
      // A longer id is cut.
      mcp: { tool: '{tool}_{server}', longest: 64, replaces: /[^a-zA-Z0-9_-]/g },
    },
    // Short names and ids of the account's own list, so none can be recognised here; `models` in the config names them.
    // There is no word for `inherit`, and any that the list lacks means it.
    model: { key: 'model', inherit: null },
    color: { key: 'color', names: COLORS, hex: false },
  },
  body: {},
  schema: v.looseObject({
    name: v.pipe(v.string(), v.regex(NAME)),
    description: v.string(),
    tools: ids,
    disabled_tools: ids,
    model: v.optional(v.pipe(v.string(), v.regex(/^(?!default$)/, 'is no model'))),
    color: v.optional(v.picklist(COLORS)),
    hidden: v.optional(v.boolean()),
    replace_system_prompt: v.optional(v.boolean()),
    disable_rules: v.optional(v.boolean()),
    disable_workspace_guidelines: v.optional(v.boolean()),
    disable_skills: v.optional(v.boolean()),
  }),
};
