import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Capability } from '../../../src/ir.js';
import { continueDev } from '../../../src/targets/continue.js';
import { ask, type Project, translated } from '../client.js';
import { conformance } from '../suite.js';

/** What its tools let an agent do. Who reads files sees what is there, and who writes them can change a part. */
const CAPABILITIES: { readonly [tool: string]: readonly Capability[] } = {
  Read: ['read', 'list'],
  List: ['list'],
  Search: ['grep'],
  Write: ['write', 'edit'],
  Edit: ['edit'],
  MultiEdit: ['edit'],
  Bash: ['shell'],
  Fetch: ['web-fetch'],
  Checklist: ['todo'],
  Subagent: ['delegate'],
  AskQuestion: ['ask'],
  Skills: ['skill'],
};

interface Loaded {
  readonly agents: readonly {
    readonly file: string;
    readonly name: string;
    readonly description?: string;
    readonly prompt: string;
    readonly model?: string;
    readonly list: string;
  }[];
  /** By list, the tools that the program offers. */
  readonly lists: readonly (readonly [list: string, tools: readonly string[]])[];
  readonly refused: readonly string[];
}

interface Facts {
  readonly keys: readonly string[];
  readonly given: readonly string[];
}

/** The MCP tool that no agent names. */
const NOBODYS = 'nobodys';

const SCRIPT = new URL('./continue.load.js', import.meta.url);

/** The parser drops blank lines behind a line of `---`, which Markdown does not mind. Anything else is told as it is. */
function promptOf(loaded: string, file: string, { folder }: Project): string {
  const ours = readFileSync(path.join(folder, file), 'utf8').replace(/^---\r?\n[\s\S]*?\n---\r?\n/, '');
  const without = (text: string): string =>
    text
      .replaceAll('\r\n', '\n')
      .replaceAll(/^---\s*$/gm, '---')
      .trim();
  return without(ours) === loaded ? ours : loaded;
}

/** A run of the program takes a second, so that what is known of a list is kept. */
const offered = new Map<string, readonly string[]>();

conformance({
  target: 'continue',
  program: '@continuedev/cli',
  async load(project) {
    const known = JSON.stringify([...offered.keys()]);
    const { agents, lists, refused } = ask<Loaded>(project, SCRIPT, ['agents', known], { timeout: 600_000 });
    for (const [list, tools] of lists) offered.set(list, tools);
    return {
      agents: agents.map(({ file, name, description, prompt, model, list }) => {
        const tools = offered.get(list) ?? [];
        return {
          name,
          ...(description !== undefined && { description }),
          prompt: promptOf(prompt, file, project),
          model: model ?? null,
          ...translated(
            tools.filter((tool) => tool !== NOBODYS),
            CAPABILITIES,
          ),
          mcp: tools.includes(NOBODYS) ? ['*'] : [],
        };
      }),
      refused,
    };
  },
  async facts(project) {
    const { fields } = continueDev;
    const keys = [...Object.values(fields), fields.tools.enforcement].flatMap((rule) => ('key' in rule ? [rule.key] : []));
    const program = ask<Facts>(project, SCRIPT, ['facts', ...keys]);
    return [
      { of: 'header keys', ours: keys, theirs: program.keys },
      { of: 'tool ids', ours: Object.values(fields.tools.ids).flatMap((id) => id ?? []), theirs: program.given },
    ];
  },
});
