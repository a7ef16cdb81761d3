/** The program, run in the process of the test. */
import { main } from '../src/cli/main.js';

export interface Ran {
  readonly code: number | null;
  readonly text: string;
}

/** What comes of a quiet command that has nothing to say. */
export const DONE: Ran = { code: 0, text: '' };

/** Runs a command in a folder: its exit code, and what it prints, on whichever stream. */
export async function runMain(cwd: string, ...args: readonly string[]): Promise<Ran> {
  const said: string[] = [];
  const take = { write: (text: string) => void said.push(text) };
  const code = await main(args, { cwd, stdout: take, stderr: take, env: {} });
  return { code, text: said.join('') };
}
