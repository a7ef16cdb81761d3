import * as v from 'valibot';
import { closed } from './schema.js';
import type { Target } from './target.js';

const line = v.pipe(v.string(), v.regex(/^[^\r\n]*$/, 'must be one line'));
const flag = v.optional(v.literal(true));

/** https://cursor.com/docs/subagents; the header is not YAML: each line is split at its first colon, the rest is the value. */
export const cursor: Target = {
  name: 'cursor',
  title: 'Cursor',
  verified: 'loader',
  against: '@cursor/sdk 1.0.32',
  path: '.cursor/agents/{id}.md',
  // The first of one name is kept, its own folder first.
  alsoReads: ['claude-code'],
  format: 'bare-lines',
  fields: {
    // Nothing is refused; the documentation wants lower case and hyphens.
    name: { key: 'name', accepts: /^[a-z0-9_-]+$/, takes: 'lower-case letters, digits, hyphens and underscores' },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      // Tool names of the SDK, for the record: an agent file cannot list them with a known effect.
      ids: {
        read: 'read',
        list: 'ls',
        glob: 'glob',
        grep: 'grep',
        write: 'edit',
        edit: 'edit',
        notebook: 'edit',
        shell: 'shell',
        'web-fetch': 'webFetch',
        'web-search': 'webSearch',
        todo: 'updateTodos',
        delegate: 'task',
        ask: 'askQuestion',
        skill: null,
        lsp: 'readLints',
      },
      enforcement: {
        by: 'flags',
        flags: [
          {
            key: 'readonly',
            value: true,
            when: 'none',
            of: ['write', 'edit', 'notebook', 'shell'],
            removes: ['write', 'edit', 'notebook', 'shell'],
          },
        ],
        why: 'Cursor has no tool list, only `readonly`.',
      },
      mcp: { tool: '{server}/{tool}', server: '{server}' },
    },
    // Ids come from the account's own list, so none can be recognised here; `models` in the config names them.
    model: { key: 'model', inherit: 'inherit' },
    background: { key: 'background', values: [true] },
  },
  body: {},
  schema: closed({
    name: line,
    description: line,
    model: v.optional(line),
    readonly: flag,
    background: flag,
    'force-default-model': flag,
    // A file with an empty body is skipped without a word.
    body: v.pipe(v.string(), v.regex(/\S/, 'must not be empty')),
  }),
};
