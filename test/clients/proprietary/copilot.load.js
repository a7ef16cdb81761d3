/**
 * Opens a session of Copilot CLI in this folder through its own SDK, selects every agent in turn, and reads the tools that
 * the session then has. Each file is also given to the program's parser.
 *
 * Arguments: the folder of the unpacked program, the program, its folder of packages, and the files.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';

const [unpacked, program, packages, ...files] = process.argv.slice(2);
const native = path.join(unpacked, 'prebuilds', `${process.platform}-${process.arch}`, 'runtime.node');
const { customAgentsParseMarkdown: parse } = createRequire(import.meta.url)(native);
const { CopilotClient, RuntimeConnection } = await import(path.join(unpacked, 'copilot-sdk', 'index.js'));

const parsed = files.map((file) => ({ file, ...parse(readFileSync(file, 'utf8')) }));
const tools = namedTools(parsed.flatMap(({ agent }) => agent?.tools ?? []));
const origin = await serve(tools);
writeLanguageServer();

const client = new CopilotClient({
  connection: RuntimeConnection.forStdio({ path: program, args: ['--no-auto-update'] }),
  env: { PATH: process.env.PATH, HOME: process.env.HOME, COPILOT_AUTO_UPDATE: 'false', COPILOT_PKG_CACHE_HOME: packages },
});
await client.start();
const session = await client.createSession({
  workingDirectory: process.cwd(),
  workingDirectoryTrust: 'trusted',
  enableConfigDiscovery: true,
  model: 'none',
  provider: { type: 'openai', baseUrl: `${origin}/v1`, apiKey: 'none' },
  mcpServers: Object.fromEntries(
    Object.keys(tools).map((name) => [name, { type: 'http', url: `${origin}/mcp/${encodeURIComponent(name)}`, tools: ['*'] }]),
  ),
  onPermissionRequest: () => ({ kind: 'denied-interactively-by-user' }),
  // Without somebody to ask there is no tool for it.
  onUserInputRequest: () => ({ answer: '', wasFreeform: true }),
});

const { agents } = await session.rpc.agent.list();
const told = [];
for (const agent of agents) told.push({ ...agent, resolved: await resolve(agent) });
await client.stop();
process.stdout.write(`\n${JSON.stringify({ parsed, agents: told })}\n`, () => process.exit());

/** The tools of a session that runs as the agent. Selecting one with servers or hooks of its own would start them. */
async function resolve({ name, mcpServers, hooks }) {
  if (hooks || Object.values(mcpServers ?? {}).some(({ isDefaultServer }) => !isDefaultServer)) return undefined;
  await session.rpc.agent.select({ name });
  await session.rpc.tools.initializeAndValidate();
  const metadata = await session.rpc.tools.getCurrentMetadata();
  return metadata.tools.map((tool) => ({ name: tool.name, server: tool.mcpServerName, tool: tool.mcpToolName }));
}

/** The tools of MCP servers that lists name, and one more for each server, and one more server. */
function namedTools(words) {
  const named = { 'unnamed-server': new Set() };
  for (const word of words) {
    const at = word.lastIndexOf('/');
    const [server, tool] = [word.slice(0, at), word.slice(at + 1)];
    if (at <= 0 || ['agent', 'browser', 'edit', 'execute', 'github', 'read', 'search', 'vscode', 'web'].includes(server)) continue;
    named[server] ??= new Set();
    if (tool !== '*') named[server].add(tool);
  }
  return Object.fromEntries(Object.entries(named).map(([server, own]) => [server, [...own, 'unnamed-tool']]));
}

/** All servers on one port. */
function serve(toolsOf) {
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (data) => {
      text += data;
    });
    request.on('end', () => {
      const name = decodeURIComponent(request.url.slice('/mcp/'.length));
      if (!request.url.startsWith('/mcp/') || request.method !== 'POST') return send(response, 405, {});
      const { id, method, params } = JSON.parse(text);
      if (id === undefined) return send(response, 202, {});
      const results = {
        initialize: () => ({ protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name, version: '1' } }),
        'tools/list': () => ({
          tools: toolsOf[name].map((tool) => ({ name: tool, description: tool, inputSchema: { type: 'object', properties: {} } })),
        }),
      };
      send(response, 200, { jsonrpc: '2.0', id, result: results[method]?.() ?? {} });
    });
  });
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${server.address().port}`));
  });
}

function send(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

/** The tool `lsp` is there only with a language server. */
function writeLanguageServer() {
  const folder = path.join(process.env.HOME, '.copilot');
  mkdirSync(folder, { recursive: true });
  const none = { command: 'false', args: [], fileExtensions: { '.none': 'none' } };
  writeFileSync(path.join(folder, 'lsp-config.json'), JSON.stringify({ lspServers: { none } }));
}
