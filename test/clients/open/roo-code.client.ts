import type { Capability } from '../../../src/ir.js';
import { rooCode } from '../../../src/targets/roo-code.js';
import { ask, type Project } from '../client.js';
import { conformance } from '../suite.js';

/** What the tools of a group let a mode do, by src/shared/tools.ts of RooCodeInc/Roo-Code. */
const GROUPS: { readonly [group: string]: readonly Capability[] } = {
  read: ['read', 'list', 'glob', 'grep'],
  edit: ['write', 'edit', 'notebook'],
  command: ['shell'],
};

/** update_todo_list, new_task, ask_followup_question and skill are there in every mode. */
const ALWAYS: readonly Capability[] = ['todo', 'delegate', 'ask', 'skill'];

interface Answer {
  readonly modes: readonly {
    readonly name: string;
    readonly whenToUse?: string;
    readonly roleDefinition: string;
    readonly groups: readonly (string | readonly [string, unknown])[];
  }[];
  readonly refused: readonly string[];
  readonly groups: readonly string[];
  readonly keys: readonly string[];
}

const answer = (project: Project): Answer => ask<Answer>(project, new URL('roo-code.load.js', import.meta.url));

conformance({
  target: 'roo-code',
  program: '@roo-code/types',
  async load(project) {
    const { modes, refused } = answer(project);
    return {
      agents: modes.map(({ name, whenToUse, roleDefinition, groups }) => ({
        name,
        ...(whenToUse !== undefined && { description: whenToUse }),
        prompt: roleDefinition,
        capabilities: [...ALWAYS, ...groups.flatMap((group) => (typeof group === 'string' ? (GROUPS[group] ?? []) : []))],
        mcp: groups.some((group) => group === 'mcp') ? ['*'] : [],
      })),
      refused,
    };
  },
  async facts(project) {
    const { groups, keys } = answer(project);
    const { name, description, tools } = rooCode.fields;
    const enforced = 'everything' in tools.enforcement ? tools.enforcement.everything : [];
    return [
      {
        of: 'groups',
        ours: [...Object.values(tools.ids).flat(), enforced, tools.mcp?.all].flat().filter((id) => typeof id === 'string'),
        theirs: groups,
      },
      {
        of: 'keys',
        ours: [rooCode.idKey, name?.key, description.key, 'key' in tools.enforcement && tools.enforcement.key, rooCode.body.key].map(
          String,
        ),
        theirs: keys,
      },
    ];
  },
});
