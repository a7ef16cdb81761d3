/** The command of `--on-rebuild`: one at a time, and the one before is ended first. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface Hook {
  /** Ends the command, if it runs, and starts it again. */
  start(variables: { readonly [name: string]: string }): void;
  /** Ends the command. */
  stop(): Promise<void>;
}

export interface HookOptions {
  readonly command: string;
  readonly cwd: string;
  readonly env: { readonly [name: string]: string | undefined };
  /** Where its output goes: a descriptor of ours. */
  readonly stdout: 1 | 2;
  /** It is about to start, and to write to the terminal. */
  starting(): void;
  /** It has ended by itself. */
  ended(code: number | string): void;
}

/** How long a command may take to end. */
const GRACE_MS = 2000;
const LOOK_MS = 20;
const IS_WINDOWS = process.platform === 'win32';

/** A command that runs. */
interface Running {
  stop(): Promise<void>;
}

/** Makes a hook. The shell runs the command, in a process group of its own, so that what it starts ends with it. */
export function createHook({ command, cwd, env, stdout, starting, ended }: HookOptions): Hook {
  let running: Running | undefined;
  let queue: Promise<void> = Promise.resolve();
  let latest = 0;

  function launch(variables: { readonly [name: string]: string }): void {
    starting();
    const child = spawn(command, { shell: true, cwd, env: { ...env, ...variables }, stdio: ['ignore', stdout, 2], detached: !IS_WINDOWS });
    let isStopped = false;
    const gone = new Promise<void>((resolve) => {
      const settle = (result: number | string): void => {
        running = undefined;
        if (!isStopped) ended(result);
        resolve();
      };
      child.once('error', (error) => settle(error.message));
      child.once('exit', (code, name) => settle(code ?? name ?? 0));
    });
    const stop = async (): Promise<void> => {
      isStopped = true;
      signal(child, 'SIGTERM');
      // The shell may be gone before what it started.
      for (let waited = 0; waited < GRACE_MS && isThere(child); waited += LOOK_MS)
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (isThere(child)) signal(child, 'SIGKILL');
      await gone;
    };
    running = { stop };
  }

  const end = async (): Promise<void> => running?.stop();

  return {
    start(variables) {
      const turn = ++latest;
      queue = queue.then(end).then(() => {
        if (turn === latest) launch(variables);
      });
    },
    stop() {
      latest++;
      queue = queue.then(end);
      return queue;
    },
  };
}

/** Whether a command, or something that it started, still runs. */
function isThere({ pid, exitCode, signalCode }: ChildProcess): boolean {
  if (pid === undefined) return false;
  if (IS_WINDOWS) return exitCode === null && signalCode === null;
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

/** Sends a signal to a command and all that it started. */
function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  if (IS_WINDOWS) {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-pid, name);
  } catch {
    // It has ended by itself.
  }
}
