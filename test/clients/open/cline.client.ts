import type { Capability, Json } from '../../../src/ir.js';
import { cline } from '../../../src/targets/cline.js';
import { ask, translated } from '../client.js';
import { conformance } from '../suite.js';

/** What its tools let an agent do. */
const CAPABILITIES: { readonly [tool: string]: readonly Capability[] } = {
  read_files: ['read'],
  search_codebase: ['grep'],
  editor: ['write', 'edit'],
  apply_patch: ['write', 'edit'],
  run_commands: ['shell'],
  fetch_web_content: ['web-fetch'],
  web_search: ['web-search'],
  spawn_agent: ['delegate'],
  ask_question: ['ask'],
  skills: ['skill'],
};

interface Loaded {
  readonly agents: readonly {
    readonly name: string;
    readonly description: string;
    readonly prompt: string;
    readonly model: string | null;
    readonly tools: readonly string[];
  }[];
  readonly refused: readonly string[];
}

interface Facts {
  readonly keys: readonly string[];
  readonly ids: readonly string[];
  readonly given: readonly string[];
}

const SCRIPT = new URL('./cline.load.js', import.meta.url);

const { fields } = cline;
const ids = Object.values(fields.tools.ids).flatMap((id) => id ?? []);
const values: { readonly [key: string]: Json } = { maxIterations: 5, skills: ['test'], tools: ['read_files'] };

conformance({
  target: 'cline',
  program: '@cline/core',
  async load(project) {
    const { agents, refused } = ask<Loaded>(project, SCRIPT);
    return {
      agents: agents.map(({ tools, ...agent }) => ({
        ...agent,
        ...translated(tools, CAPABILITIES),
      })),
      refused,
    };
  },
  async facts(project) {
    const keys = [...Object.values(fields), fields.tools.enforcement].flatMap((rule) => ('key' in rule ? [rule.key] : []));
    const asked = keys.map((key) => [key, values[key] ?? 'test']);
    const program = ask<Facts>(project, SCRIPT, [JSON.stringify(asked)]);
    return [
      { of: 'header keys', ours: keys, theirs: program.keys },
      { of: 'tool ids', ours: ids, theirs: program.ids },
      { of: 'tools of a subagent', ours: ids, theirs: program.given },
    ];
  },
});
