import { formatGithub, toAnnotation } from '../../diagnostics/format/github.js';
import { printJson, toJson } from '../../diagnostics/format/json.js';
import type { Diagnostic, Finding } from '../../diagnostics/report.js';
import type { BuildOptions } from '../../project/settings.js';
import { unchanged } from '../../project/unchanged.js';
import type { BuildResult } from '../../project/update.js';
import type { Arguments, Run, Terminal } from '../command.js';
import { createProgressBar } from '../progress.js';
import { colorsFor, counted, formatIn, hasFailed, notesOf, printMessages, projectOptions, sizeOf } from '../project-arguments.js';

export const run: Run = async (args, terminal) => {
  const { values } = args;
  const format = formatIn(args, ['pretty', 'json', 'github']);
  const bar = createProgressBar(terminal, values.quiet === true || format !== 'pretty');
  const started = performance.now();
  const options: BuildOptions = {
    ...projectOptions(args, terminal),
    onProgress: bar.update,
    force: values.force === true,
    dryRun: values['dry-run'] === true,
    sourceMaps: values['source-maps'] === true,
    files: format === 'json' || values.verbose === true || values['dry-run'] === true,
    fates: format === 'json',
  };
  // Where nothing has changed the compiler is not even loaded.
  const result = unchanged(options) ?? (await (await import('../../project/build.js')).build(options));
  const ms = performance.now() - started;
  bar.end();
  const code = hasFailed(result, args) ? 1 : 0;
  if (format === 'json') {
    terminal.stdout.write(`${printJson(asJson(result, code))}\n`);
    return code;
  }
  if (format === 'github') {
    terminal.stdout.write(formatGithub(result.diagnostics.map(toAnnotation)));
    return code;
  }
  // Without an error there is nothing to print then.
  if (values.quiet === true && code === 0) return code;
  printMessages(result.findings, args, terminal);
  if (values.quiet === true) return code;
  terminal.stdout.write(summaryLines(result, args, terminal, ms));
  return code;
};

/** What a build ends with: what was done, how many messages there are, and where to read more. */
export function summaryLines(result: BuildResult, args: Arguments, terminal: Terminal, ms: number): string {
  const verbose = args.values.verbose === true;
  const lines = summary(result, hasFailed(result, args) ? 1 : 0, ms, args, terminal);
  return verbose ? lines : lines + pointer(result.findings, args);
}

/** Where to read more of what targets gain and lose: the target that gains, and where none does, the one that loses. */
function pointer(findings: readonly Finding[], { operands, values: { config } }: Arguments): string {
  const listed = (code: string, list: string): string | undefined =>
    findings.filter((one) => one.code === code).flatMap(({ data }) => Object.keys((data as Diagnostic['data'])[list] ?? {}))[0];
  const target = listed('tools-widened', 'gained') ?? listed('tools-narrowed', 'lost');
  if (target === undefined) return '';
  const quoted = (word: string): string => (/^[\w./@-]+$/.test(word) ? word : `'${word}'`);
  const sources = operands.map(quoted);
  const words = ['polyagent explain', ...sources, '--target', target, ...(typeof config === 'string' ? ['--config', quoted(config)] : [])];
  return `  by agent: ${words.join(' ')}\n`;
}

function asJson(result: BuildResult, code: number): object {
  const { errors: _, recent: __, hasFound: ___, findings: ____, ...told } = result;
  return { version: 1, ok: code === 0, ...told, diagnostics: result.diagnostics.map(toJson) };
}

/** ✔ 5 agents × 6 targets → 30 files (3 written, 27 unchanged) in 84 ms */
function summary(result: BuildResult, code: number, ms: number, args: Arguments, { stdout, env }: Terminal): string {
  const { counts, files, removed, dryRun } = result;
  const verbose = args.values.verbose === true;
  const colors = colorsFor(stdout, env);
  const written = counts.added + counts.changed;
  const parts = [
    `${written} ${dryRun ? 'to write' : 'written'}`,
    `${counts.unchanged} unchanged`,
    ...(removed.length > 0 ? [`${removed.length} ${dryRun ? 'to remove' : 'removed'}`] : []),
  ];
  const lines: string[] = [];
  if (verbose || dryRun) {
    for (const { path, action } of files) if (verbose || action !== 'unchanged') lines.push(`${MARKS[action]} ${path}`);
    for (const path of removed) lines.push(`- ${path}`);
  }
  const mark = code === 0 ? colors.green('✔') : colors.red('✖');
  const total = counted(written + counts.unchanged, 'file');
  lines.push(`${mark} ${sizeOf(result, args)} → ${total} (${parts.join(', ')}) in ${Math.round(ms)} ms`);
  if (result.adopted > 0) lines.push(`  ${takenOver(result)}`);
  lines.push(...notesOf(result, args));
  return `${lines.join('\n')}\n`;
}

/** `2 were there already and are taken over: no build removes them` */
const takenOver = ({ adopted }: BuildResult): string =>
  `${adopted} ${adopted === 1 ? 'was there already and is' : 'were there already and are'} taken over: no build removes ${adopted === 1 ? 'it' : 'them'}`;

const MARKS = { added: '+', changed: '~', unchanged: '=' } as const;
