/** What Gemini CLI tells of agents that it has loaded, as do programs built on it. */
import type { Capability } from '../../../src/ir.js';
import { type Loading, translated } from '../client.js';

export interface Told {
  readonly agents: readonly {
    readonly name: string;
    readonly description: string;
    readonly prompt: string;
    readonly model: string;
    readonly tools: readonly string[];
    readonly mcp: readonly string[];
  }[];
  readonly refused: readonly string[];
  /** The ids of its tools, and those that a subagent is given. */
  readonly ids: readonly string[];
  readonly given: readonly string[];
}

/** @param capabilities what its tools let an agent do */
export const inOurWords = ({ agents, refused }: Told, capabilities: { readonly [tool: string]: readonly Capability[] }): Loading => ({
  agents: agents.map(({ name, description, prompt, model, tools, mcp }) => ({
    name,
    description,
    prompt,
    model: model === 'inherit' ? null : model,
    ...translated(tools, capabilities),
    mcp,
  })),
  refused,
});
