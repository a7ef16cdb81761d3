import * as v from 'valibot';
import { CAPABILITIES } from './capabilities.js';
import type { Target } from './target.js';

/** The intermediate representation itself (src/ir.ts), with the prompt as it was merged: to look at, to compare, to test with. */
export const json: Target = {
  name: 'json',
  title: 'JSON',
  verified: 'schema',
  against: 'src/ir.ts of polyagent 0.1',
  path: '{id}.json',
  format: 'json',
  dialect: 'ir',
  fields: {
    description: { key: 'description' },
    tools: {
      ids: Object.fromEntries(CAPABILITIES.map((capability) => [capability, capability])) as Target['fields']['tools']['ids'],
      enforcement: { by: 'allow-list', key: 'tools', shape: 'list', patterns: true },
    },
  },
  body: { key: 'body' },
  schema: v.looseObject({
    id: v.string(),
    name: v.looseObject({ value: v.string() }),
    description: v.looseObject({ value: v.string(), full: v.string() }),
    tools: v.looseObject({ allow: v.union([v.literal('all'), v.array(v.looseObject({}))]), deny: v.array(v.looseObject({})) }),
    body: v.string(),
  }),
};
