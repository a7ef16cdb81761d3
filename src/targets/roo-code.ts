import * as v from 'valibot';
import { closed } from './schema.js';
import type { Target } from './target.js';

const filled = v.pipe(v.string(), v.minLength(1));
const group = v.picklist(['read', 'edit', 'command', 'mcp', 'modes']);

/**
 * modeConfigSchema of @roo-code/types, and src/core/config/CustomModesManager.ts of RooCodeInc/Roo-Code. Development ended in
 * May 2026; its forks read the same file. One bad mode, and no mode of the file is there.
 */
export const rooCode: Target = {
  name: 'roo-code',
  title: 'Roo Code',
  verified: 'schema',
  against: '@roo-code/types 1.115.0',
  path: '.roomodes',
  builtIns: ['code', 'architect', 'ask', 'debug', 'orchestrator'],
  format: 'yaml',
  shared: { by: 'yaml-list', key: 'customModes', id: 'slug' },
  // cleanInvisibleCharacters of CustomModesManager rewrites these in the text of the file: quotes, dashes and spaces to their
  // plain forms, in the middle of quoted values too, which then end there. Zero-width ones are taken out.
  escapes: /[\u00a0\u200b-\u200d\u2010-\u2015\u2018\u2019\u201c\u201d\u2212]/g,
  ids: /^[a-zA-Z0-9-]+$/,
  idKey: 'slug',
  fields: {
    // What a person sees in the list of modes; a mode is called by its slug.
    name: { key: 'name', accepts: /\S/, takes: 'letters, digits and hyphens' },
    // `description` is for people. The model that chooses a mode is shown this.
    description: { key: 'whenToUse' },
    examples: { in: 'description' },
    tools: {
      ids: {
        read: 'read',
        list: 'read',
        glob: 'read',
        grep: 'read',
        write: 'edit',
        edit: 'edit',
        notebook: 'edit',
        shell: 'command',
        'web-fetch': null,
        'web-search': null,
        todo: null,
        delegate: null,
        ask: null,
        skill: null,
        lsp: null,
      },
      // The key must be there; an empty list says no group.
      enforcement: { by: 'allow-list', key: 'groups', shape: 'list', everything: ['read', 'edit', 'command', 'mcp'], patterns: false },
      // ALWAYS_AVAILABLE_TOOLS of src/shared/tools.ts.
      always: ['todo', 'delegate', 'ask', 'skill'],
      alwaysNative: ['switch_mode', 'run_slash_command'],
      // All servers or none.
      mcp: { all: 'mcp' },
    },
  },
  body: { key: 'roleDefinition' },
  schema: closed({
    slug: v.pipe(v.string(), v.regex(/^[a-zA-Z0-9-]+$/, 'must be letters, digits and hyphens')),
    name: filled,
    whenToUse: v.optional(v.string()),
    description: v.optional(v.string()),
    customInstructions: v.optional(v.string()),
    groups: v.pipe(
      v.array(
        v.union([group, v.tuple([group, v.looseObject({ fileRegex: v.optional(v.string()), description: v.optional(v.string()) })])]),
      ),
      v.check((groups) => new Set(groups.map((one) => [one].flat()[0])).size === groups.length, 'must not name a group twice'),
    ),
    roleDefinition: filled,
  }),
};
