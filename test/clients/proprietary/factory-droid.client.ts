import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Capability } from '../../../src/ir.js';
import { factoryDroid } from '../../../src/targets/factory-droid.js';
import { ask, headersOf, installed, type Project, translated, UNNAMED } from '../client.js';
import { conformance } from '../suite.js';

/** What its tools let an agent do. Who may read or find files may see that they are there. */
const CAPABILITIES: { readonly [tool: string]: readonly Capability[] } = {
  Read: ['read', 'list'],
  LS: ['list'],
  Glob: ['glob', 'list'],
  Grep: ['grep'],
  Create: ['write', 'edit'],
  Edit: ['edit'],
  ApplyPatch: ['write', 'edit'],
  Execute: ['shell'],
  FetchUrl: ['web-fetch'],
  WebSearch: ['web-search'],
  TodoWrite: ['todo'],
  Skill: ['skill'],
};

interface Told {
  readonly droids: readonly {
    readonly name: string;
    readonly description: string;
    readonly prompt?: string;
    readonly model?: string | null;
    readonly tools?: readonly string[];
  }[];
  /** The tools of a droid that lists none, and all that there are. */
  readonly always: readonly string[];
  readonly all: readonly string[];
}

const SCRIPT = new URL('./factory-droid.load.js', import.meta.url);

/** The tools of MCP servers that the files name. */
function serversOf(project: Project): { [server: string]: string[] } {
  const servers = new Map([[UNNAMED.server, new Set([UNNAMED.tool])]]);
  for (const header of headersOf(project)) {
    for (const [, server = '', tool = ''] of header.matchAll(/^ +- "?(.+?)___(.+?)"?$/gm)) {
      servers.set(server, (servers.get(server) ?? new Set()).add(tool));
    }
  }
  return Object.fromEntries([...servers].map(([server, tools]) => [server, [...tools]]));
}

/** The models that the files name: the program takes those that there are only. */
const modelsOf = (project: Project): string[] => [
  ...new Set(headersOf(project).flatMap((header) => /^model: "?(?!inherit)(.+?)"?$/m.exec(header)?.[1] ?? [])),
];

function mcpIn(tools: readonly string[]): string[] {
  if (tools.includes(`${UNNAMED.server}___${UNNAMED.tool}`)) return ['*'];
  return tools.filter((tool) => tool.includes('___')).map((tool) => tool.replace('___', '/'));
}

function tell<Answer>(project: Project, ...args: readonly unknown[]): Answer {
  return ask<Answer>(
    project,
    SCRIPT,
    args.map((argument) => JSON.stringify(argument)),
    { timeout: 300_000 },
  );
}

conformance({
  target: 'factory-droid',
  program: '@factory/cli-linux-x64',
  async load(project) {
    const { droids } = tell<Told>(project, serversOf(project), modelsOf(project));
    return {
      agents: droids.map(({ tools = [], ...agent }) => ({
        ...agent,
        ...translated(tools, CAPABILITIES),
        mcp: mcpIn(tools),
      })),
      // A header that it does not take leaves the name of the file, every tool, and no word of it.
      refused: droids.filter(({ tools }) => !tools).map(({ name }) => `${name}: it does not start`),
    };
  },
  async facts(project) {
    const { fields } = factoryDroid;
    const folder = path.join(project.folder, '.factory', 'droids');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'reader.md'), '---\nname: reader\ntools:\n  - Read\n---\nYou read.\n');
    const { always, all } = tell<Told>(project, {}, []);
    const { given } = tell<{ given: readonly (readonly string[])[] }>(project, {}, [], true);
    const { stdout, stderr } = project.run(installed('@factory', 'cli-linux-x64', 'bin', 'droid'), ['exec', '--model', 'none', 'Start.']);
    const [, models = ''] = /^Available built-in models:\n(.+)$/m.exec(stdout + stderr) ?? [];
    const [, accepted = ''] = /^\^\(\?:(.+)\|custom:/.exec(fields.model?.accepts?.source ?? '') ?? [];
    return [
      { of: 'tool ids', ours: Object.values(fields.tools.ids).flatMap((id) => id ?? []), theirs: all },
      { of: 'tools of every droid', ours: always, theirs: ['TodoWrite', 'Skill'] },
      { of: 'tools of a droid that reads', ours: given.flat(), theirs: ['Read', ...always] },
      { of: 'models', ours: accepted.replaceAll('\\', '').split('|'), theirs: models.trim().split(', ') },
    ];
  },
});
