import * as v from 'valibot';
import { closed } from './schema.js';
import type { Target } from './target.js';

const filled = v.pipe(v.string(), v.regex(/\S/, 'must not be blank'));

/**
 * documentation/docs/mcp/summon-mcp.md of https://github.com/aaif-goose/goose. An agent file and not a recipe: `delegate` gives
 * a recipe all tools of its caller too, whatever its `extensions` say (run with 1.52.0;
 * https://github.com/aaif-goose/goose/issues/9949), so that a recipe would look narrow and be open.
 */
export const goose: Target = {
  name: 'goose',
  title: 'Goose',
  verified: 'loader',
  against: '@aaif/goose-binary-linux-x64 1.52.0',
  path: '.goose/agents/{id}.md',
  format: 'yaml',
  // The file is split at `---` wherever it stands; a value that has it ends the header, or the file is skipped without a word.
  escapes: /-(?=--)/g,
  // It reads Claude Code's agents too. The first of one name wins, and its own folder comes first.
  alsoReads: ['claude-code', 'antigravity'],
  fields: {
    // Any text that is not blank loads; these are the names that Claude Code takes.
    name: { key: 'name', accepts: /^(?!-)[^:]{1,256}$/, takes: 'at most 256 characters without a colon, and no hyphen first' },
    // The model that chooses an agent is shown the first 160 characters.
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      // The tools of a session with the extensions that are on by default. It reads and searches through the shell.
      ids: {
        read: 'shell',
        list: 'tree',
        glob: 'shell',
        grep: 'shell',
        write: 'write',
        edit: 'edit',
        notebook: 'edit',
        shell: 'shell',
        'web-fetch': null,
        'web-search': null,
        todo: null,
        // `delegate` is taken from delegates.
        delegate: null,
        ask: null,
        skill: 'load_skill',
        lsp: null,
      },
      enforcement: { by: 'flags', flags: [], why: 'A Goose agent has every tool of the session that calls it.' },
      // Of the extensions that are on by default (run with 1.52.0).
      alwaysNative: ['analyze', 'load', 'read_image'],
      mcp: { tool: '{server}__{tool}', server: '{server}' },
    },
    // A name that the session's provider knows. `inherit` is sent as such a name, and the run fails.
    model: { key: 'model', inherit: null },
  },
  body: {
    rewrites: [
      {
        // The prompt is rendered as a template when the agent is called. `{{ a.b }}` or `{% raw %}` makes that fail, and all of
        // the prompt is replaced by one sentence about Goose, without a word (run with 1.52.0).
        pattern: /\{(?=[{%#])/g,
        replacement: "{{'{'}}",
        why: 'Goose would read it as part of a template',
        exact: true,
      },
    ],
  },
  schema: closed({
    name: filled,
    description: v.string(),
    model: v.optional(filled),
    body: v.pipe(
      // It is not listed without a prompt, and cannot be mentioned.
      filled,
      v.check((text) => !/\{[{%#]/.test(text.replaceAll("{{'{'}}", '')), 'must not hold the start of a template expression'),
    ),
  }),
};
