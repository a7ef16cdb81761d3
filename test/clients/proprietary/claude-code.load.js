/**
 * Starts one headless session of Claude Code in this folder, with a model and MCP servers of ours on a loopback port. The
 * model answers the first message by starting every agent that the program knows, so that each agent's own first
 * request shows the prompt, the model and the tools that the program gives it.
 *
 * Arguments: the program, MCP servers and their tools as JSON, and further arguments for the program.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const [program, serversAndTools, ...args] = process.argv.slice(2);
const tools = JSON.parse(serversAndTools);
const log = path.join(process.env.HOME, 'debug.log');

/** What the program told at its start, what it sent for each agent, and what it answered instead. */
const told = { agents: [], listing: '', requests: {}, refusals: {} };
let started = false;

const server = http.createServer((request, response) => {
  let text = '';
  request.on('data', (data) => {
    text += data;
  });
  request.on('end', () => {
    if (request.url.startsWith('/mcp/')) return answerAsServer(decodeURIComponent(request.url.slice(5)), request, text, response);
    if (!request.url.startsWith('/v1/messages?') && request.url !== '/v1/messages') return send(response, 404, {});
    answerAsModel(JSON.parse(text), response);
  });
});
server.listen(0, '127.0.0.1', run);

function run() {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const mcpServers = Object.fromEntries(
    Object.keys(tools).map((name) => [name, { type: 'http', url: `${origin}/mcp/${encodeURIComponent(name)}` }]),
  );
  const child = spawn(
    program,
    [
      ...['-p', '--verbose', '--input-format', 'stream-json', '--output-format', 'stream-json', '--debug-file', log],
      // No server and no hook that an agent's file names is started.
      ...['--strict-mcp-config', '--mcp-config', JSON.stringify({ mcpServers }), '--settings', JSON.stringify({ disableAllHooks: true })],
      // The tool LSP is there only with a language server.
      ...['--plugin-dir', languageServer(), ...args],
    ],
    {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        ANTHROPIC_BASE_URL: origin,
        ANTHROPIC_API_KEY: 'none',
        CLAUDE_AGENT_SDK_DISABLE_BUILTIN_AGENTS: '1',
        CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        CLAUDE_CODE_MAX_CONCURRENT_SUBAGENTS: '10000',
        // `TodoWrite` and the tools that followed it exclude each other.
        CLAUDE_CODE_ENABLE_TASKS: 'false',
        CLAUDE_CODE_ENABLE_TODO_TOOLS: 'true',
        // All tools stand in the request, none is looked up later.
        ENABLE_TOOL_SEARCH: 'false',
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  let rest = '';
  child.stdout.on('data', (data) => {
    const lines = `${rest}${data}`.split('\n');
    rest = lines.pop();
    for (const line of lines) if (line.startsWith('{')) read(JSON.parse(line), child);
  });
  child.on('close', () => {
    const messages = readFileSync(log, 'utf8').split('\n');
    process.stdout.write(`\n${JSON.stringify({ ...told, log: messages.filter((line) => /\bagent\b/i.test(line)) })}\n`, () =>
      process.exit(),
    );
  });
  const say = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);
  say({ type: 'control_request', request_id: '1', request: { subtype: 'initialize' } });
  say({ type: 'user', message: { role: 'user', content: 'Begin.' } });
}

function read(message, child) {
  if (message.type === 'control_response') told.agents = message.response.response.agents;
  if (message.type === 'result') child.stdin.end();
  if (message.type !== 'user') return;
  for (const block of message.message.content) {
    if (block.type === 'tool_result' && block.is_error) told.refusals[told.agents[Number(block.tool_use_id.slice(2))].name] = block.content;
  }
}

function answerAsModel(request, response) {
  const number = /"start agent (\d+)"/.exec(JSON.stringify(request.messages[0]))?.[1];
  if (number !== undefined) {
    const { name } = told.agents[Number(number)];
    told.requests[name] ??= {
      model: request.model,
      prompt: request.system.map(({ text }) => text).at(-1),
      tools: (request.tools ?? []).map((tool) => tool.name),
    };
  }
  if (number !== undefined || started) return stream(response, [{ type: 'text', text: 'Done.' }], 'end_turn');
  started = true;
  told.listing = textsOf(request.messages).find((text) => text.includes('agent types for the Agent tool')) ?? '';
  const calls = told.agents.map(({ name }, index) => ({
    type: 'tool_use',
    id: `t-${index}`,
    name: 'Agent',
    input: { description: 'Look', prompt: `start agent ${index}`, subagent_type: name, run_in_background: false },
  }));
  stream(response, calls, 'tool_use');
}

function textsOf(value) {
  if (typeof value === 'string') return [value];
  return value && typeof value === 'object' ? Object.values(value).flatMap(textsOf) : [];
}

/** A message of the model, in the events that its service sends. */
function stream(response, blocks, reason) {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'none',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
  const events = [{ type: 'message_start', message }];
  for (const [index, block] of blocks.entries()) {
    const empty = block.type === 'text' ? { type: 'text', text: '' } : { ...block, input: {} };
    const delta =
      block.type === 'text'
        ? { type: 'text_delta', text: block.text }
        : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) };
    events.push({ type: 'content_block_start', index, content_block: empty }, { type: 'content_block_delta', index, delta });
    events.push({ type: 'content_block_stop', index });
  }
  events.push({ type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage }, { type: 'message_stop' });
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
}

function answerAsServer(name, request, text, response) {
  if (request.method !== 'POST') return send(response, 405, {});
  const { id, method, params } = JSON.parse(text);
  if (id === undefined) return send(response, 202, {});
  const results = {
    initialize: () => ({ protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name, version: '1' } }),
    'tools/list': () => ({
      tools: tools[name].map((tool) => ({ name: tool, description: tool, inputSchema: { type: 'object', properties: {} } })),
    }),
  };
  send(response, 200, { jsonrpc: '2.0', id, result: results[method]?.() ?? {} });
}

function send(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

function languageServer() {
  const folder = path.join(process.env.HOME, 'language-server');
  mkdirSync(path.join(folder, '.claude-plugin'), { recursive: true });
  writeFileSync(path.join(folder, '.claude-plugin', 'plugin.json'), JSON.stringify({ name: 'language-server' }));
  writeFileSync(path.join(folder, '.lsp.json'), JSON.stringify({ none: { command: 'false', extensionToLanguage: { '.none': 'none' } } }));
  return folder;
}
