/** A watch in a new process: what Node found out about packages, it keeps for as long as a process lives. */
import { spawn } from 'node:child_process';

/** Tells a process that another one started it, and starts it again when it asks for that. */
const STARTED = 'POLYAGENT_WATCH_RESTARTED';
/** The exit code that asks for it: `EX_TEMPFAIL` of sysexits.h. */
const AGAIN = 75;

/** Whether another process of this program started this one to go on watching. */
export const isRestarted = (): boolean => process.env[STARTED] !== undefined;

/** Runs this program again with the same arguments, as often as it asks for it. Gives its exit code. */
export async function restart(): Promise<number> {
  if (isRestarted()) return AGAIN;
  for (;;) {
    const code = await runOnce();
    if (code !== AGAIN) return code;
  }
}

async function runOnce(): Promise<number> {
  const args = [...process.execArgv, process.argv[1] ?? '', ...process.argv.slice(2)];
  // The channel closes when this process dies, whatever it dies of.
  const child = spawn(process.execPath, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env: { ...process.env, [STARTED]: '1' } });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
    });
  } finally {
    for (const signal of signals) process.off(signal, forward);
  }
}
