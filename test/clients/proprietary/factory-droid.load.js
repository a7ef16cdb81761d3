/**
 * Droid's own list of droids, and the session that it starts for each: prompt, model and tools. A server of ours stands
 * for the model and the MCP servers, and this very script for the program's second process, which would run the droid.
 * Arguments: the MCP servers with their tools, the models that there are, and whether droids are run after all.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const DROID = fileURLToPath(new URL('../node_modules/@factory/cli-linux-x64/bin/droid', import.meta.url));
const home = process.env.HOME ?? '';
const record = path.join(home, 'sessions.jsonl');
const standInFile = path.join(home, 'stand-in');

/** A droid of the user's without tools: it shows what the program puts around a prompt, and which tools there are. */
const PROBE = { name: 'probe-of-the-test', prompt: 'PROMPT OF THE PROBE' };
const MODEL = 'custom:model-of-the-session';
const AT_ONCE = 16;
/** The list of droids has a hundredth of a session, and descriptions are cut to that. */
const TOKENS = 1_000_000_000;

if (process.argv.includes('stream-jsonrpc')) standIn();
else await tell(...process.argv.slice(2).map((argument) => JSON.parse(argument)));

/** Keeps what the program asks of its second process, and refuses it. */
function standIn() {
  createInterface({ input: process.stdin }).on('line', (line) => {
    appendFileSync(record, `${line}\n`);
    const { factoryApiVersion, id } = JSON.parse(line);
    const answer = { jsonrpc: '2.0', factoryApiVersion, type: 'response', id, error: { code: -32603, message: 'It is written down.' } };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  });
}

async function tell(servers, models, real) {
  const offered = new Set();
  const calls = new Map();
  const given = [];
  let listing;
  let waiting;

  /** A turn of the model: the session calls every droid. */
  async function reply({ messages, tools = [] }) {
    const names = tools.map((tool) => tool.function.name);
    if (!names.includes('Task')) {
      given.push(names);
      return [];
    }
    if (!listing) {
      // What a droid must not have is told by name, so that the servers must be known first.
      for (let left = 200; left > 0 && Object.keys(servers).some((name) => !offered.has(name)); left--) await pause(100);
      await pause(500);
      listing = droidsIn(messages);
      waiting = [PROBE, ...listing].map(({ name }) => name);
    }
    return waiting.splice(0, real ? waiting.length : AT_ONCE).map((name) => {
      const id = `call-${calls.size}`;
      calls.set(id, name);
      return { id, input: { subagent_type: name, description: 'Start', prompt: 'Start.', await: true } };
    });
  }

  const http = createServer(async (request, response) => {
    const body = await bodyOf(request);
    if (request.url.startsWith('/mcp/')) mcp(decodeURIComponent(request.url.slice('/mcp/'.length)), body, response);
    else response.setHeader('content-type', 'text/event-stream').end(stream(await reply(body)));
  });

  /** An MCP server, over HTTP. */
  function mcp(server, { id, method, params }, response) {
    const results = {
      initialize: { protocolVersion: params?.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: server, version: '1' } },
      'tools/list': { tools: (servers[server] ?? []).map((name) => ({ name, description: name, inputSchema: { type: 'object' } })) },
    };
    if (method === 'tools/list') offered.add(server);
    if (id === undefined || method === undefined) return response.writeHead(method === undefined ? 405 : 202).end();
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] ?? {} }));
  }

  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  settle(`http://127.0.0.1:${http.address().port}`, Object.keys(servers), models);
  await start(real);
  http.close();
  http.closeAllConnections();
  if (!listing) throw new Error('the model was not asked');
  console.log(JSON.stringify(real ? { given } : sessionsOf(listing, calls)));
}

