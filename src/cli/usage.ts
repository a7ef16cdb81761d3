/** Help, made from the command table. */
import type { Command, Flag } from './command.js';
import { COMMANDS, COMMON } from './commands/index.js';

/** The help of the program, or of one command. */
export function usage(command?: Command): string {
  if (!command) {
    const [first] = COMMANDS;
    return [
      'Write a coding-assistant agent once, and compile it for every assistant.',
      '',
      `Usage: polyagent [command] [options]          (without a command: ${first?.name})`,
      '',
      'Commands:',
      ...table(COMMANDS.map(({ name, summary }) => [name, summary])),
      '',
      'Options:',
      ...flagTable(COMMON),
      '',
      'polyagent <command> --help says more. Exit codes: 0 fine, 1 errors, 2 wrong use or config.',
      '',
    ].join('\n');
  }
  const { name, summary, operands, flags, examples } = command;
  return [
    summary,
    '',
    `Usage: polyagent ${name}${operands ? ` [${operands.name}]` : ''} [options]`,
    ...(operands ? ['', ...table([[operands.name, operands.help]])] : []),
    '',
    'Options:',
    ...flagTable({ ...flags, ...COMMON }),
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}

function flagTable(flags: { readonly [name: string]: Flag }): string[] {
  return table(
    Object.entries(flags).map(([name, { short, value, help }]) => [
      `${short ? `-${short}, ` : '    '}--${name}${value ? ` <${value}>` : ''}`,
      help,
    ]),
  );
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
