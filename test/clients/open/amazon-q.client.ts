import type { Capability } from '../../../src/ir.js';
import { amazonQ } from '../../../src/targets/amazon-q.js';
import { ask, type LoadedAgent, type Project } from '../client.js';
import { conformance } from '../suite.js';

/** What its tools let an agent do. */
const TOOLS: { readonly [id: string]: readonly Capability[] } = {
  fs_read: ['read', 'list', 'glob', 'grep'],
  fs_write: ['write', 'edit', 'notebook'],
  execute_bash: ['shell'],
  todo_list: ['todo'],
  delegate: ['delegate'],
};

interface Answer {
  readonly agents: readonly {
    readonly name: string;
    readonly description?: string;
    readonly prompt?: string;
    readonly model?: string;
    readonly tools?: readonly string[];
  }[];
  readonly refused: readonly string[];
  readonly keys: readonly string[];
  readonly serverKeys: readonly string[];
}

/**
 * The program is in no package registry. amazon-q.schema.json says the keys, types and requirements of schemas/agent-v1.json
 * of https://github.com/aws/amazon-q-developer-cli (at 4930066b27f221267288f9911de5b533138cafcb), written anew.
 */
const answer = (project: Project): Answer => ask<Answer>(project, new URL('amazon-q.load.js', import.meta.url));

conformance({
  target: 'amazon-q',
  program: 'keys and types of agent-v1.json (1.16), by ajv',
  needs: 'ajv',
  async load(project) {
    const { agents, refused } = answer(project);
    return { agents: agents.map(read), refused };
  },
  async facts(project) {
    const { keys, serverKeys } = answer(project);
    const { name, description, tools, model, mcpServers } = amazonQ.fields;
    const ours = [name, description, tools.enforcement, model, mcpServers, amazonQ.body].flatMap((rule) =>
      rule && 'key' in rule ? [rule.key ?? ''] : [],
    );
    const transports = Object.values(mcpServers?.transports ?? {});
    return [
      { of: 'keys', ours: [...ours, tools.mcp?.switch?.key ?? ''], theirs: keys },
      {
        of: 'keys of servers',
        ours: transports.flatMap((way) => [...Object.values(way.keys), ...Object.keys(way.constants ?? {})]),
        theirs: serverKeys,
      },
    ];
  },
});

function read({ name, description, prompt, model, tools = [] }: Answer['agents'][number]): LoadedAgent {
  const all = tools.length === 1 && tools[0] === '*';
  return {
    name,
    ...(description !== undefined && { description }),
    ...(prompt !== undefined && { prompt }),
    model: model ?? null,
    capabilities: all ? Object.values(TOOLS).flat() : tools.flatMap((id) => TOOLS[id] ?? []),
    mcp: all ? ['*'] : tools.filter((id) => id.startsWith('@')).map((id) => id.slice(1)),
  };
}
