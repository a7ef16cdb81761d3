/**
 * Starts OpenCode, or a program built on it, as a server in this folder, asks what it loaded, and prints that as JSON.
 * Arguments: the program; `agents` or `facts`; for `agents` what each permission key stands for, and the ids, both as JSON.
 */
import { spawn } from 'node:child_process';

const [program, question, wordList, idList] = process.argv.slice(2);

/** The address that the server prints when it listens. */
function listening(server) {
  return new Promise((resolve, reject) => {
    let said = '';
    const read = (chunk) => {
      said += chunk;
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (address) resolve(address);
    };
    server.stdout.on('data', read);
    server.stderr.on('data', read);
    server.on('exit', (status) => reject(new Error(`the server ended with ${status}: ${said.slice(-2000)}`)));
  });
}

const server = spawn(program, ['serve', '--hostname', '127.0.0.1', '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
const address = await listening(server);

async function get(path) {
  const response = await fetch(address + path);
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, value: isJson ? await response.json() : undefined };
}

async function agents() {
  const words = JSON.parse(wordList);
  const ids = JSON.parse(idList);
  const { status, value } = await get('/agent');
  // One wrong value in one file, and OpenCode gives no agent at all.
  if (status !== 200) return { agents: [], refused: [JSON.stringify(value)] };
  // Kilo Code leaves out a file that it cannot read, and says so here.
  const { value: warnings = [] } = await get('/config/warnings');
  const builtIn = new Set(value.filter(({ native }) => native).flatMap(({ permission }) => permission.map((rule) => rule.permission)));
  return {
    agents: value
      .filter(({ name, native }) => !native || ids.includes(name))
      .map(({ name, description, prompt, model, mode, permission }) => ({
        name,
        description,
        prompt,
        model: model ? `${model.providerID}/${model.modelID}` : null,
        capabilities: [...new Set(Object.keys(words).flatMap((key) => (isFree(key, permission, mode) ? words[key] : [])))],
        mcp: [...new Set(permission.map((rule) => rule.permission))]
          .filter((key) => key === '*' || (!words[key] && !builtIn.has(key)))
          .filter((key) => isFree(key, permission, mode))
          .map((key) => key.replace(/_\*$/, '').replace('_', '/')),
      })),
    refused: [
      ...warnings.map(({ path, message }) => `${path}: ${message}`),
      // A key that the program does not know goes to the provider of the model.
      ...value
        .filter(({ options }) => Object.keys(options).length > 0)
        .map(({ name, options }) => `${name} passes on ${JSON.stringify(options)}`),
    ],
  };
}

/** Whether the rules let an agent do all that a key stands for. The last rule that matches is the one that holds. */
function isFree(key, rules, mode) {
  const about = rules.filter(({ permission }) => matches(key, permission));
  const whole = about.findLastIndex(({ pattern }) => pattern === '*');
  if (whole < 0 || about.slice(whole).some(({ action }) => action === 'deny')) return false;
  // An agent that another one calls has these only when a rule names them (TaskTool.execute of both programs).
  const unnamed = (key === 'task' || key === 'todowrite') && !rules.some(({ permission }) => permission === key);
  return mode === 'primary' || !unnamed;
}

/** Both programs' wildcards: `*` is any text, `?` one character. */
function matches(key, wildcard) {
  const escaped = wildcard.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(key);
}

/** The vocabulary of an agent's file, out of the program's description of its own interface, and the tools it has. */
async function facts() {
  const [{ value: api }, { value: tools }] = [await get('/doc'), await get('/experimental/tool/ids')];
  const { AgentConfig, PermissionConfig } = api.components.schemas;
  const { color, mode } = AgentConfig.properties;
  return {
    keys: Object.keys(AgentConfig.properties),
    permissions: Object.keys(PermissionConfig.anyOf.find(({ properties }) => properties).properties),
    colors: color.anyOf.flatMap((one) => one.enum ?? []),
    modes: mode.enum,
    tools,
  };
}

try {
  console.log(JSON.stringify(question === 'facts' ? await facts() : await agents()));
} finally {
  server.kill('SIGKILL');
}
