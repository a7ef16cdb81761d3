import { createColors } from 'picocolors';
import { printJson, toJson } from '../../diagnostics/format/json.js';
import { formatPretty } from '../../diagnostics/format/pretty.js';
import type { Diagnostic } from '../../diagnostics/report.js';
import { type BuildResult, build } from '../../project/build.js';
import { UsageError } from '../../project/usage-error.js';
import { type Run, wantsColor } from '../command.js';

export const run: Run = async ({ operands, values }, terminal) => {
  const format = values.format ?? 'pretty';
  if (format !== 'pretty' && format !== 'json') throw new UsageError(`There is no format \`${format}\``, 'Formats: pretty, json.');
  const started = performance.now();
  const text = (flag: string): string | undefined => (typeof values[flag] === 'string' ? (values[flag] as string) : undefined);
  const [out, config] = [text('out'), text('config')];
  const to = Array.isArray(values.to) ? values.to.join(',') : undefined;
  const result = await build({
    cwd: terminal.cwd,
    sources: operands,
    ...(to !== undefined && { to: namesIn(to) }),
    ...(out !== undefined && { out }),
    ...(config !== undefined && { config }),
    force: values.force === true,
    dryRun: values['dry-run'] === true,
    sourceMaps: values['source-maps'] === true,
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
  if (!quiet)
    terminal.stdout.write(
      summary(result, code, performance.now() - started, values.verbose === true, wantsColor(terminal.stdout, terminal.env)),
    );
  return code;
};

function namesIn(list: string): string[] {
  const names = list
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  if (names.length === 0) throw new UsageError('--to names no target', 'polyagent targets lists them.');
  return names;
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
  { agents, targets, files, removed, diagnostics, failed, dryRun }: BuildResult,
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
    `${mark} ${count(agents, 'agent')} × ${count(targets.length, 'target')} → ${count(files.length, 'file')} (${parts.join(', ')}) in ${Math.round(ms)} ms`,
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
