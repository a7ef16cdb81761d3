import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Capability } from '../../../src/ir.js';
import { goose } from '../../../src/targets/goose.js';
import { ask, type Project, translated } from '../client.js';
import { conformance } from '../suite.js';

/** What its tools let an agent do. */
const TOOLS: { readonly [id: string]: readonly Capability[] } = {
  shell: ['read', 'glob', 'grep', 'shell'],
  tree: ['list'],
  write: ['write'],
  edit: ['edit', 'notebook'],
  load_skill: ['skill'],
  todo__todo_write: ['todo'],
  delegate: ['delegate'],
};

interface Called {
  readonly name: string;
  readonly description: string;
  readonly file: string;
  readonly prompt?: string;
  readonly model?: string;
  readonly tools?: readonly string[];
}

const called = (project: Project): readonly Called[] => ask(project, new URL('goose.load.js', import.meta.url), [], { timeout: 300_000 });

conformance({
  target: 'goose',
  program: '@aaif/goose-binary-linux-x64',
  async load(project) {
    const agents = called(project);
    const taken = new Set(agents.map(({ file }) => file.slice(project.folder.length + 1)));
    const uncalled = agents.filter(({ tools }) => !tools).map(({ name }) => `${name}: it cannot be called`);
    return {
      agents: agents.map(({ name, description, prompt = '', model, tools = [] }) => ({
        name,
        description,
        prompt,
        model: model === 'model-of-the-session' ? null : (model ?? null),
        ...translated(tools, TOOLS),
        // The session has one server.
        mcp: tools.some((id) => id.startsWith('probe__')) ? ['*'] : [],
      })),
      // A file that it does not take is passed over without a word.
      refused: [...project.files.filter((file) => !taken.has(file)), ...uncalled],
    };
  },
  async facts(project) {
    const folder = path.join(project.folder, '.goose', 'agents');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'anybody.md'), '---\nname: anybody\n---\nYou are anybody.\n');
    return [
      {
        of: 'tool ids',
        ours: Object.values(goose.fields.tools.ids)
          .flat()
          .filter((id) => id !== null),
        theirs: called(project)[0]?.tools ?? [],
      },
    ];
  },
});
