/** Arguments → command → exit code. Nothing heavy is loaded here: `--version` and `--help` cost no more than Node. */
import module from 'node:module';
import { parseArgs } from 'node:util';
import { nearest } from '../diagnostics/nearest.js';
import { UsageError } from '../project/usage-error.js';
import { VERSION } from '../project/version.js';
import { type Arguments, type Command, optionsOf, type Terminal } from './command.js';
import { COMMANDS, COMMON } from './commands/index.js';
import { usage } from './usage.js';

/** Runs the program: 0 fine, 1 errors, 2 wrong use or config. */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const [word] = argv;
    const named = COMMANDS.find((command) => command.name === word);
    if (!named && (word === '--help' || word === '-h' || word === 'help')) {
      const about = COMMANDS.find((command) => command.name === argv[1]);
      terminal.stdout.write(usage(about));
      return 0;
    }
    const command = named ?? COMMANDS[0];
    if (!command) throw new Error('no commands');
    const { values, positionals } = read(command, named ? argv.slice(1) : argv);
    if (values.version) {
      terminal.stdout.write(`${VERSION}\n`);
      return 0;
    }
    if (values.help) {
      terminal.stdout.write(usage(command));
      return 0;
    }
    refuseWords(command, named !== undefined, positionals);
    if (values['no-cache'] !== true) keepCompiledCode();
    const { run } = await command.load();
    return await run({ operands: positionals, values }, terminal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.stderr.write(`error: ${error.message}\nhelp: ${error.help}\n`);
    return 2;
  }
}

/**
 * Has Node keep the code that it compiles for the next run, as it can from 22.1 on: a fifth of a small build. It takes care of
 * the place, and does without where there is none. https://nodejs.org/api/module.html#moduleenablecompilecacheoptions
 */
function keepCompiledCode(): void {
  (module as { readonly enableCompileCache?: () => unknown }).enableCompileCache?.();
}

function read(command: Command, args: readonly string[]): { values: Arguments['values']; positionals: string[] } {
  const options = optionsOf({ flags: { ...command.flags, ...COMMON } });
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    return { values: values as Arguments['values'], positionals };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const flag = /'(-[^' ]*)/.exec(message)?.[1] ?? '';
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const near = nearest(flag.replace(/^-+/, ''), Object.keys(options));
      throw new UsageError(
        `There is no option ${flag}`,
        near ? `Did you mean --${near}?` : `polyagent ${command.name} --help lists the options.`,
      );
    }
    throw new UsageError(message.split('\n')[0] ?? message, `polyagent ${command.name} --help lists the options.`);
  }
}

/** A word that is neither a command nor a path is most likely a misspelt command. */
function refuseWords(command: Command, named: boolean, positionals: readonly string[]): void {
  const [word] = positionals;
  if (word === undefined) return;
  if (!command.operands)
    throw new UsageError(`polyagent ${command.name} takes no \`${word}\``, `polyagent ${command.name} --help says what it takes.`);
  if (named || /[./\\*]/.test(word)) return;
  const near = nearest(
    word,
    COMMANDS.map(({ name }) => name),
  );
  if (near) throw new UsageError(`There is no command \`${word}\``, `Did you mean \`polyagent ${near}\`?`);
}
