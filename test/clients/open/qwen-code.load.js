/**
 * The agents of this folder as Qwen Code has them: read by its manager, and with the tools that an agent is started with.
 * The program is one bundle in parts with names that change; what is needed is found by what a part exports.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A server that no agent names, and a tool that no agent names. */
const NOBODYS = 'nobodys';

const PARTS = path.join(path.dirname(fileURLToPath(import.meta.resolve('@qwen-code/qwen-code'))), 'chunks');
const FOLDER = path.join('.qwen', 'agents');

async function exported(...names) {
  const parts = readdirSync(PARTS).filter((file) => file.endsWith('.js'));
  const found = {};
  for (const part of parts) {
    const text = readFileSync(path.join(PARTS, part), 'utf8');
    const list = text.slice(text.lastIndexOf('\nexport {')).split(/[\s,{}]+/);
    for (const name of names.filter((one) => list.includes(one))) found[name] ??= pathToFileURL(path.join(PARTS, part));
  }
  const modules = await Promise.all(names.map((name) => import(found[name])));
  return Object.fromEntries(names.map((name, index) => [name, modules[index][name]]));
}

const { Config, ContextState, DiscoveredMCPTool, ToolNames, runWithAgentContext, templateString } = await exported(
  ...['Config', 'ContextState', 'DiscoveredMCPTool', 'ToolNames', 'runWithAgentContext', 'templateString'],
);

// The tools that are not there by default: with a key and an address that nobody calls, and a client that nobody asks.
process.env.DASHSCOPE_API_KEY = 'none';
const config = new Config({
  sessionId: 'test',
  targetDir: process.cwd(),
  cwd: process.cwd(),
  model: 'test',
  debugMode: false,
  interactive: true,
  trustedFolder: true,
  usageStatisticsEnabled: false,
  lsToolEnabled: true,
  lsp: { enabled: true },
  lspClient: {},
  webSearch: { enabled: true, model: 'openai:test', baseUrl: 'https://dashscope.aliyuncs.com/compatible-mode/v1' },
});
await config.initialize();
const manager = config.getSubagentManager();

const refused = [];
for (const file of existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith('.md')) : []) {
  // The list of agents leaves out what it cannot read, without a word.
  await manager.parseSubagentFile(path.join(FOLDER, file), 'project').catch(({ message }) => refused.push(`${file}: ${message}`));
}
const read = await manager.listSubagents({ level: 'project', force: true });

standIn(NOBODYS, NOBODYS);
for (const id of read.flatMap(({ tools = [], disallowedTools = [] }) => [...tools, ...disallowedTools])) {
  const [, server, tool] = /^mcp__(.+?)(?:__(.+))?$/.exec(id) ?? [];
  if (server && server !== '*') for (const one of new Set([tool ?? NOBODYS, NOBODYS])) standIn(server, one);
}

function standIn(server, tool) {
  config.getToolRegistry().registerTool(new DiscoveredMCPTool({}, server, tool, tool, { type: 'object', properties: {} }));
}

/** Many agents have one list, and starting an agent takes a while. */
const started = new Map();

/** The tools that the model of an agent is offered. Its own servers are not started: they add what no list names. */
async function toolsOf({ tools, disallowedTools, ...agent }) {
  const list = JSON.stringify([tools, disallowedTools]);
  if (!started.has(list)) {
    const definition = { ...agent, tools, disallowedTools, model: undefined, mcpServers: undefined, hooks: undefined };
    // As in an agent that the main agent has called.
    const offered = await runWithAgentContext('test', async () => {
      const { subagent, dispose } = await manager.createAgentHeadless(definition, config);
      const declarations = await subagent.core.prepareTools();
      await dispose();
      return declarations;
    });
    started.set(list, split(offered.map(({ name }) => name)));
  }
  return started.get(list);
}

function split(names) {
  const pairs = names.filter((name) => name.startsWith('mcp__')).map((name) => name.slice('mcp__'.length).split('__'));
  const whole = pairs.filter(([, ...tool]) => tool.join('__') === NOBODYS).map(([server]) => server);
  const single = pairs.filter(([server]) => !whole.includes(server)).map(([server, ...tool]) => `${server}/${tool.join('__')}`);
  return { tools: names.filter((name) => !name.startsWith('mcp__')), mcp: whole.includes(NOBODYS) ? ['*'] : [...whole, ...single] };
}

/** What happens to the prompt when the agent starts; the loader does not try it. */
function filledIn({ name, systemPrompt }) {
  try {
    return templateString(systemPrompt, new ContextState());
  } catch (error) {
    refused.push(`${name}: ${error.message}`);
    return systemPrompt;
  }
}

const agents = [];
for (const agent of read) {
  const { name, description, model = 'inherit' } = agent;
  agents.push({ name, description, prompt: filledIn(agent), model, ...(await toolsOf(agent)) });
}

/** What the loader keeps of a header key and its value; `undefined` when it ignores it. */
function kept(key, value) {
  const header = { name: 'agent', description: 'agent', [key]: value };
  const text = Object.entries(header).map(([name, one]) => `${name}: ${JSON.stringify(one)}\n`);
  return manager.parseSubagentContent(`---\n${text.join('')}---\nA prompt that is long enough.\n`, 'agent.md', 'project')[key];
}

const asked = JSON.parse(process.argv[2] ?? '[]');
const known = asked.filter(([key, value]) => JSON.stringify(kept(key, value)) === JSON.stringify(value));
const { tools: given } = await toolsOf({ name: 'open', description: 'open', systemPrompt: 'open', level: 'project' });
process.stdout.write(`\n${JSON.stringify({ agents, refused, known, ids: Object.values(ToolNames), given })}\n`, () => process.exit());
