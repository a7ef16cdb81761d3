import * as v from 'valibot';
import { claudeCode } from './claude-code.js';
import { closed } from './schema.js';
import type { Target } from './target.js';

/**
 * https://agents.md; one Markdown file that many assistants read at every start. An index with a line for each agent, since
 * whole prompts would fill it: Codex reads 32 KiB of it, and no assistant can hand work to a section.
 */
export const agentsMd: Target = {
  name: 'agents-md',
  title: 'AGENTS.md',
  verified: 'documentation',
  against: 'agents.md, November 2026',
  path: 'AGENTS.md',
  shared: { by: 'marked-list', heading: 'Agents' },
  format: 'bare-lines',
  fields: {
    description: { key: 'description' },
    tools: {
      ids: claudeCode.fields.tools.ids,
      enforcement: { by: 'flags', flags: [], why: 'AGENTS.md is text: who reads it keeps the tools that it has.' },
      mcp: { tool: 'mcp__{server}__{tool}', server: 'mcp__{server}' },
    },
  },
  body: { instead: 'the line in AGENTS.md names the source' },
  schema: closed({ description: v.string(), body: v.string() }),
};
