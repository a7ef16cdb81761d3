/** What a command is: data from which arguments are read and help is printed. */
import type { ParseArgsConfig } from 'node:util';
import { UsageError } from '../project/usage-error.js';

/** Where a command reads and writes. Tests give their own. */
export interface Terminal {
  readonly cwd: string;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: { readonly [name: string]: string | undefined };
}

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** Asks the terminal for its columns and rows. */
  getWindowSize?(): readonly [columns: number, rows: number];
}

export interface Flag {
  readonly type: 'string' | 'boolean';
  /** May be given more than once. */
  readonly multiple?: true;
  readonly short?: string;
  /** What the value is called in help. */
  readonly value?: string;
  readonly help: string;
}

export interface Command {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** What may follow the name. */
  readonly operands?: { readonly name: string; readonly help: string };
  readonly flags: { readonly [name: string]: Flag };
  readonly examples: readonly string[];
  /** Loads the code of the command, so that help and other commands do not pay for it. */
  readonly load: () => Promise<{ run: Run }>;
}

/** Runs a command with its arguments read; gives the exit code. */
export type Run = (args: Arguments, terminal: Terminal) => Promise<number>;

export interface Arguments {
  readonly operands: readonly string[];
  readonly values: { readonly [flag: string]: string | boolean | readonly string[] | undefined };
}

/** The flags in the form that `parseArgs` of Node takes. */
export function optionsOf({ flags }: Pick<Command, 'flags'>): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    Object.entries(flags).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short && { short }), ...(multiple && { multiple }) },
    ]),
  );
}

/** The names that a flag gives: it may be given more than once, each time with names between commas. */
export function namesIn(values: Arguments['values'], flag: string): string[] | undefined {
  const given = values[flag];
  if (!Array.isArray(given)) return undefined;
  const names = given
    .join(',')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  if (names.length > 0) return names;
  const isVariant = flag === 'variant';
  throw new UsageError(
    `--${flag} names no ${isVariant ? 'variant' : 'target'}`,
    isVariant ? 'They are the keys of `variants` in agents and in the config.' : 'polyagent targets lists them.',
  );
}

/** Whether to colour an output: https://no-color.org and https://force-color.org come before the terminal. */
export function wantsColor(output: Output, env: Terminal['env']): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return output.isTTY === true && env.TERM !== 'dumb';
}
