import { createColors } from 'picocolors';
import { printJson, toJson } from '../../diagnostics/format/json.js';
import { formatPretty } from '../../diagnostics/format/pretty.js';
import type { Diagnostic } from '../../diagnostics/report.js';
import { type BuildResult, build } from '../../project/build.js';
import { UsageError } from '../../project/usage-error.js';
import { namesIn, type Run, wantsColor } from '../command.js';

export const run: Run = async ({ operands, values }, terminal) => {
  const format = values.format ?? 'pretty';
  if (format !== 'pretty' && format !== 'json') throw new UsageError(`There is no format \`${format}\``, 'Formats: pretty, json.');
  const started = performance.now();
  const text = (flag: string): string | undefined => (typeof values[flag] === 'string' ? (values[flag] as string) : undefined);
  const [out, config] = [text('out'), text('config')];
  const [to, variants] = [namesIn(values, 'to'), namesIn(values, 'variant')];
  const result = await build({
    cwd: terminal.cwd,
    sources: operands,
    ...(to && { to }),
    ...(variants && { variants }),
    ...(out !== undefined && { out }),
    ...(config !== undefined && { config }),
    force: values.force === true,
    dryRun: values['dry-run'] === true,
  });
  const code = exitCode(result, values.strict === true);
  if (format === 'json') {
    terminal.stdout.write(`${printJson(asJson(result, code))}\n`);
    return code;
  }
  const quiet = values.quiet === true;
  // What makes the build fail is never kept quiet.
  const fails = ({ severity }: Diagnostic): boolean => severity === 'error' || (values.strict === true && severity === 'warning');
  const shown = quiet ? result.diagnostics.filter(fails) : result.diagnostics;
  const messages = formatPretty(shown, {
    color: wantsColor(terminal.stderr, terminal.env),
    width: terminal.stderr.columns ?? 120,
    verbose: values.verbose === true,
  });
  if (messages !== '') terminal.stderr.write(`${messages}\n`);
  if (!quiet) {
    const color = wantsColor(terminal.stdout, terminal.env);
    terminal.stdout.write(summary(result, code, performance.now() - started, values.verbose === true, color));
    if (values.verbose !== true) terminal.stdout.write(pointer(result.diagnostics, operands, config));
  }
  return code;
};

/** Where to read more of what targets gain and lose: the target that gains, and where none does, the one that loses. */
function pointer(diagnostics: readonly Diagnostic[], operands: readonly string[], config: string | undefined): string {
  const listed = (code: string, list: string): string | undefined =>
    diagnostics.filter((one) => one.code === code).flatMap(({ data }) => Object.keys(data[list] ?? {}))[0];
  const target = listed('tools-widened', 'gained') ?? listed('tools-narrowed', 'lost');
  if (target === undefined) return '';
  const quoted = (word: string): string => (/^[\w./@-]+$/.test(word) ? word : `'${word}'`);
  const sources = operands.map(quoted);
  const words = ['polyagent explain', ...sources, '--target', target, ...(config === undefined ? [] : ['--config', quoted(config)])];
  return `  by agent: ${words.join(' ')}\n`;
}

/** A build has failed when a source lacks an output, a file was left alone, or an error was reported. */
function exitCode({ diagnostics, failed }: BuildResult, strict: boolean): number {
  const counts = (severity: string): boolean => diagnostics.some((diagnostic) => diagnostic.severity === severity);
  return failed.length > 0 || counts('error') || (strict && counts('warning')) ? 1 : 0;
}

function asJson(result: BuildResult, code: number): object {
  return { version: 1, ok: code === 0, ...result, diagnostics: result.diagnostics.map(toJson) };
}

/** ✔ 5 agents × 6 targets → 30 files (3 written, 27 unchanged) in 84 ms */
function summary(
  { agents, variants, targets, files, removed, diagnostics, failed, dryRun }: BuildResult,
  code: number,
  ms: number,
  verbose: boolean,
  color: boolean,
): string {
  const colors = createColors(color);
  const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
  const of = (severity: string): number => diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
  const written = files.filter(({ action }) => action !== 'unchanged').length;
  const parts = [
    `${written} ${dryRun ? 'to write' : 'written'}`,
    `${files.length - written} unchanged`,
    ...(removed.length > 0 ? [`${removed.length} ${dryRun ? 'to remove' : 'removed'}`] : []),
  ];
  const lines: string[] = [];
  if (verbose || dryRun) {
    for (const { path, action } of files) if (verbose || action !== 'unchanged') lines.push(`${MARKS[action]} ${path}`);
    for (const path of removed) lines.push(`- ${path}`);
  }
  const mark = code === 0 ? colors.green('✔') : colors.red('✖');
  lines.push(
    `${mark} ${count(agents, 'agent')} × ${count(targets.length, 'target')}${variants.length > 0 ? `, ${count(variants.length, 'variant')}` : ''} → ${count(files.length, 'file')} (${parts.join(', ')}) in ${Math.round(ms)} ms`,
  );
  const notes = [
    ...(failed.length > 0 ? [`${count(failed.length, 'source')} not built`] : []),
    ...(of('error') > 0 ? [count(of('error'), 'error')] : []),
    ...(of('warning') > 0 ? [count(of('warning'), 'warning')] : []),
    ...(of('info') > 0 ? [`${count(of('info'), 'note')} on what differs between targets${verbose ? '' : ' (--verbose)'}`] : []),
  ];
  if (notes.length > 0) lines.push(`  ${notes.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

const MARKS = { added: '+', changed: '~', unchanged: '=' } as const;
