/** What a program reads of `polyagent watch --format json`: one JSON object a line. */
import path from 'node:path';
import { printJson, toJson } from '../../diagnostics/format/json.js';
import { UsageError } from '../../project/usage-error.js';
import type { Arguments, Terminal } from '../command.js';
import { hasFailed } from '../project-arguments.js';
import { changesOf, type Teller } from './teller.js';

export function createJsonTeller(args: Arguments, { cwd, stdout, stderr }: Terminal): Teller {
  const tell = (event: object): void => void stdout.write(`${printJson({ version: 1, ...event }, 0)}\n`);
  const troubled = ({ message, help }: UsageError, about: string): void => tell({ event: 'error', about, message, help });
  return {
    configBroken: (error) => troubled(error, 'config'),
    unseen: (error) => troubled(error, 'watch'),
    updated(update) {
      const { changed, first, reloaded, ms, outcome } = update;
      if (outcome instanceof UsageError) {
        troubled(outcome, 'build');
        return;
      }
      const { agents, variants, targets, failed, diagnostics } = outcome;
      tell({
        event: 'build',
        ok: !hasFailed(outcome, args),
        first,
        reloaded,
        sources: changed.map((file) => path.relative(cwd, file)),
        ms: Math.round(ms),
        agents,
        variants,
        targets,
        ...changesOf(update),
        failed,
        diagnostics: diagnostics.map(toJson),
      });
    },
    waiting: (line) => void (args.values.quiet !== true && stderr.write(line)),
    hookStarting: () => undefined,
    hookEnded: (result) => tell({ event: 'on-rebuild', result }),
    restarting: () => tell({ event: 'restart', reason: 'packages' }),
    ended: () => undefined,
  };
}
