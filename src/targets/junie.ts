import * as v from 'valibot';
import { closed } from './schema.js';
import type { Target } from './target.js';

const GROUPS = ['Read', 'Bash', 'Glob', 'Grep', 'Write', 'Edit', 'WebSearch', 'AskUserQuestion'] as const;

const words = v.optional(v.array(v.string()));
const level = v.optional(v.picklist(['low', 'medium', 'high']));

/** https://junie.jetbrains.com/docs/junie-cli-subagents.html. */
export const junie: Target = {
  name: 'junie',
  title: 'Junie',
  verified: 'documentation',
  against: 'junie.jetbrains.com, November 2026',
  path: '.junie/agents/{id}.md',
  format: 'yaml',
  // Its reader is not documented: one may end the header at `---` in a value.
  escapes: /-(?=--)/g,
  fields: {
    // The page of June had no `_`; the later one has.
    name: { key: 'name', accepts: /^[a-z][a-z0-9_-]*$/, takes: 'lower-case letters, digits, hyphens and underscores, with a letter first' },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      ids: {
        read: 'Read',
        list: null,
        glob: 'Glob',
        grep: 'Grep',
        write: 'Write',
        edit: 'Edit',
        notebook: null,
        shell: 'Bash',
        'web-fetch': null,
        'web-search': 'WebSearch',
        todo: null,
        delegate: null,
        ask: 'AskUserQuestion',
        skill: null,
        lsp: null,
      },
      // An empty list is no list. One that is not empty keeps tools of MCP servers out too; how to name them is not said, and
      // `mcpServers` only narrows what an agent without a list has.
      enforcement: {
        by: 'allow-list',
        key: 'tools',
        shape: 'list',
        nothing: ['AskUserQuestion'],
        denyKey: 'disallowedTools',
        patterns: false,
      },
    },
    // Ids depend on the account; "some builds" know `sonnet`, `opus` and `grok`. `custom:` is a profile of the user's own, as
    // the documentation's page on custom LLMs has it.
    model: { key: 'model', inherit: null, accepts: /^(?:grok|custom:\S+)$/ },
    maxTurns: { key: 'maxTurns' },
    effort: { key: 'reasoningLevel', values: ['low', 'medium', 'high'] },
    skills: { key: 'skills' },
  },
  // Arguments of a prompt (junie-cli-subagents page); no escape is documented.
  body: { expands: [{ pattern: /\$(?:path|focus|prompt)\b/g, why: 'an argument takes its place' }] },
  schema: closed({
    name: v.optional(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_-]*$/))),
    description: v.pipe(v.string(), v.regex(/\S/, 'must not be blank')),
    tools: v.optional(v.pipe(v.array(v.string()), v.minLength(1, 'an empty list means every tool'))),
    disallowedTools: v.optional(v.array(v.picklist(GROUPS, 'is not a group of tools'))),
    mcpServers: words,
    model: v.optional(v.string()),
    permissionMode: v.optional(v.string()),
    reasoningLevel: level,
    effort: level,
    maxTurns: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    skills: words,
    allowPromptArgument: v.optional(v.boolean()),
    body: v.string(),
  }),
};