/** The settings of the user. */
function settle(origin, servers, models) {
  const folder = path.join(home, '.factory');
  mkdirSync(path.join(folder, 'droids'), { recursive: true });
  const write = (file, text) => writeFileSync(path.join(folder, file), text);
  const common = { baseUrl: `${origin}/v1`, apiKey: 'none', provider: 'generic-chat-completion-api', maxContextLimit: TOKENS };
  const customModels = [MODEL, ...models].map((id, index) => ({ id, index, model: id, displayName: id, ...common }));
  const mcpServers = servers.map((name) => [name, { type: 'http', url: `${origin}/mcp/${encodeURIComponent(name)}` }]);
  write('settings.json', JSON.stringify({ customModels, compactionTokenLimit: TOKENS }));
  write('mcp.json', JSON.stringify({ mcpServers: Object.fromEntries(mcpServers) }));
  write(`droids/${PROBE.name}.md`, `---\nname: ${PROBE.name}\ndescription: None.\nmodel: inherit\ntools: []\n---\n${PROBE.prompt}\n`);
}

async function start(real) {
  writeFileSync(standInFile, `#!/bin/sh\nexec '${process.execPath}' '${fileURLToPath(import.meta.url)}' "$@"\n`, { mode: 0o755 });
  // Without the network, models of one's own need no account.
  const droid = spawn(DROID, ['exec', '--auto', 'high', '--model', MODEL, 'Start.'], {
    env: {
      ...process.env,
      FACTORY_AIRGAP_ENABLED: '1',
      FACTORY_DISABLE_KEYRING: '1',
      FACTORY_DROID_AUTO_UPDATE_ENABLED: '0',
      FACTORY_DROID_BINARY: real ? DROID : standInFile,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [droid.stdout, droid.stderr]) stream.on('data', (chunk) => (said += chunk));
  const [code] = await once(droid, 'close');
  if (code !== 0) throw new Error(`droid ended with ${code}: ${said}`);
}

/** The droids of the project, out of the list that a model gets. */
function droidsIn(messages) {
  const texts = messages.flatMap(({ content }) => (Array.isArray(content) ? content.map((part) => part.text ?? '') : [content ?? '']));
  const list = texts.find((text) => text.includes('Custom droids available')) ?? '';
  const items = list.slice(list.indexOf('\n- ', list.indexOf('Custom droids available'))).split(/ \(location: (project|personal)\)\n/);
  return items.flatMap((item, at) => {
    const [, name, description] = /^\n?- ([^\n]+?):(?: ([\s\S]*))?$/.exec(item) ?? [];
    return items[at + 1] === 'project' && name !== undefined ? [{ name, description: description ?? '' }] : [];
  });
}

function sessionsOf(listing, calls) {
  const sessions = new Map();
  for (const line of readFileSync(record, 'utf8').trim().split('\n')) {
    const { method, params } = JSON.parse(line);
    if (method !== 'droid.initialize_session') continue;
    const call = params.tags.find(({ name }) => name === 'subagent')?.metadata.callingToolUseId;
    sessions.set(calls.get(call), params);
  }
  const probe = sessions.get(PROBE.name);
  const [before = '', after = ''] = probe.systemPrompt.split(PROBE.prompt);
  const always = probe.enabledToolIds;
  const all = [...always, ...probe.disabledToolIds];
  const droids = listing.map(({ name, description }) => {
    const session = sessions.get(name);
    if (!session) return { name, description };
    const { systemPrompt, modelId, enabledToolIds, disabledToolIds } = session;
    return {
      name,
      description,
      prompt: systemPrompt.slice(before.length, systemPrompt.length - after.length),
      model: modelId === MODEL ? null : modelId,
      tools: enabledToolIds ?? all.filter((id) => !disabledToolIds.includes(id)),
    };
  });
  return { droids, always, all };
}

/** A turn of the model, as a stream: calls of `Task`, or a word when there are none. */
function stream(calls) {
  const tool_calls = calls.map(({ id, input }, index) => ({
    index,
    id,
    type: 'function',
    function: { name: 'Task', arguments: JSON.stringify(input) },
  }));
  const event = (delta, finish_reason) =>
    `data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', created: 1, model: 'x', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  const delta = calls.length > 0 ? { role: 'assistant', tool_calls } : { role: 'assistant', content: 'Done.' };
  return `${event(delta, null)}${event({}, calls.length > 0 ? 'tool_calls' : 'stop')}data: [DONE]\n\n`;
}

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text === '' ? {} : JSON.parse(text);
}
