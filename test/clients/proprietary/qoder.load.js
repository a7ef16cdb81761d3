/**
 * Qoder's own list of agents, and what a session has that is started with an agent: its tools and its model.
 * Arguments: the names of the agents to start a session with.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const QODER = fileURLToPath(new URL('../node_modules/@qoder-ai/qodercli/bundle/qodercli.js', import.meta.url));
const AT_ONCE = 4;

const waiting = JSON.parse(process.argv[2] ?? '[]');
const sessions = {};
const list = await said('agents', 'list');
await Promise.all(Array.from({ length: AT_ONCE }, startSessions));
console.log(JSON.stringify({ agents: namesIn(list), refused: list.match(/^\d+ errors? .*$/m) ?? [], sessions }));

async function startSessions() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    sessions[name] = beginning(await said('--print', '--agent', name, '--output-format', 'stream-json', 'Start.'));
  }
}

/** What the program says, until it has said with what a session begins: the rest would be that nobody is logged in. */
async function said(...args) {
  const qoder = spawn(process.execPath, [QODER, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [qoder.stdout, qoder.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      if (beginning(text)) qoder.kill('SIGKILL');
    });
  }
  await once(qoder, 'close');
  return text;
}

function beginning(text) {
  const line = /^\{"type":"system","subtype":"init".*\}$/m.exec(text)?.[0];
  if (!line) return undefined;
  const { tools, model } = JSON.parse(line);
  return { tools, model };
}

/** `  name · Model`, under the heading of the project. */
function namesIn(text) {
  const [, own = ''] = /^Project:\n((?: .*\n?)*)/m.exec(text) ?? [];
  return [...own.matchAll(/^ {2}(.+) · .*$/gm)].map(([, name]) => name);
}
