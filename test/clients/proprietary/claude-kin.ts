/** Claude Code and its plugins: one program, asked in one way. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Capability } from '../../../src/ir.js';
import { ask, installed, type LoadedAgent, type Loading, type Project, translated, UNNAMED } from '../client.js';

/** What claude-code.load.js tells. */
export interface Told {
  readonly agents: readonly { readonly name: string; readonly description: string; readonly model?: string }[];
  /** The text in which the program offers its agents to a model. */
  readonly listing: string;
  readonly requests: { readonly [name: string]: { readonly model: string; readonly prompt: string; readonly tools: readonly string[] } };
  /** What the program says instead of starting an agent. */
  readonly refusals: { readonly [name: string]: string };
  readonly log: readonly string[];
}

/** The package of the program for this platform. */
export const PACKAGE = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`;
export const PROGRAM = installed(PACKAGE, process.platform === 'win32' ? 'claude.exe' : 'claude');

/** Who may write a file may change a part of it, and a notebook is a file. */
const CAPABILITIES: { readonly [tool: string]: readonly Capability[] } = {
  Read: ['read'],
  Glob: ['glob'],
  Grep: ['grep'],
  Write: ['write', 'edit', 'notebook'],
  Edit: ['edit', 'notebook'],
  NotebookEdit: ['notebook'],
  Bash: ['shell'],
  WebFetch: ['web-fetch'],
  WebSearch: ['web-search'],
  TodoWrite: ['todo'],
  Agent: ['delegate'],
  AskUserQuestion: ['ask'],
  Skill: ['skill'],
  LSP: ['lsp'],
};

/** By its own table of aliases. */
export const ALIASES = { KillShell: 'TaskStop', KillBash: 'TaskStop' };

/** The tools of MCP servers that the files name. */
function serversOf(project: Project): { [server: string]: string[] } {
  const servers = new Map<string, Set<string>>([[UNNAMED.server, new Set()]]);
  for (const file of project.files) {
    const text = readFileSync(path.join(project.folder, file), 'utf8');
    for (const [, server = '', tool] of text.matchAll(/\bmcp__([\w.-]+?)(?:__([\w.-]+|\*))?(?![\w.-])/g)) {
      const tools = servers.get(server) ?? new Set();
      servers.set(server, tool === undefined || tool === '*' ? tools : tools.add(tool));
    }
  }
  return Object.fromEntries([...servers].map(([server, tools]) => [server, [...tools, UNNAMED.tool]]));
}

/** Starts the program in the project, and has it start each agent. */
export function startEach(project: Project, args: readonly string[] = []): Told {
  // An agent with a worktree of its own needs a commit to begin with.
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  project.run('git', [...author, 'commit', '--quiet', '--allow-empty', '--message', 'Begin']);
  const script = new URL('./claude-code.load.js', import.meta.url);
  return ask<Told>(project, script, [PROGRAM, JSON.stringify(serversOf(project)), ...args], { timeout: 300_000 });
}

/** What the program tells, in our words. */
export function readLoading(told: Told, project: Project): Loading {
  return {
    agents: told.agents.map((agent) => readAgent(agent, told)),
    refused: told.log.filter((line) => isRefusal(line)).map((line) => line.replace(/^\S+ /, '').replaceAll(`${project.folder}/`, '')),
  };
}

function readAgent({ name, description, model }: Told['agents'][number], told: Told): LoadedAgent {
  const own = { name, description, model: model === undefined || model === 'inherit' ? null : model };
  const request = told.requests[name];
  const resolved = request?.tools ?? (told.refusals[name]?.includes('zero tools') ? [] : undefined);
  if (!resolved) return own;
  const { others, capabilities: known } = translated(resolved, CAPABILITIES);
  const capabilities = [...known];
  // Beside `Bash`, which searches by itself in this build, the tools for searching are left out.
  if (resolved.includes('Bash')) {
    const declared = declaredTools(name, description, told.listing);
    for (const tool of ['Glob', 'Grep']) if (declared(tool)) capabilities.push(...(CAPABILITIES[tool] ?? []));
  }
  return {
    ...own,
    ...(request && { prompt: promptOf(request.prompt) }),
    capabilities: [...new Set(capabilities)],
    others,
    mcp: serversIn(resolved),
  };
}

/** The prompt without what the program puts behind it. */
function promptOf(system: string): string {
  const [prompt = ''] = system.split(/(?:^|\n\n)(?:# Persistent Agent Memory\n|Messages from the agent that launched you)/, 1);
  return prompt;
}

/** Whether an agent's list has a tool, by the text that offers the agent to a model. */
function declaredTools(name: string, description: string, listing: string): (tool: string) => boolean {
  const start = `- ${name}: ${description} (Tools: `;
  const list = listing.slice(listing.indexOf(start) + start.length).split(/\)(?:\n|$)/, 1)[0] ?? '';
  const words = list.replace(/^All tools except /, '').split(', ');
  return list.startsWith('All tools') ? (tool) => !words.includes(tool) : (tool) => words.includes(tool);
}

function serversIn(tools: readonly string[]): string[] {
  const refs = tools.flatMap((tool) => {
    const [, server, name] = /^mcp__(.+?)__(.+)$/.exec(tool) ?? [];
    return server !== undefined && name !== undefined ? [{ server, name }] : [];
  });
  if (refs.some(({ server }) => server === UNNAMED.server)) return ['*'];
  const whole = new Set(refs.filter(({ name }) => name === UNNAMED.tool).map(({ server }) => server));
  return [...whole, ...refs.filter(({ server }) => !whole.has(server)).map(({ server, name }) => `${server}/${name}`)];
}

/** A file that is not taken, or a value in it. A key that it does not know is an author's own, and is kept on purpose. */
const isRefusal = (line: string): boolean =>
  /Agent file|gent '.*' not loaded|Invalid hooks in agent|invalid name|Failed to (?:read|parse|load).*agent/i.test(line) &&
  !/does not recognize or apply/.test(line);
