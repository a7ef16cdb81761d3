import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Capability } from '../../../src/ir.js';
import { copilot } from '../../../src/targets/copilot.js';
import { ask, type Client, type Fact, installed, type LoadedAgent, type Project } from '../client.js';
import { conformance } from '../suite.js';

/** What copilot.load.js tells. */
interface Told {
  readonly parsed: readonly Parsed[];
  readonly agents: readonly Agent[];
}

interface Parsed {
  readonly file: string;
  readonly kind: 'success' | 'error';
  readonly message?: string;
  readonly warnings?: readonly string[];
  readonly agent?: { readonly prompt?: string };
}

interface Agent {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly path: string;
  readonly model?: string;
  readonly tools?: readonly string[];
  readonly mcpServers?: { readonly [name: string]: { readonly tools?: readonly string[] } };
  /** Absent where the agent has servers of its own. */
  readonly resolved?: readonly { readonly name: string; readonly server?: string; readonly tool?: string }[];
}

const PLATFORM = `${process.platform}-${process.arch}`;
const PACKAGE = `@github/copilot-${PLATFORM}`;
const PROGRAM = installed(PACKAGE, process.platform === 'win32' ? 'copilot.exe' : 'copilot');
/** Where the program unpacks itself. */
const PACKAGES = installed('.cache', 'copilot');

/** `view` shows folders too, and there is one tool for files and notebooks. */
const CAPABILITIES: { readonly [tool: string]: readonly Capability[] } = {
  view: ['read', 'list'],
  grep: ['grep'],
  // Who searches by name sees what is there.
  glob: ['glob', 'list'],
  create: ['write', 'edit', 'notebook'],
  edit: ['edit', 'notebook'],
  bash: ['shell'],
  web_fetch: ['web-fetch'],
  update_todo: ['todo'],
  task: ['delegate'],
  ask_user: ['ask'],
  skill: ['skill'],
  lsp: ['lsp'],
};

const client: Client = {
  target: 'copilot',
  program: '@github/copilot',
  needs: PACKAGE,
  load: async (project) => {
    const { parsed, agents } = askProgram(project);
    const prompts = new Map(parsed.map(({ file, agent }) => [path.join(project.folder, file), agent?.prompt]));
    return {
      agents: agents.map((agent) => readAgent(agent, prompts.get(agent.path))),
      refused: parsed.flatMap(({ file, kind, message }) => (kind === 'error' ? `${file}: ${message}` : [])),
    };
  },
  facts: async (project) => facts(project),
};

function askProgram(project: Project): Told {
  const extract = { COPILOT_SEA_EXTRACT_ONLY: '1', COPILOT_PKG_CACHE_HOME: PACKAGES, COPILOT_AUTO_UPDATE: 'false' };
  project.run(PROGRAM, [], { env: extract });
  const { version } = JSON.parse(readFileSync(installed(PACKAGE, 'package.json'), 'utf8')) as { version: string };
  const unpacked = path.join(PACKAGES, 'pkg', PLATFORM, version);
  return ask<Told>(project, new URL('./copilot.load.js', import.meta.url), [unpacked, PROGRAM, PACKAGES, ...project.files], {
    timeout: 300_000,
  });
}

function readAgent(agent: Agent, prompt: string | undefined): LoadedAgent {
  const { name, description, model, resolved } = agent;
  return {
    name,
    description,
    model: model ?? null,
    ...(prompt !== undefined && { prompt }),
    ...(resolved && { capabilities: capabilitiesOf(agent), mcp: serversIn(agent) }),
  };
}

function capabilitiesOf({ tools, mcpServers, resolved }: Agent): Capability[] {
  const given = new Set(resolved?.flatMap((tool) => CAPABILITIES[tool.name] ?? []));
  // The tool `web_search` is on a server of GitHub's, which the program adds to an agent that may use it.
  const servers = Object.values(mcpServers ?? {});
  if (tools?.includes('*') || servers.some((server) => server.tools?.includes('web_search'))) given.add('web-search');
  return [...given];
}

/** See copilot.load.js for the server and the tools that no file names. */
function serversIn({ tools = [], resolved = [] }: Agent): string[] {
  const own = resolved.flatMap(({ server, tool }) => (server !== undefined && tool !== undefined ? [{ server, tool }] : []));
  if (own.some(({ server }) => server === 'unnamed-server')) return ['*'];
  const whole = new Set(own.filter(({ tool }) => tool === 'unnamed-tool').map(({ server }) => server));
  // The server of GitHub's is built in, and not there offline.
  const hosted = tools.filter((word) => word.startsWith('github/')).map((word) => word.replace(/\/\*$/, ''));
  return [...whole, ...hosted, ...own.filter(({ server }) => !whole.has(server)).map(({ server, tool }) => `${server}/${tool}`)];
}

/** An agent for each id in our data: what the program makes of it. And the words that its help lists. */
function facts(project: Project): Fact[] {
  const ids = Object.entries(copilot.fields.tools.ids) as [Capability, string | readonly string[] | null][];
  const stated = ids.flatMap(([capability, id]) => (id === null ? [] : [{ capability, words: [id].flat() }]));
  const folder = path.join(project.folder, '.github', 'agents');
  mkdirSync(folder, { recursive: true });
  for (const { capability, words } of stated) {
    const header = `name: ${capability}\ndescription: x\ntools: ${JSON.stringify(words)}\n`;
    writeFileSync(path.join(folder, `${capability}.agent.md`), `---\n${header}---\nPrompt.\n`);
  }
  const { agents } = askProgram(project);
  const gives = (capability: Capability): boolean =>
    agents.some((agent) => agent.name === capability && capabilitiesOf(agent).includes(capability));
  const help = project.run(PROGRAM, ['--help']).stdout;
  const efforts = /--reasoning-effort <level>[^[]*\[possible values: ([^\]]*)\]/.exec(help)?.[1] ?? '';
  return [
    { of: 'tool ids', ours: stated.map(({ capability }) => capability), theirs: stated.map((one) => one.capability).filter(gives) },
    { of: 'efforts', ours: (copilot.fields.effort?.values ?? []).map(String), theirs: efforts.split(', ') },
  ];
}

conformance(client);
