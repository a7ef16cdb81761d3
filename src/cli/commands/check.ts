import { formatPatch, structuredPatch } from 'diff';
import { type Annotation, formatGithub, toAnnotation } from '../../diagnostics/format/github.js';
import { printJson, toJson } from '../../diagnostics/format/json.js';
import { visible } from '../../diagnostics/format/visible.js';
import { type CheckResult, check, type Difference } from '../../project/check.js';
import type { Gone } from '../../project/plan.js';
import type { Arguments, Run, Terminal } from '../command.js';
import { colorsFor, counted, formatIn, hasFailed, notesOf, printMessages, projectOptions, sizeOf } from '../project-arguments.js';

export const run: Run = async (args, terminal) => {
  const { values } = args;
  const format = formatIn(args, ['pretty', 'json', 'github']);
  const started = performance.now();
  const result = await check({ ...projectOptions(args, terminal), sourceMaps: values['source-maps'] === true });
  // Outputs that are not what the sources say are as bad as sources that do not compile.
  const code = result.differences.length > 0 || hasFailed(result, args) ? 1 : 0;
  const { differences } = result;
  if (format === 'json') {
    const { findings: _, ...told } = result;
    terminal.stdout.write(`${printJson({ version: 1, ok: code === 0, ...told, diagnostics: told.diagnostics.map(toJson) })}\n`);
    return code;
  }
  if (format === 'github') {
    terminal.stdout.write(formatGithub([...result.diagnostics.map(toAnnotation), ...differences.map(annotationOf)]));
    return code;
  }
  printMessages(result.findings, args, terminal);
  if (values.quiet !== true) for (const difference of differences) terminal.stdout.write(`${diffOf(difference, terminal)}\n`);
  if (values.quiet !== true || differences.length > 0)
    terminal.stdout.write(summary(result, code, performance.now() - started, args, terminal));
  return code;
};

/** Why a file, or a part of one, is not made any more. */
const GONE: { readonly [G in Gone]: string } = {
  source: 'has no source any more',
  target: 'is of a target that is not built any more',
  place: 'is of a target whose outputs lie elsewhere now',
  map: 'is a source map, and none is asked for',
  name: 'is not made of its source any more',
};

/** What is the matter with a file, and what to do about it. */
function told({ kind, gone, after }: Difference): { readonly title: string; readonly help: string } {
  if (kind === 'added') return { title: 'is missing', help: BUILD };
  if (kind === 'changed') return { title: 'is out of date', help: BUILD };
  if (kind === 'removed') {
    const help =
      gone === 'map' ? 'Give --source-maps here too, or run `polyagent build` to remove it.' : 'Run `polyagent build` to remove it.';
    return { title: GONE[gone ?? 'name'], help };
  }
  if (gone === undefined) {
    const help = 'Carry the edit over into the source, or run `polyagent build --force` to replace it.';
    return { title: "was edited by hand, or is not polyagent's", help };
  }
  const isPart = after !== undefined;
  return {
    title: `was edited by hand, ${isPart ? 'in a part that' : 'and'} ${GONE[gone]}`,
    help: isPart
      ? 'Save the edit elsewhere and take the part out of the file, or run `polyagent build --force` to take it out.'
      : 'Save the edit elsewhere and delete the file, or run `polyagent build --force` to delete it.',
  };
}

const BUILD = 'Run `polyagent build`.';

function annotationOf(difference: Difference): Annotation {
  const { path, before, after } = difference;
  const { title, help } = told(difference);
  return {
    severity: 'error',
    title: 'polyagent check',
    message: `${path} ${title}\n${help}`,
    file: path,
    ...(before !== undefined && after !== undefined && { line: firstDifference(before, after) }),
  };
}

/** The number of the first line that differs, from 1. */
function firstDifference(before: string, after: string): number {
  const [old, made] = [before.split('\n'), after.split('\n')];
  const index = old.findIndex((line, at) => line !== made[at]);
  return (index === -1 ? Math.min(old.length, made.length) : index) + 1;
}

/** The file and what is the matter with it, then a unified diff from what is there to what a build makes. */
function diffOf(difference: Difference, { stdout, env }: Terminal): string {
  const { path, kind, before, after } = difference;
  const colors = colorsFor(stdout, env);
  const paint = { added: colors.green, changed: colors.yellow, removed: colors.red, edited: colors.magenta }[kind];
  const patch = structuredPatch(
    before === undefined ? '/dev/null' : path,
    after === undefined ? '/dev/null' : path,
    before ?? '',
    after ?? '',
  );
  const lines = formatPatch(patch)
    .split('\n')
    .filter((line) => !/^(?:=+$|Index: )/.test(line))
    .map((line) => {
      const shown = visible(line);
      if (/^(?:---|\+\+\+) /.test(line)) return colors.bold(shown);
      if (line.startsWith('@@')) return colors.cyan(shown);
      return line.startsWith('+') ? colors.green(shown) : line.startsWith('-') ? colors.red(shown) : shown;
    });
  return [`${paint(kind)}: ${path} ${told(difference).title}`, ...lines].join('\n');
}

/** ✖ 3 of 30 files differ (1 added, 2 changed) */
function summary(result: CheckResult, code: number, ms: number, args: Arguments, { stdout, env }: Terminal): string {
  const { files, differences } = result;
  const colors = colorsFor(stdout, env);
  const of = (kind: Difference['kind']): number => differences.filter((difference) => difference.kind === kind).length;
  const kinds = (['added', 'changed', 'removed', 'edited'] as const).flatMap((kind) => (of(kind) > 0 ? [`${of(kind)} ${SAID[kind]}`] : []));
  // With an error there may be files that were not compared.
  const isWhole = result.failed.length === 0 && result.findings.every(({ severity }) => severity !== 'error');
  const state = kinds.length > 0 ? kinds.join(', ') : isWhole ? 'up to date' : 'no difference found, but errors';
  const mark = code === 0 ? colors.green('✔') : colors.red('✖');
  const lines = [`${mark} ${sizeOf(result, args)} → ${counted(files, 'file')}: ${state}, checked in ${Math.round(ms)} ms`];
  lines.push(...notesOf(result, args));
  const edited = differences.filter(({ kind }) => kind === 'edited');
  if (edited.length < differences.length) lines.push(`  ${BUILD}`);
  lines.push(...[...new Set(edited.map((one) => told(one).help))].map((help) => `  ${help}`));
  return `${lines.join('\n')}\n`;
}

const SAID = { added: 'to add', changed: 'to change', removed: 'to remove', edited: 'edited by hand' } as const;
