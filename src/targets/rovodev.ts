import * as v from 'valibot';
import type { Target } from './target.js';

/** https://support.atlassian.com/rovo/docs/use-subagents-in-rovo-dev-cli. */
export const rovodev: Target = {
  name: 'rovodev',
  title: 'Rovo Dev CLI',
  verified: 'documentation',
  against: 'support.atlassian.com, November 2026',
  path: '.rovodev/subagents/{id}.md',
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
      // https://support.atlassian.com/rovo/docs/use-tools-in-rovo-dev-cli, and `bash` of the page on subagents.
      ids: {
        read: ['open_files', 'expand_code_chunks'],
        list: 'expand_folder',
        glob: null,
        grep: 'grep',
        write: 'create_file',
        edit: 'find_and_replace_code',
        notebook: null,
        // `powershell` on Windows.
        shell: 'bash',
        'web-fetch': null,
        'web-search': null,
        todo: null,
        delegate: null,
        ask: null,
        skill: null,
        lsp: null,
      },
      // Without the key an agent has its caller's tools (docs/ide-info/rovo-dev.md of bmad-code-org/BMAD-METHOD). What an empty
      // list means is not said.
      enforcement: { by: 'allow-list', key: 'tools', shape: 'list', nothing: ['expand_folder'], patterns: false },
    },
    // In the files that its own dialog writes, as people have committed them. Ids there have had three forms, so none is known.
    model: { key: 'model', inherit: null },
  },
  body: {},
  schema: v.looseObject({
    name: v.pipe(v.string(), v.minLength(1)),
    description: v.pipe(v.string(), v.minLength(1)),
    tools: v.optional(v.pipe(v.array(v.string()), v.minLength(1, 'what an empty list means is not known'))),
    model: v.optional(v.nullable(v.string())),
    body: v.string(),
  }),
};
