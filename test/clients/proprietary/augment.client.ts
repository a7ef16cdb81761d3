import path from 'node:path';
import type { Capability } from '../../../src/ir.js';
import { augment } from '../../../src/targets/augment.js';
import { ask, headersOf, installed, type Project, UNNAMED } from '../client.js';
import { conformance } from '../suite.js';

/** What its tools let an agent do. */
const CAPABILITIES: { readonly [tool: string]: readonly Capability[] } = {
  view: ['read', 'list'],
  'grep-search': ['grep'],
  'save-file': ['write'],
  apply_patch: ['write', 'edit'],
  'remove-files': [],
  'str-replace-editor': ['edit'],
  'launch-process': ['shell'],
  'web-fetch': ['web-fetch'],
  'web-search': ['web-search'],
  view_tasklist: ['todo'],
  add_tasks: ['todo'],
  update_tasks: ['todo'],
  reorganize_tasklist: ['todo'],
};

interface Told {
  readonly name: string;
  readonly description: string;
  readonly file: string;
  readonly prompt?: string;
  readonly model?: string | null;
  readonly tools?: readonly string[];
}

const SCRIPT = new URL('./augment.load.js', import.meta.url);

/** The tools of MCP servers that the files name, as `tool_server`. */
function serversOf(project: Project): { [server: string]: string[] } {
  const servers = new Map([[UNNAMED.server, new Set([UNNAMED.tool])]]);
  for (const header of headersOf(project)) {
    for (const [, id = '', tool = '', server = ''] of header.matchAll(/^ +- "?(([\w-]+)_([\w-]+))"?$/gm)) {
      if (!Object.hasOwn(CAPABILITIES, id)) servers.set(server, (servers.get(server) ?? new Set()).add(tool));
    }
  }
  return Object.fromEntries([...servers].map(([server, tools]) => [server, [...tools]]));
}

/** The models that the files name: the program takes those of its account only. */
const modelsOf = (project: Project): string[] => [
  ...new Set(headersOf(project).flatMap((header) => /^model: "?(.+?)"?$/m.exec(header)?.[1] ?? [])),
];

/** Servers and their tools. Of a name with more underscores than one it is not known where the server's begins. */
function mcpIn(tools: readonly string[]): string[] | undefined {
  if (tools.includes(`${UNNAMED.tool}_${UNNAMED.server}`)) return ['*'];
  const names = tools.filter((tool) => tool.includes('_') && !Object.hasOwn(CAPABILITIES, tool)).map((tool) => tool.split('_'));
  return names.some(({ length }) => length > 2) ? undefined : names.map(([tool, server]) => `${server}/${tool}`);
}

conformance({
  target: 'augment',
  program: '@augmentcode/auggie',
  async load(project) {
    const args = [serversOf(project), modelsOf(project)].map((argument) => JSON.stringify(argument));
    const told = ask<Told[]>(project, SCRIPT, args, { timeout: 300_000 });
    const taken = new Set(told.map(({ file }) => path.relative(project.folder, file)));
    return {
      agents: told.map(({ file, tools = [], ...agent }) => {
        const mcp = mcpIn(tools);
        return { ...agent, capabilities: [...new Set(tools.flatMap((tool) => CAPABILITIES[tool] ?? []))], ...(mcp && { mcp }) };
      }),
      // A file that it does not take is passed over without a word.
      refused: [
        ...project.files.filter((file) => !taken.has(file)),
        ...told.filter(({ tools }) => !tools).map(({ name }) => `${name}: it cannot be called`),
      ],
    };
  },
  async facts(project) {
    const { stdout } = project.run(process.execPath, [installed('@augmentcode', 'auggie', 'augment.mjs'), 'tools', 'list']);
    const ids = Object.values(augment.fields.tools.ids).flatMap((id) => id ?? []);
    return [
      {
        of: 'tool ids',
        // The account's own tools are not in that list.
        ours: ids.filter((id) => id !== 'web-search'),
        theirs: [...stdout.matchAll(/^ +\S ([\w-]+) +enabled$/gm)].map(([, id = '']) => id),
      },
    ];
  },
});
