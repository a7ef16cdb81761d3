/** Arguments that every command has which compiles a project. */
import path from 'node:path';
import { createColors } from 'picocolors';
import { formatPretty } from '../diagnostics/format/pretty.js';
import { visible } from '../diagnostics/format/visible.js';
import type { Diagnostic, Finding, Told } from '../diagnostics/report.js';
import type { Severity } from '../diagnostics/rules.js';
import type { ProjectSummary } from '../project/compile-project.js';
import { type Wait, wordsFor } from '../project/lock.js';
import { LOCK } from '../project/own-files.js';
import type { BuildOptions } from '../project/settings.js';
import { UsageError } from '../project/usage-error.js';
import { type Arguments, namesIn, type Terminal, wantsColor } from './command.js';

/** Reads the arguments. Throws a UsageError for a list that names nothing. */
export function projectOptions({ operands, values }: Arguments, { cwd, stderr }: Terminal): BuildOptions {
  const text = (flag: string): string | undefined => (typeof values[flag] === 'string' ? values[flag] : undefined);
  const [out, config, shard, jobs] = [text('out'), text('config'), text('shard'), text('jobs')];
  const [to, variants] = [namesIn(values, 'to'), namesIn(values, 'variant')];
  return {
    cwd,
    sources: operands,
    ...(to && { to }),
    ...(variants && { variants }),
    ...(out !== undefined && { out }),
    ...(config !== undefined && { config }),
    ...(values['no-cache'] === true && { cache: false }),
    ...(shard !== undefined && { shard }),
    ...(jobs !== undefined && jobs !== 'auto' && { jobs: readJobs(jobs) }),
    ...(values.quiet !== true && { onWait: (wait) => void stderr.write(waitingLine(wait, cwd)) }),
  };
}

/** The most threads that make sense for anybody. */
const MOST_JOBS = 256;

function readJobs(text: string): number {
  const jobs = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (jobs < 1 || jobs > MOST_JOBS) {
    throw new UsageError(`--jobs is \`${text}\``, `Say how many threads shall compile: a number from 1 to ${MOST_JOBS}, or \`auto\`.`);
  }
  return jobs;
}

/** `Waiting for another build (process 4711) that writes to dist. If there is none, delete dist/.polyagent.lock.` */
export function waitingLine({ folder, holder }: Wait, cwd: string): string {
  const shown = (file: string): string => visible(path.relative(cwd, file) || '.');
  return `Waiting for another build${visible(wordsFor(holder))} that writes to ${shown(folder)}. If there is none, delete ${shown(path.join(folder, LOCK))}.\n`;
}

/** The format that is asked for. Throws a UsageError for one that the command does not have. */
export function formatIn<const F extends string>({ values }: Arguments, formats: readonly F[]): F {
  const format = formats.find((one) => one === (values.format ?? formats[0]));
  if (format === undefined) throw new UsageError(`There is no format \`${String(values.format)}\``, `Formats: ${formats.join(', ')}.`);
  return format;
}

/** Prints messages for a person. What makes a command fail is never kept quiet. */
export function printMessages(told: readonly Told[], { values }: Arguments, { stderr, env }: Terminal): void {
  const fails = ({ severity }: Told): boolean => severity === 'error' || (values.strict === true && severity === 'warning');
  const shown = values.quiet === true ? told.filter(fails) : told;
  const verbose = values.verbose === true;
  const messages = formatPretty(shown, { color: wantsColor(stderr, env), width: stderr.columns ?? 120, verbose });
  if (messages !== '') stderr.write(`${messages}\n`);
}

/** What a command found out about the sources. */
interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  /** Sources that lack an output. */
  readonly failed: readonly string[];
  /** What the messages are made of, where that is known without making them. */
  readonly findings?: readonly Finding[];
  /** Whether there are messages of a severity, where that is known. */
  readonly hasFound?: (severity: Severity) => boolean;
}

/** What there is to tell. */
export const toldBy = (result: Findings): readonly Told[] => result.findings ?? result.diagnostics;

/** A command fails when a source lacks an output or an error was reported; with `--strict` for a warning too. */
export function hasFailed(result: Findings, { values }: Arguments): boolean {
  const { hasFound = (severity) => toldBy(result).some((one) => one.severity === severity) } = result;
  return result.failed.length > 0 || hasFound('error') || (values.strict === true && hasFound('warning'));
}

/** The last lines of a summary: what was not built, and how many messages of each kind there are. */
export function notesOf(result: Findings & Pick<ProjectSummary, 'agents'>, { values }: Arguments): string[] {
  const { agents, failed } = result;
  const verbose = values.verbose === true;
  const of = (severity: string): number => toldBy(result).filter((one) => one.severity === severity).length;
  const notes = [
    ...(of('error') > 0 ? [counted(of('error'), 'error')] : []),
    ...(of('warning') > 0 ? [counted(of('warning'), 'warning')] : []),
    ...(of('info') > 0 ? [`${counted(of('info'), 'note')}${verbose ? '' : ' (--verbose)'}`] : []),
  ];
  const isEmpty = values.shard !== undefined && agents === 0 && failed.length === 0;
  return [
    ...(isEmpty ? ['  no source is in this share'] : []),
    ...(failed.length > 0 ? [`  ${notBuilt(failed)}`] : []),
    ...(notes.length > 0 ? [`  ${notes.join(', ')}`] : []),
  ];
}

const MOST_FILES = 3;

/** `5 sources not built: agents/a.md, agents/b.md, agents/c.md and 2 more` */
function notBuilt(failed: readonly string[]): string {
  const more = failed.length > MOST_FILES ? ` and ${failed.length - MOST_FILES} more` : '';
  return `${counted(failed.length, 'source')} not built: ${failed.slice(0, MOST_FILES).map(visible).join(', ')}${more}`;
}

/** `5 agents × 26 targets, 5 variants, shard 2/8` */
export function sizeOf({ agents, targets, variants }: ProjectSummary, { values: { shard } }: Arguments): string {
  const more = [...(variants.length > 0 ? [counted(variants.length, 'variant')] : []), ...(shard === undefined ? [] : [`shard ${shard}`])];
  return [`${counted(agents, 'agent')} × ${counted(targets.length, 'target')}`, ...more].join(', ');
}

export const counted = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;

export const colorsFor = (output: Terminal['stdout'], env: Terminal['env']): ReturnType<typeof createColors> =>
  createColors(wantsColor(output, env));
