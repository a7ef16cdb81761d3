import { createColors } from 'picocolors';
import { printJson, toJson } from '../../diagnostics/format/json.js';
import { formatPretty } from '../../diagnostics/format/pretty.js';
import { type DedupeOptions, type DedupeResult, dedupe, type Listed, type Tried } from '../../project/dedupe.js';
import { UsageError } from '../../project/usage-error.js';
import { type Arguments, type Run, wantsColor } from '../command.js';

export const run: Run = async ({ operands, values }, terminal) => {
  const format = values.format ?? 'pretty';
  if (format !== 'pretty' && format !== 'json') throw new UsageError(`There is no format \`${format}\``, 'Formats: pretty, json.');
  const result = await dedupe({ cwd: terminal.cwd, sources: operands, ...optionsIn(values) });
  const dry = values['dry-run'] === true;
  const failed = result.diagnostics.length > 0 || (result.tried.length > 0 && !result.tried.at(-1)?.taken);
  if (format === 'json') {
    terminal.stdout.write(`${printJson(asJson(result, !failed, dry))}\n`);
    return failed ? 1 : 0;
  }
  const messages = formatPretty(result.diagnostics, {
    color: wantsColor(terminal.stderr, terminal.env),
    width: terminal.stderr.columns ?? 120,
    verbose: values.verbose === true,
  });
  if (messages !== '') terminal.stderr.write(`${messages}\n`);
  const paint = createColors(wantsColor(terminal.stdout, terminal.env));
  const writes = values.write === true || dry;
  const lines = writes
    ? report(result, values.pick !== undefined, dry, paint)
    : list(result, values.verbose === true ? Number.POSITIVE_INFINITY : FEW, paint);
  terminal.stdout.write(`${lines.join('\n')}\n`);
  return failed ? 1 : 0;
};

/** How many places of a repeat are shown. */
const FEW = 4;

const DEFAULTS = { min: 2, near: 70, limit: 20 } as const;

