import * as v from 'valibot';
import { claudeCode } from './claude-code.js';
import { closed } from './schema.js';
import type { Target } from './target.js';

const NAME = /^(?=.{1,64}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** https://agentskills.io/specification; for assistants that have skills and no agents. */
export const agentSkills: Target = {
  name: 'agent-skills',
  title: 'Agent Skills',
  verified: 'loader',
  against: 'skills-ref 0.1.5',
  path: '.agents/skills/{id}/SKILL.md',
  format: 'yaml',
  ids: NAME,
  // The reference parser ends the header at the first `---` behind the first line, wherever it stands.
  escapes: /-(?=--)/g,
  fields: {
    // It must be the name of the folder.
    name: { key: 'name', accepts: NAME, takes: 'at most 64 lower-case letters and digits, with single hyphens between them' },
    // No `examples`: with them few descriptions keep to the limit.
    description: {
      key: 'description',
      limit: { characters: 1024, effect: 'The specification allows no more, and Codex cuts what it shows.', cut: true },
    },
    tools: {
      // `allowed-tools` spares a question and takes nothing away, so it is not written.
      ids: claudeCode.fields.tools.ids,
      enforcement: { by: 'flags', flags: [], why: 'A skill runs in the context of its caller, with the tools of its caller.' },
      mcp: { tool: 'mcp__{server}__{tool}', server: 'mcp__{server}' },
    },
  },
  body: {},
  schema: closed({
    name: v.pipe(v.string(), v.regex(NAME)),
    description: v.pipe(v.string(), v.regex(/\S/, 'must not be blank'), v.maxLength(1024)),
    license: v.optional(v.string()),
    compatibility: v.optional(v.pipe(v.string(), v.maxLength(500))),
    metadata: v.optional(v.record(v.string(), v.string())),
    'allowed-tools': v.optional(v.string()),
    body: v.string(),
  }),
};
