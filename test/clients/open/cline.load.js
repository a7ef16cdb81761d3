/**
 * The agents of this folder as Cline has them: read by its loader, called as its runtime calls them, and told by the request
 * that reaches the model, which a server here stands in for.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import {
  ALL_DEFAULT_TOOL_NAMES,
  buildConfiguredAgentToolDescriptors,
  DefaultRuntimeBuilder,
  loadConfiguredAgentConfigs,
  parseConfiguredAgentConfig,
} from '@cline/core';

/** The model of the agent that a person talks to. */
const CALLERS = 'callers';

const AGENTS = path.join('.cline', 'agents');

function write(content, ...place) {
  mkdirSync(path.join(...place, '..'), { recursive: true });
  writeFileSync(path.join(...place), content);
}

// With it the extension for skills is there.
write('---\nname: test\ndescription: A skill.\n---\nA skill.\n', '.cline', 'skills', 'test', 'SKILL.md');

const requests = [];
const model = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    requests.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"there is no model"}}');
  });
});
await new Promise((resolve) => model.listen(0, '127.0.0.1', resolve));

/** Calls every agent once, and gives what the model is sent. */
async function started() {
  const { configs, errors } = loadConfiguredAgentConfigs({ searchPaths: [AGENTS] });
  const tools = new Map(buildConfiguredAgentToolDescriptors(configs).map(({ toolName, config }) => [toolName, config]));
  const runtime = await new DefaultRuntimeBuilder().build({
    config: {
      providerId: 'openai-compatible',
      modelId: CALLERS,
      apiKey: 'none',
      baseUrl: `http://127.0.0.1:${model.address().port}/v1`,
      cwd: process.cwd(),
      workspaceRoot: process.cwd(),
      sessionId: 'test',
      mode: 'act',
      enableTools: true,
      enableAgentTeams: false,
      disableMcpSettingsTools: true,
    },
    toolExecutors: { askQuestion: async () => '' },
    logger: { log() {}, debug() {}, error() {} },
  });
  const agents = [];
  for (const tool of runtime.tools) {
    const config = tools.get(tool.name);
    if (!config) continue;
    requests.length = 0;
    await tool.execute({ prompt: 'test' }, { agentId: 'test' });
    const [sent] = requests;
    const [{ content }] = sent.messages.filter(({ role }) => role === 'system');
    const { name, description } = config;
    const given = (sent.tools ?? []).map((one) => one.function.name);
    agents.push({ name, description, prompt: content, model: sent.model === CALLERS ? null : sent.model, tools: given });
  }
  return { agents, refused: errors.map(({ path: file, error }) => `${file}: ${error.message}`) };
}

/** The header keys of a list that the loader keeps, and the tools of an agent without a list. */
async function facts(keys) {
  const known = keys.filter(([key, value]) => {
    const header = { name: 'agent', description: 'agent', [key]: value };
    const text = Object.entries(header).map(([name, one]) => `${name}: ${JSON.stringify(one)}\n`);
    return JSON.stringify(parseConfiguredAgentConfig(`---\n${text.join('')}---\nA prompt.\n`)[key]) === JSON.stringify(value);
  });
  write('---\nname: open\ndescription: open\nskills: [test]\n---\nA prompt.\n', AGENTS, 'open.yaml');
  write('---\nname: gpt\ndescription: open\nmodelId: gpt-test\n---\nA prompt.\n', AGENTS, 'gpt.yaml');
  const { agents } = await started();
  return { keys: known.map(([key]) => key), ids: ALL_DEFAULT_TOOL_NAMES, given: agents.flatMap(({ tools }) => tools) };
}

const answer = process.argv[2] === undefined ? await started() : await facts(JSON.parse(process.argv[2]));
process.stdout.write(`\n${JSON.stringify(answer)}\n`, () => process.exit());
