/** What the suite asks of an assistant's own program, and the clean place that the program runs in. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Capability } from '../../src/ir.js';

/** An assistant's own program, as a judge of what we emit for it. */
export interface Client {
  /** The name of the target. */
  readonly target: string;
  /** The npm package of the program, which package.json beside pins. */
  readonly program: string;
  /** Where the package has its program for this platform only: the package whose absence means "not run". */
  readonly needs?: string;
  /** Names that files give to tools which the program calls otherwise. */
  readonly aliases?: { readonly [name: string]: string };
  /** Hands the files of a project to the program's own loader. */
  load(project: Project): Promise<Loading>;
  /** What the program itself says about facts that the target's data states. */
  facts?(project: Project): Promise<readonly Fact[]>;
}

/** A scratch project with the emitted files in their places, in a git repository of its own. */
export interface Project {
  /** Absolute. */
  readonly folder: string;
  /** An empty home folder. */
  readonly home: string;
  /** The emitted files, relative to the folder, with `/`. */
  readonly files: readonly string[];
  /** Runs a program in the folder, with nothing of our environment but `PATH`. No network but loopback. */
  run(command: string, args: readonly string[], options?: RunOptions): SpawnSyncReturns<string>;
  /** The same environment, for a program that is talked to while it runs. */
  readonly env: { readonly [name: string]: string };
}

export interface RunOptions {
  readonly env?: { readonly [name: string]: string };
  readonly cwd?: string;
  readonly input?: string;
  /** Milliseconds; two minutes unless told. */
  readonly timeout?: number;
}

export interface Loading {
  readonly agents: readonly LoadedAgent[];
  /** Reasons of the loader for files that it did not take, with the file's name. */
  readonly refused: readonly string[];
}

/** An agent as the program holds it. What the program does not tell is absent. */
export interface LoadedAgent {
  readonly name: string;
  readonly description?: string;
  readonly prompt?: string;
  /** `null`: the caller's model. */
  readonly model?: string | null;
  /** What the program will let it do without a limit, in our words. The client translates, by a table of its own. */
  readonly capabilities?: readonly Capability[];
  /** Tools that it may use besides, by the program's own ids: those that no capability of ours stands for. */
  readonly others?: readonly string[];
  /** MCP tools and servers that it may use, as `server/tool` or `server`; `*` is every server. */
  readonly mcp?: readonly string[];
}

/** A list in our data, beside the program's own. */
export interface Fact {
  /** What the list is of: `tool ids`, `colours`. */
  readonly of: string;
  readonly ours: readonly string[];
  /** Ours must be among them. */
  readonly theirs: readonly string[];
}

/** A server that no file names: who has its tool has every server. A tool that no file names: who has it has the server. */
export const UNNAMED = { server: 'unnamed-server', tool: 'unnamed-tool' };

/** The headers of a project's files: what stands before the line that closes them. */
export const headersOf = (project: Project): string[] =>
  project.files.map((file) => {
    const text = readFileSync(path.join(project.folder, file), 'utf8').replaceAll('\r\n', '\n');
    return text.slice(0, text.indexOf('\n---\n'));
  });

/** The program's ids of tools in our words, by a table of the client; tools of MCP servers are told apart elsewhere. */
export function translated(
  ids: readonly string[],
  table: { readonly [id: string]: readonly Capability[] },
): Pick<Required<LoadedAgent>, 'capabilities' | 'others'> {
  const own = ids.filter((id) => !/^mcp_|__/.test(id));
  return {
    capabilities: [...new Set(own.flatMap((id) => table[id] ?? []))],
    others: own.filter((id) => !Object.hasOwn(table, id)),
  };
}

const HERE = path.dirname(fileURLToPath(import.meta.url));

/** The folder that the clients are installed in. */
export const MODULES: string = path.join(HERE, 'node_modules');

/** A place in the installed packages. */
export const installed = (...parts: readonly string[]): string => path.join(MODULES, ...parts);

/** An environment with nothing of ours. What would go out meets a closed port. */
export function cleanEnvironment(home: string): { readonly [name: string]: string } {
  const closed = 'http://127.0.0.1:9';
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    LANG: 'C.UTF-8',
    HTTP_PROXY: closed,
    HTTPS_PROXY: closed,
    NO_PROXY: '127.0.0.1,localhost',
  };
}

/** The words before a command that take the network away from it, all but loopback; none where the system has no such thing. */
export const OFFLINE: readonly string[] =
  spawnSync('unshare', ['-rn', 'ip', 'link', 'set', 'lo', 'up']).status === 0
    ? ['unshare', '-rn', 'sh', '-c', 'ip link set lo up; exec "$@"', 'sh']
    : [];

/** Runs a program in a folder with a clean environment and a time limit. */
export function runIn(folder: string, env: { readonly [name: string]: string }) {
  return (command: string, args: readonly string[], options: RunOptions = {}): SpawnSyncReturns<string> => {
    const [first = command, ...words] = [...OFFLINE, command, ...args];
    return spawnSync(first, words, {
      cwd: options.cwd ?? folder,
      env: { ...env, ...options.env },
      encoding: 'utf8',
      input: options.input ?? '',
      timeout: options.timeout ?? 120_000,
      killSignal: 'SIGKILL',
      maxBuffer: 1 << 28,
    });
  };
}

/** Runs a script of ours beside the clients, in a clean process, and reads the JSON that it prints last. */
export function ask<Answer>(project: Project, script: URL, args: readonly string[] = [], options: RunOptions = {}): Answer {
  const { stdout, stderr, status, error } = project.run(process.execPath, [fileURLToPath(script), ...args], options);
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as Answer;
  } catch {
    throw new Error(`${path.basename(script.pathname)} ended with ${status ?? error}: ${stderr.slice(-2000)}${stdout.slice(-500)}`);
  }
}
