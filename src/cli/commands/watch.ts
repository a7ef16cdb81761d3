import path from 'node:path';
import type { Wait } from '../../project/lock.js';
import { UsageError } from '../../project/usage-error.js';
import { type Update, watchProject } from '../../project/watch/watch.js';
import type { Arguments, Run, Terminal } from '../command.js';
import { createProgressBar } from '../progress.js';
import { formatIn, projectOptions, waitingLine } from '../project-arguments.js';
import { onEnd } from '../watch/ends.js';
import { createJsonTeller } from '../watch/json.js';
import { createHook, type Hook } from '../watch/on-rebuild.js';
import { isRestarted, restart } from '../watch/restart.js';
import { type Changes, changesOf, type Teller } from '../watch/teller.js';
import { createWatchView } from '../watch/view.js';

export const run: Run = async (args, terminal) => {
  const { values } = args;
  const isJson = formatIn(args, ['pretty', 'json']) === 'json';
  const bar = createProgressBar(terminal, values.quiet === true || isJson);
  const teller = isJson ? createJsonTeller(args, terminal) : createWatchView(args, terminal);
  const hook = hookOf(args, terminal, teller, isJson);
  const options = {
    ...projectOptions(args, terminal),
    sourceMaps: values['source-maps'] === true,
    onProgress: bar.update,
    onWait: (wait: Wait) => teller.waiting(waitingLine(wait, terminal.cwd)),
  };
  let stop = (): void => {
    isStopped = true;
  };
  let isStopped = false;
  const forget = onEnd(() => stop());
  try {
    const watch = await watchProject(options, {
      updated: (update) => {
        bar.end();
        teller.updated(update);
        const changes = changesOf(update);
        if (changes.written.length + changes.removed.length > 0) hook?.start(variablesOf(update, changes, terminal.cwd));
      },
      configBroken: teller.configBroken,
      unseen: teller.unseen,
    });
    stop = watch.close;
    if (isStopped) stop();
    const ending = await watch.ended;
    await hook?.stop();
    bar.end();
    if (ending === 'closed') return 0;
    if (!isRestarted()) teller.restarting();
  } finally {
    await hook?.stop();
    teller.ended();
    forget();
  }
  return restart();
};

function hookOf({ values }: Arguments, { cwd, env }: Terminal, teller: Teller, isJson: boolean): Hook | undefined {
  const command = values['on-rebuild'];
  if (typeof command !== 'string') return undefined;
  if (command.trim() === '') throw new UsageError('--on-rebuild names no command', 'Write it in quotes: --on-rebuild "npm test".');
  // Lines of JSON stay lines of JSON.
  return createHook({ command, cwd, env, stdout: isJson ? 2 : 1, starting: teller.hookStarting, ended: teller.hookEnded });
}

/** In characters, of at most three bytes: Linux takes no variable above 128 KiB. */
const LONGEST = 40_000;

/** The variables that tell a command what changed: paths relative to its working folder, one a line, as many as there is room for. */
function variablesOf({ changed }: Update, { written, removed }: Changes, cwd: string): { [name: string]: string } {
  const list = (files: readonly string[]): string => {
    const text = files.join('\n');
    return text.length <= LONGEST ? text : text.slice(0, text.lastIndexOf('\n', LONGEST));
  };
  return {
    POLYAGENT_SOURCES: list(changed.map((file) => path.relative(cwd, file))),
    POLYAGENT_CHANGED: list(written),
    POLYAGENT_REMOVED: list(removed),
    POLYAGENT_COUNT: String(written.length + removed.length),
  };
}
