/**
 * The agents of this folder as Continue has them: read by its parser; and for each list of tools one run of its program,
 * told by the request that reaches the model, which a server here stands in for.
 * Arguments: `agents` and the lists that are known, `facts` and header keys, or `serve` to be an MCP server.
 */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseAgentFile } from '@continuedev/config-yaml';

/** A server that no agent names, with one tool of its name. */
const NOBODYS = 'nobodys';

const AGENTS = path.join('.continue', 'agents');

function serve() {
  const answers = {
    initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: NOBODYS, version: '1' } }),
    'tools/list': () => ({ tools: [{ name: NOBODYS, inputSchema: { type: 'object', properties: {} } }] }),
  };
  createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    if (id === undefined) return;
    console.log(JSON.stringify({ jsonrpc: '2.0', id, result: answers[method]?.(params) ?? {} }));
  });
}

/** By run, what is done with the request that it sends to the model. */
const waiting = new Map();

async function listen() {
  const model = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      waiting.get(request.url.split('/')[1])?.(JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"there is no model"}}');
    });
  });
  await new Promise((resolve) => model.listen(0, '127.0.0.1', resolve));
  return model.address().port;
}

/** Starts the program with an agent, and gives the tools that it offers to a model of this name. */
async function offered(file, name) {
  const run = String(waiting.size);
  const config = path.resolve(`config-${run}.yaml`);
  const settings = {
    name: 'test',
    version: '1.0.0',
    schema: 'v1',
    models: [
      { name, provider: 'openai', model: name, apiKey: 'none', apiBase: `http://127.0.0.1:${port}/${run}`, roles: ['chat', 'subagent'] },
    ],
    mcpServers: [{ name: NOBODYS, command: process.execPath, args: [fileURLToPath(import.meta.url), 'serve'] }],
  };
  writeFileSync(config, JSON.stringify(settings));
  const program = fileURLToPath(import.meta.resolve('@continuedev/cli/dist/cn.js'));
  const words = ['-p', '--config', config, '--agent', file, '--beta-subagent-tool', 'test'];
  const child = spawn(process.execPath, [program, ...words], {
    env: { ...process.env, PATH: `${path.resolve('bin')}:${process.env.PATH}` },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const request = await new Promise((resolve, reject) => {
    waiting.set(run, resolve);
    child.on('close', () => reject(new Error(said.trim())));
  }).finally(() => child.kill('SIGKILL'));
  return request.tools?.map((tool) => tool.function.name) ?? [];
}

let port = 0;

/** The tool for searching is offered where ripgrep is there. */
function standInForRipgrep() {
  mkdirSync('bin');
  writeFileSync(path.join('bin', 'rg'), '#!/bin/sh\necho "ripgrep 14.1.1"\n');
  chmodSync(path.join('bin', 'rg'), 0o755);
}

/** Agents by what the program looks at when it chooses tools. Of those that have it in common, one is run. */
const listOf = ({ tools = '', model }) => JSON.stringify([tools.split(', ').sort(), model]);

async function agents(known) {
  const refused = [];
  const read = (existsSync(AGENTS) ? readdirSync(AGENTS).filter((name) => name.endsWith('.md')) : []).flatMap((name) => {
    const file = path.join(AGENTS, name);
    try {
      return { file, ...parseAgentFile(readFileSync(file, 'utf8')) };
    } catch (error) {
      refused.push(`${file}: ${error.message}`);
      return [];
    }
  });
  const runs = [...new Map(read.map((agent) => [listOf(agent), agent.file]))].filter(([list]) => !known.includes(list));
  const lists = [];
  const work = async () => {
    for (let run = runs.pop(); run; run = runs.pop()) {
      const [list, file] = run;
      const tools = await offered(file, 'gpt-4o').catch(({ message }) => void refused.push(`${file}: ${message}`));
      if (tools) lists.push([list, tools]);
    }
  };
  await Promise.all([work(), work()]);
  return { agents: read.map((agent) => ({ ...agent, list: listOf(agent) })), lists, refused };
}

/** The header keys of a list that the parser takes, and the tools of an agent without a list, with a strong model and another. */
async function facts(keys) {
  const known = keys.filter((key) => key in parseAgentFile(`---\n${JSON.stringify({ name: 'test', [key]: 'test' })}\n---\nA prompt.\n`));
  const file = path.join(AGENTS, 'open.md');
  mkdirSync(AGENTS, { recursive: true });
  writeFileSync(file, '---\nname: open\n---\nA prompt.\n');
  return { keys: known, given: [...(await offered(file, 'gpt-4o')), ...(await offered(file, 'test'))] };
}

const [question, ...words] = process.argv.slice(2);
if (question === 'serve') serve();
else {
  port = await listen();
  standInForRipgrep();
  const answer = question === 'facts' ? await facts(words) : await agents(JSON.parse(words[0]));
  process.stdout.write(`\n${JSON.stringify(answer)}\n`, () => process.exit());
}
