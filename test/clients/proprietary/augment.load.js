/**
 * Auggie's own list of agents, and what its model is given when each of them is called. A server of ours stands for the
 * account, the model and the MCP servers.
 * Arguments: the MCP servers with their tools, and the models that the account has.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const AUGGIE = fileURLToPath(new URL('../node_modules/@augmentcode/auggie/augment.mjs', import.meta.url));
const [servers = {}, models = []] = process.argv.slice(2).map((argument) => JSON.parse(argument));

/** An agent of the user's, by whose request the program's own words before and after a prompt are known. */
const PROBE = { name: 'probe-of-the-test', prompt: 'PROMPT OF THE PROBE' };
const PREFIX = 'sub-agent-';
const AT_ONCE = 64;

const home = process.env.HOME ?? '';
const log = path.join(home, 'log.txt');
const requests = new Map();
let waiting;

const http = createServer(async (request, response) => {
  const body = await bodyOf(request);
  response.setHeader('content-type', 'application/json');
  if (request.url.startsWith('/mcp/')) mcp(decodeURIComponent(request.url.slice('/mcp/'.length)), body, response);
  else if (request.url.endsWith('/chat-stream')) response.end(`${JSON.stringify(reply(body))}\n`);
  else response.end(JSON.stringify(account(request.url)));
});
http.listen(0, '127.0.0.1');
await once(http, 'listening');
const origin = `http://127.0.0.1:${http.address().port}/`;

const folder = path.join(home, '.augment', 'agents');
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, `${PROBE.name}.md`), `---\nname: ${PROBE.name}\n---\n${PROBE.prompt}\n`);
await start();
http.close();
const [before = '', after = ''] = requests.get(PROBE.name)?.prompt.split(PROBE.prompt) ?? [];
const ofProject = listed().filter(({ file }) => file.startsWith(process.cwd() + path.sep));
console.log(JSON.stringify(ofProject.map((agent) => ({ ...agent, ...inWords(requests.get(agent.name)) }))));

async function start() {
  const mcpServers = Object.fromEntries(
    Object.keys(servers).map((name) => [name, { type: 'http', url: `${origin}mcp/${encodeURIComponent(name)}` }]),
  );
  const args = ['--print', '--instruction', 'Start.', '--mcp-config', JSON.stringify({ mcpServers }), '--log-level', 'debug'];
  const auggie = spawn(process.execPath, [AUGGIE, ...args, '--log-file', log], {
    env: {
      ...process.env,
      AUGMENT_DISABLE_AUTO_UPDATE: '1',
      AUGMENT_SESSION_AUTH: JSON.stringify({ accessToken: 'none', tenantURL: origin, scopes: ['read', 'write'] }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [auggie.stdout, auggie.stderr]) stream.on('data', (chunk) => (said += chunk));
  const [code] = await once(auggie, 'close');
  if (code !== 0 || !waiting) throw new Error(`auggie ended with ${code}: ${said}`);
}

/** What an account answers that may use agents. */
function account(url) {
  if (url.endsWith('/get-models')) {
    const registry = Object.fromEntries(models.map((id) => [id, { displayName: `The ${id}`, shortName: id }]));
    const feature_flags = {
      beachhead_enable_sub_agent_tool: true,
      cli_parallel_tools: true,
      grep_search_tool_enable: true,
      model_info_registry: JSON.stringify(registry),
    };
    return { default_model: '', models: [], feature_flags, user_tier: 'unknown', user: { id: 'test' } };
  }
  if (url.endsWith('/list-remote-tools')) {
    const tool_definition = { name: 'web-search', description: 'Searches.', input_schema_json: '{"type":"object"}', tool_safety: 1 };
    return { tools: [{ tool_definition, remote_tool_id: 1, availability_status: 1, tool_safety: 1, oauth_url: '' }] };
  }
  return {};
}

/** A turn of the model: the session calls every agent, an agent says what it was given. */
function reply({ tool_definitions: tools = [], nodes, user_guidelines: prompt, model }) {
  const names = tools.map(({ name }) => name);
  if (!names.some((name) => name.startsWith(PREFIX))) {
    const [, name] = /^agent (.+)$/.exec(nodes[0]?.text_node?.content ?? '') ?? [];
    if (name !== undefined) requests.set(name, { prompt, model, tools: names });
    return said('Done.');
  }
  waiting ??= names.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length));
  const called = waiting.splice(0, AT_ONCE);
  if (called.length === 0) return said('Done.');
  const uses = called.map((name, at) => ({
    id: at + 1,
    type: 5,
    tool_use: {
      tool_use_id: `call-${name}`,
      tool_name: PREFIX + name,
      input_json: JSON.stringify({ action: 'run', name, instruction: `agent ${name}` }),
    },
  }));
  return { text: '', nodes: uses, stop_reason: 3 };
}

function said(text) {
  return { text, nodes: [{ id: 1, type: 0, content: text }], stop_reason: 1 };
}

/** The agents as the program has them, which it writes into its log. */
function listed() {
  const found = new Map();
  const configs = /Registering sub-agent tool: .* with config:\n(\{\n[\s\S]*?\n\})/g;
  for (const [, text] of readFileSync(log, 'utf8').matchAll(configs)) {
    const { name, description, fullPath: file } = JSON.parse(text);
    if (file !== '') found.set(file, { name, description, file });
  }
  return [...found.values()];
}

function inWords(request) {
  if (!request) return {};
  const prompt = request.prompt.slice(before.length, request.prompt.length - after.length);
  return { prompt, model: request.model || null, tools: request.tools };
}

/** An MCP server, over HTTP. */
function mcp(server, { id, method, params }, response) {
  const results = {
    initialize: { protocolVersion: params?.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: server, version: '1' } },
    'tools/list': { tools: (servers[server] ?? []).map((name) => ({ name, description: name, inputSchema: { type: 'object' } })) },
  };
  if (id === undefined || method === undefined) response.writeHead(method === undefined ? 405 : 202).end();
  else response.end(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] ?? {} }));
}

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text === '' ? {} : JSON.parse(text);
}
