import { agentSkills } from '../../../src/targets/agent-skills.js';
import { ask, type Project } from '../client.js';
import { conformance } from '../suite.js';

interface Answer {
  readonly skills: readonly { readonly name: string; readonly description: string; readonly body?: string }[];
  readonly refused: readonly string[];
  readonly description: number;
  readonly name: number;
}

const answer = (project: Project): Answer => ask<Answer>(project, new URL('agent-skills.load.js', import.meta.url));

conformance({
  target: 'agent-skills',
  program: 'skills-ref',
  async load(project) {
    const { skills, refused } = answer(project);
    return {
      agents: skills.map(({ name, description, body }) => ({ name, description, ...(body !== undefined && { prompt: body }) })),
      refused,
    };
  },
  async facts(project) {
    const { description, name } = answer(project);
    const { fields } = agentSkills;
    const longest = Array.from({ length: 256 }, (_, length) => length).filter((length) => fields.name?.accepts.test('a'.repeat(length)));
    return [
      { of: 'characters of a description', ours: [String(fields.description.limit?.characters)], theirs: [String(description)] },
      { of: 'characters of a name', ours: [String(longest.at(-1))], theirs: [String(name)] },
    ];
  },
});