function optionsIn(values: Arguments['values']): Omit<DedupeOptions, 'cwd' | 'sources'> {
  const text = (flag: string): string | undefined => (typeof values[flag] === 'string' ? values[flag] : undefined);
  const number = (flag: string, least: number, most = Number.MAX_SAFE_INTEGER): number | undefined => {
    const given = text(flag);
    if (given === undefined) return undefined;
    const value = Number(given);
    if (/^\d+$/.test(given) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new UsageError(`--${flag} is \`${given}\``, `Give a whole number ${range}.`);
  };
  const [config, name, pick] = [text('config'), text('name'), number('pick', 1)];
  const write = values['dry-run'] === true ? 'dry' : values.write === true ? 'yes' : 'no';
  const idle = write === 'no' && (pick !== undefined ? '--pick' : name !== undefined ? '--name' : undefined);
  if (idle) throw new UsageError(`${idle} goes with --write`, 'Add --write, or --dry-run to see what would be written.');
  return {
    min: number('min', 2) ?? DEFAULTS.min,
    near: values.exact === true ? 100 : (number('near', 30, 100) ?? DEFAULTS.near),
    limit: number('limit', 1) ?? DEFAULTS.limit,
    write,
    ...(config !== undefined && { config }),
    ...(values['no-cache'] === true && { cache: false }),
    ...(name !== undefined && { name }),
    ...(pick !== undefined && { pick }),
  };
}

function asJson({ agents, total, repeats, tried, diagnostics }: DedupeResult, ok: boolean, dryRun: boolean): object {
  const flat = ({ repeat: { places, ...repeat }, ...rest }: Listed | Tried): object => ({
    ...rest,
    ...repeat,
    places: places.map(({ path, lines, title, wording }) => ({ path, lines, title, wording })),
  });
  return {
    version: 1,
    ok,
    dryRun,
    agents,
    total,
    repeats: repeats.map(flat),
    tried: tried.map(flat),
    diagnostics: diagnostics.map(toJson),
  };
}

type Paint = ReturnType<typeof createColors>;

/** 12 repeats in 40 agents … */
function list({ agents, total, repeats }: DedupeResult, few: number, paint: Paint): string[] {
  if (total === 0) return [`${count(agents, 'agent')}, and nothing that several of them repeat.`];
  const shown = repeats.length < total ? `, of which ${repeats.length} are shown (--limit)` : '';
  return [
    `${count(agents, 'agent')}, ${count(total, 'repeat')}${shown}`,
    ...repeats.flatMap((one) => ['', ...describe(one, few, paint)]),
    '',
    '--write takes the first one out that can be, with --pick <number> another; --dry-run shows what would be written.',
  ];
}

function describe({ number, repeat, outcome }: Listed, few: number, paint: Paint): string[] {
  const { kind, title, places, agents } = repeat;
  const titles = [...new Set(places.flatMap((place) => place.title ?? []))];
  const left = new Map(outcome?.left.map((one) => [one.path, one.reason]));
  const lines = places.map((place) => {
    const reason = left.get(place.path) ?? (place.wording > 0 ? 'it is worded otherwise' : undefined);
    return `     ${place.path}:${[...new Set(place.lines)].join('-')}${reason === undefined ? '' : paint.dim(`  ${reason}`)}`;
  });
  const more = lines.length - few;
  return [
    `${String(number).padStart(3)}. ${paint.bold(`${nounOf(kind, repeat.blocks)} “${short(title)}”`)} in ${count(agents, 'agent')}, ${gainOf(repeat, outcome)}`,
    ...(titles.length > 1 ? [`     titles: ${titles.map((one) => `“${short(one)}”`).join(', ')}`] : []),
    ...(more > 1 ? [...lines.slice(0, few), `     … and ${more} more (--verbose)`] : lines),
  ];
}

function gainOf({ likeness, agents, saved }: Listed['repeat'], outcome: Listed['outcome']): string {
  if (!outcome) return `${likeness} % alike, would save ${size(saved)} more`;
  if (outcome.agents < 2) return 'cannot be taken out';
  const those = outcome.agents < outcome.tried;
  if (outcome.tried < agents)
    return `saves ${those ? 'up to' : 'about'} ${size(saved)}${those ? ` (in ${outcome.agents} of ${outcome.tried} tried)` : ''}`;
  return `saves ${size(outcome.saved)}${those ? ` in ${outcome.agents} of them` : ''}`;
}

function nounOf(kind: Listed['repeat']['kind'], blocks: number): string {
  if (kind === 'items') return blocks === 1 ? 'item' : `${blocks} items`;
  return kind === 'text' ? 'text' : kind;
}

/** What --write came to. Of what is passed over on the way down the list only the first reason is told. */
function report({ agents, total, tried }: DedupeResult, picked: boolean, dry: boolean, paint: Paint): string[] {
  if (tried.length === 0)
    return [`${count(agents, 'agent')}, and nothing${total > 0 ? ' of the same text' : ''} that several of them repeat.`];
  return tried.flatMap((one) => (one.taken ? taken(one, one.taken, dry, paint) : refused(one, picked, paint)));
}

function taken(one: Tried, { fragment, changed }: NonNullable<Tried['taken']>, dry: boolean, paint: Paint): string[] {
  const { saved = 0, left = [] } = one.outcome ?? {};
  return [
    `${paint.green('✔')} ${headOf(one)} → ${fragment.path}: ${size(saved)} saved in ${count(changed.length, 'agent')}${dry ? ' (dry run: nothing is written)' : ''}`,
    ...(dry ? fragment.content.trimEnd().split(/\r?\n/) : []).map((line) => paint.dim(`  | ${line}`.trimEnd())),
    ...changed.map(({ path, line }) => `  ~ ${path}:${line}`),
    ...left.map(({ path, line, reason }) => `  = ${path}:${line}  ${paint.dim(`left alone: ${reason}`)}`),
  ];
}

function refused(one: Tried, picked: boolean, paint: Paint): string[] {
  const { outcome, differences } = one;
  const head = `${paint.red('✖')} ${headOf(one)} stays`;
  if (differences) {
    const said = ({ line, text }: (typeof differences)[number]['here'], path: string): string =>
      `    ${path}:${line}  ${text === undefined ? 'ends before' : paint.dim(text)}`;
    return [
      `${head}: it is nearly the same only. Make it the same first. Where the wordings part:`,
      ...differences.flatMap(({ paths, here, there }) => ['', said(here, paths[0]), said(there, paths[1])]),
    ];
  }
  const { agents = 0, left = [] } = outcome ?? {};
  const why = agents > 1 ? 'a fragment would save nothing' : 'fewer than two agents would come out the same';
  if (!picked) return [`${head}: ${why}${paint.dim(left[0] ? ` (${left[0].reason})` : '')}`];
  return [`${head}: ${why}`, ...left.map(({ path, line, reason }) => `  = ${path}:${line}  ${paint.dim(reason)}`)];
}

const headOf = ({ number, repeat }: Tried): string => `${number}. ${nounOf(repeat.kind, repeat.blocks)} “${short(repeat.title)}”`;

const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 60).trimEnd()}…` : text);

const size = (bytes: number): string => (Math.abs(bytes) < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toFixed(1)} kB`);
