/**
 * Lets Codex work in this folder with a model of ours, which calls every role there is and is done. What the program
 * then sends to the model for a role is what the role is. Argument: the program.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [program] = process.argv.slice(2);

/** A model that calls agents, whose agents call agents too. */
const MODEL = 'gpt-6-sol';

// A project's roles count when it is trusted.
const settings = `${process.env.HOME}/.codex`;
mkdirSync(settings, { recursive: true });
writeFileSync(`${settings}/config.toml`, `[projects.${JSON.stringify(process.cwd())}]\ntrust_level = "trusted"\n`);

/** The roles in the order in which they are called; absent until the first request has told them. */
let roles;
/** The first request of each role, by its place in that order. */
const spoken = new Map();
/** Why a role could not be called, by its place. */
const failed = new Map();
/** Lets the caller go on, which waits for the roles: the program ends with it. */
let release;

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const sent = JSON.parse(body);
  const place = placeOf(sent);
  if (place !== undefined) spoken.set(place, sent);
  if (!roles) {
    roles = rolesIn(sent);
    answer(response, roles.map(call));
  } else if (place === undefined && !release) {
    for (const { type, call_id: id, output } of sent.input)
      if (type === 'function_call_output' && !output.startsWith('{')) failed.set(Number(id), output);
    release = () => answer(response, [done()]);
  } else answer(response, [done()]);
  if (spoken.size + failed.size === roles.length) release?.();
});

function answer(response, items) {
  if (response.writableEnded) return;
  const usage = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };
  const events = [
    { type: 'response.created', response: { id: 'answer' } },
    ...items.map((item) => ({ type: 'response.output_item.done', item })),
    { type: 'response.completed', response: { id: 'answer', usage } },
  ];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
}

const done = () => ({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Done.' }] });

const call = ({ name }, place) => ({
  type: 'function_call',
  namespace: 'collaboration',
  name: 'spawn_agent',
  call_id: String(place),
  arguments: JSON.stringify({ agent_type: name, task_name: `role_${place}`, message: 'Go.', fork_turns: 'none' }),
});

/** The role that a request is of, by the name of the task it was given. */
function placeOf({ input }) {
  const messages = JSON.stringify(input.filter(({ type }) => type === 'agent_message'));
  const [, place] = /Message Type: NEW_TASK\\nTask name: \/root\/role_(\d+)/.exec(messages) ?? [];
  return place === undefined ? undefined : Number(place);
}

/** Every tool of a request. A tool that runs code declares more of them in its description. */
function toolsIn({ tools = [], input }) {
  const all = [...tools, ...input.flatMap((item) => item.tools ?? [])].flatMap((tool) => tool.tools ?? [tool]);
  const declared = all.flatMap(({ description = '' }) => [...description.matchAll(/declare const tools: \{ (\w+)\(/g)]);
  return { all, names: [...all.map(({ name, type }) => name ?? type), ...declared.map(([, name]) => name)] };
}

/** The roles that the tool for calling one offers, with their descriptions. */
function rolesIn(request) {
  const { parameters } = toolsIn(request).all.find(({ name }) => name === 'spawn_agent');
  const [, list] = parameters.properties.agent_type.description.split('Available roles:\n');
  return list.split(/\n\}\n(?=[^\n]+: \{\n)|\n\}\s*$/).flatMap((role) => {
    const [, name, description] = /^([^\n]+): \{\n(.*)$/s.exec(role) ?? [];
    return name === undefined ? [] : [{ name, description: description.replace(/\n- This role's [^\n]*$/, '') }];
  });
}

/** The prompt stands before the list of skills. */
function promptIn({ input }) {
  const texts = input.filter(({ role }) => role === 'developer').flatMap(({ content }) => content ?? []);
  return texts[texts.findIndex(({ text }) => text.startsWith('<skills_instructions>')) - 1]?.text;
}

await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const options = {
  model_provider: '"ours"',
  'model_providers.ours.base_url': `"http://127.0.0.1:${server.address().port}/v1"`,
  'model_providers.ours.wire_api': '"responses"',
  // The tool for the web is there for this one only.
  'model_providers.ours.name': '"OpenAI"',
  'model_providers.ours.requires_openai_auth': true,
  'features.multi_agent_v2.max_concurrent_threads_per_session': 10_000,
  // Off in a session until somebody wants it; then roles have it as well.
  'tools.update_plan.enabled': true,
};
const words = Object.entries(options).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
const codex = spawn(program, ['exec', '-m', MODEL, ...words, 'Go.'], {
  env: { ...process.env, CODEX_API_KEY: 'none' },
  stdio: ['ignore', 'ignore', 'pipe'],
});
let said = '';
codex.stderr.on('data', (chunk) => {
  said += chunk;
});
await new Promise((resolve) => codex.on('exit', resolve));
server.closeAllConnections();
server.close();
if (!roles) throw new Error(`Codex asked no model: ${said.slice(-2000)}`);

const malformed = [...said.matchAll(/^warning: Ignoring malformed agent role definition: (.*)/gm)].map(([, reason]) => reason);
const agents = [...spoken].map(([place, request]) => ({
  ...roles[place],
  prompt: promptIn(request),
  model: request.model === MODEL ? null : request.model,
  tools: toolsIn(request).names,
}));
const mute = [...failed].map(([place, reason]) => `${roles[place].name}: ${reason}`);
console.log(JSON.stringify({ agents, refused: [...new Set(malformed), ...mute] }));
