/** The commands that are timed: polyagent and the floors. Each gets a home of its own, and nothing of this user's. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './processes.js';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const FLOOR = fileURLToPath(new URL('floor.js', import.meta.url));
const EXIT_FACTS = new URL('exit-facts.js', import.meta.url).href;

/** The assistants that agentloom 0.1.13 writes for. Pi is none of ours: `augment`, Markdown like Pi, stands in for it. */
export const SEVEN = ['claude-code', 'codex', 'copilot', 'cursor', 'gemini-cli', 'opencode', 'augment'];

/** Targets with a file of their own for each agent: Markdown, TOML, YAML and JSON. */
export const TWELVE = [...SEVEN, 'amazon-q', 'cline', 'factory-droid', 'kilo-code', 'qwen-code'];

export const hasBundle = () => existsSync(path.join(DIST, 'cli.js'));

/**
 * @param {string} scratch the folder of the bench
 * @param {string} [bundle] the folder of the program, when it is not dist/
 */
export function createPrograms(scratch, bundle = DIST) {
  const cli = install(bundle, path.join(scratch, 'program'));
  const home = path.join(scratch, 'home');
  mkdirSync(home, { recursive: true });
  const env = { PATH: process.env.PATH ?? '', HOME: home };
  const node = (args, cwd) => run([process.execPath, ...args], { cwd, env });
  const build = (targets) => [cli, 'build', ...(targets ? ['--to', targets.join(',')] : [])];
  return {
    env,
    nothing: () => node(['-e', '0']),
    polyagent: (...args) => node([cli, ...args], scratch),
    /** The command of `polyagent watch`. */
    watching: (targets) => [process.execPath, cli, 'watch', '--to', targets.join(',')],
    build: (project, targets) => node(build(targets), project),
    /** Builds untimed. `peak` is in MiB; `libraries` are the native ones that were loaded. */
    facts(project, targets) {
      const { stdout } = node(['--import', EXIT_FACTS, ...build(targets)], project);
      return JSON.parse(stdout.slice(stdout.lastIndexOf('\n{') + 1));
    },
    /** Builds, and writes a CPU profile of each thread into a folder. */
    profile: (project, targets, into) =>
      node(['--cpu-prof', '--cpu-prof-dir', into, '--cpu-prof-interval', '250', ...build(targets)], project),
    stat: (list) => node([FLOOR, 'stat', list]),
    write(list, out) {
      const time = node([FLOOR, 'write', list, out]);
      const unmeasured = JSON.parse(time.stdout);
      return { ms: time.ms - unmeasured.ms, cpu: Math.max(0, time.cpu - unmeasured.cpu) };
    },
  };
}

/** Copies a bundle to where no packages lie beside it: a native parser among those of this checkout would be taken. */
function install(bundle, folder) {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(bundle)) if (/\.js(?:\.map)?$/.test(name)) copyFileSync(path.join(bundle, name), path.join(folder, name));
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }\n');
  return path.join(folder, 'cli.js');
}
