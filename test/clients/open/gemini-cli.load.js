/**
 * The agents of this folder as Gemini CLI has them: read by its loader, taken by its registry, and with the tools that its
 * executor gives them. MCP servers are not there: each that an agent names is stood in for, and one that nobody names.
 */
import {
  ALL_BUILTIN_TOOL_NAMES,
  Config,
  DiscoveredMCPTool,
  LocalAgentExecutor,
  loadAgentsFromDirectory,
  parseAgentMarkdown,
  parseMcpToolName,
} from '@google/gemini-cli-core';
import { templateString } from '@google/gemini-cli-core/dist/src/agents/utils.js';

const keys = process.argv.slice(2);

/** A server that no agent names, and a tool that no agent names. */
const NOBODYS = 'nobodys';

const config = new Config({ sessionId: 'test', targetDir: process.cwd(), cwd: process.cwd(), model: 'gemini-2.5-pro', debugMode: false });
await config.initialize();

const builtIn = new Set(config.getAgentRegistry().getAllAgentNames());
const { agents: read, errors } = await loadAgentsFromDirectory('.gemini/agents');
const refused = errors.map(({ message }) => message);
for (const name of read.map((agent) => agent.name)) if (builtIn.has(name)) refused.push(`${name} is an agent of the program's own`);

standIn(NOBODYS, NOBODYS);
for (const id of read.flatMap((agent) => agent.toolConfig?.tools ?? [])) {
  const { serverName, toolName } = parseMcpToolName(id);
  if (serverName) for (const tool of [toolName, NOBODYS]) if (tool !== '*') standIn(serverName, tool);
}

function standIn(server, tool, registry = config.getToolRegistry()) {
  const schema = { type: 'object', properties: {} };
  registry.registerTool(new DiscoveredMCPTool({}, server, tool, tool, schema, config.getMessageBus()));
}

/** The servers that an agent brings along are not started; all their tools are the agent's. */
const servers = { maybeDiscoverMcpServer: (name, _, { toolRegistry }) => standIn(name, NOBODYS, toolRegistry) };
const context = Object.create(config, { config: { value: Object.create(config, { getMcpClientManager: { value: () => servers } }) } });

async function toolsOf(agent) {
  const { toolRegistry } = await LocalAgentExecutor.create(agent, context);
  const tools = toolRegistry.getAllTools();
  const mcp = tools.filter((tool) => tool instanceof DiscoveredMCPTool);
  const whole = mcp.filter((tool) => tool.serverToolName === NOBODYS).map((tool) => tool.serverName);
  const single = mcp.filter((tool) => !whole.includes(tool.serverName)).map((tool) => `${tool.serverName}/${tool.serverToolName}`);
  return { tools: tools.map(({ name }) => name), mcp: whole.includes(NOBODYS) ? ['*'] : [...whole, ...single] };
}

/** What happens to the prompt when the agent starts; the loader does not try it. */
function filledIn({ name, promptConfig }) {
  try {
    return templateString(promptConfig.systemPrompt, { query: '', cliVersion: '', activeModel: '', today: '' });
  } catch (error) {
    refused.push(`${name}: ${error.message}`);
    return promptConfig.systemPrompt;
  }
}

const agents = [];
for (const agent of read) {
  const { name, description, modelConfig } = agent;
  agents.push({ name, description, prompt: filledIn(agent), model: modelConfig.model, ...(await toolsOf(agent)) });
}

/** Whether the loader knows a header key: it names those that it does not. */
async function isKnown(key) {
  const said = await parseAgentMarkdown('', `---\nname: a\ndescription: a\n${key}: {}\n---\n`).catch(({ message }) => message);
  return !String(said).includes('Unrecognized key');
}

const known = [];
for (const key of keys) if (await isKnown(key)) known.push(key);
const [open] = await parseAgentMarkdown('', '---\nname: open\ndescription: open\n---\n');
const given = await toolsOf({ ...open, promptConfig: { systemPrompt: '' }, modelConfig: {}, runConfig: {} });
const answer = { agents, refused, keys: known, ids: ALL_BUILTIN_TOOL_NAMES, given: given.tools };
process.stdout.write(`\n${JSON.stringify(answer)}\n`, () => process.exit());
