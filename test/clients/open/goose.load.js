/**
 * Goose's own list of agents, and what its model is given when each of them is called: a session delegates to one after
 * the other, and a server of ours stands for the model.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const GOOSE = fileURLToPath(new URL('../node_modules/@aaif/goose-binary-linux-x64/bin/goose', import.meta.url));
const AT_ONCE = 16;
const TASK = /\bagent number (\d+)\b/;

const agents = await listed();
console.log(JSON.stringify(await called(agents)));

/** The agents that the loader has, asked for over the protocol that editors use. */
async function listed() {
  const goose = spawn(GOOSE, ['acp'], { env: { ...process.env, GOOSE_DISABLE_KEYRING: '1' }, stdio: ['pipe', 'pipe', 'ignore'] });
  const send = (id, method, params) => goose.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  send(1, 'initialize', { protocolVersion: 1, clientCapabilities: {} });
  send(2, '_goose/unstable/agent-mentions/list', { cwd: process.cwd() });
  let said = '';
  for await (const chunk of goose.stdout) {
    said += chunk;
    const answers = said
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    const answer = answers.find(({ id }) => id === 2);
    if (!answer) continue;
    goose.kill();
    return answer.result.agents;
  }
  throw new Error(`no list of agents: ${said}`);
}

/** Delegates to every agent. What each one's model gets is its prompt, its model and its tools. */
async function called(all) {
  const calls = new Map();
  let next = 0;
  const server = createServer(async (request, response) => {
    const { messages = [], model, tools = [] } = await bodyOf(request);
    const names = tools.map((tool) => tool.function.name);
    const [, task] = TASK.exec(textOf(messages.at(-1))) ?? [];
    const batch = names.includes('delegate') ? all.slice(next, next + AT_ONCE).map((_, at) => next + at) : [];
    next += batch.length;
    if (task !== undefined && !names.includes('delegate'))
      calls.set(Number(task), { prompt: promptIn(textOf(messages[0])), model, tools: names });
    response.setHeader('content-type', 'text/event-stream');
    response.end(answer(batch.map((at) => ({ source: all[at].name, instructions: `agent number ${at}` }))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  // A server of the session's own, to see whether an agent gets its tools as well.
  const probe = `probe:${GOOSE} mcp memory`;
  const goose = spawn(GOOSE, ['run', '--quiet', '--no-session', '--with-extension', probe, '--text', 'Start.'], {
    env: {
      ...process.env,
      GOOSE_DISABLE_KEYRING: '1',
      GOOSE_MODE: 'auto',
      GOOSE_PROVIDER: 'openai',
      GOOSE_MODEL: 'model-of-the-session',
      OPENAI_HOST: `http://127.0.0.1:${port}`,
      OPENAI_API_KEY: 'none',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  goose.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  const [code] = await once(goose, 'close');
  server.close();
  if (code !== 0) throw new Error(`goose run ended with ${code}: ${complaint}`);
  return all.map(({ name, description, sourcePath }, at) => ({ name, description, file: sourcePath, ...calls.get(at) }));
}

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? {} : JSON.parse(text);
}

function textOf(message) {
  return typeof message?.content === 'string' ? message.content : JSON.stringify(message?.content ?? '');
}

/** The agent's part of the instructions that Goose gives to a delegate; all of them when the part is not there. */
function promptIn(instructions) {
  const [start, end] = ['# Task Instructions\n', '\n\n# Tool Usage Guidelines\n'];
  const [from, to] = [instructions.indexOf(start), instructions.lastIndexOf(end)];
  return from === -1 || to === -1 ? instructions : instructions.slice(from + start.length, to);
}

/** A reply of the model, as a stream of one event: calls of `delegate`, or a word when there are none. */
function answer(calls) {
  const tool_calls = calls.map((call, index) => ({
    index,
    id: `call-${call.instructions.replaceAll(' ', '-')}`,
    type: 'function',
    function: { name: 'delegate', arguments: JSON.stringify(call) },
  }));
  const event = (delta, finish_reason) =>
    `data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', created: 1, model: 'x', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  const delta = calls.length > 0 ? { role: 'assistant', content: null, tool_calls } : { role: 'assistant', content: 'Done.' };
  return `${event(delta, null)}${event({}, calls.length > 0 ? 'tool_calls' : 'stop')}data: [DONE]\n\n`;
}
