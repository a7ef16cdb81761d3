import * as v from 'valibot';
import { closed } from './schema.js';
import type { Target } from './target.js';

const words = v.optional(v.array(v.string()));

/** https://docs.devin.ai/cli/subagents. Of the key `permissions`, which an older page had, nothing is said any more. */
export const devin: Target = {
  name: 'devin',
  title: 'Devin CLI',
  verified: 'documentation',
  against: 'docs.devin.ai, November 2026 (CLI 3000.11)',
  path: '.devin/agents/{id}/AGENT.md',
  format: 'yaml',
  // Its reader is not documented: one may end the header at `---` in a value.
  escapes: /-(?=--)/g,
  // `.claude/agents` unless the setting `read_config_from` says otherwise.
  alsoReads: ['claude-code', 'antigravity'],
  fields: {
    // It overrides the folder's name.
    name: {
      key: 'name',
      accepts: /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/,
      takes: 'lower-case letters, digits, hyphens and underscores, with a letter or digit first and last',
    },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      // The words of https://docs.devin.ai/cli/reference/permissions, and `write` of the changelog of 3000.11.1. Further tools
      // have names in the page on hooks; whether a list takes those is not said.
      ids: {
        read: 'read',
        list: null,
        glob: 'glob',
        grep: 'grep',
        write: 'write',
        edit: 'edit',
        notebook: null,
        shell: 'exec',
        'web-fetch': null,
        'web-search': null,
        todo: null,
        // Only with `max-nesting`.
        delegate: null,
        // Kept from every subagent.
        ask: null,
        skill: null,
        lsp: null,
      },
      // What an empty list means is not said; one tool of a server that is not there is none for certain.
      enforcement: { by: 'allow-list', key: 'allowed-tools', shape: 'list', nothing: ['mcp__none__none'], patterns: false },
      mcp: { tool: 'mcp__{server}__{tool}' },
    },
    // Ids have no dates and end in an effort. A wrong one is not refused. Without the key a router chooses, not the caller.
    model: { key: 'model', inherit: null, accepts: /^(?:swe|codex|(?:claude|gpt|swe)(?:-[a-z0-9]+)+-(?:low|medium|high|xhigh|max))$/ },
  },
  body: {},
  // An unknown key is warned of (CFG005).
  schema: closed({
    name: v.optional(v.string()),
    description: v.optional(v.string()),
    model: v.optional(v.string()),
    'allowed-tools': words,
    tools: words,
    'max-nesting': v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    body: v.string(),
  }),
};
