/** An explanation for a person at a terminal. */
import { createColors } from 'picocolors';
import { withoutPatterns } from '../../diagnostics/format/pretty.js';
import { groupBy } from '../../group-by.js';
import type { FateKind } from '../../ir.js';
import type { Explanation, Outcome, Prompt, Section, Share, Tools } from '../explanation.js';
import { count, type Layout, plural, table } from './layout.js';
import { flat, formatSections, formatUnused } from './sections.js';

/** With more targets than this, each field and tool is told once for all of them. */
const FEW = 3;

type Colors = ReturnType<typeof createColors>;

/** @param others other variants of the agent */
export function formatExplanation(explanation: Explanation, others: readonly string[], layout: Layout): string {
  const colors = createColors(layout.color);
  const { targets, prompts } = explanation;
  const blocks = [headOf(explanation, others, layout, colors)];
  if (targets.length > FEW) {
    blocks.push(fieldsOfMany(targets, layout, colors), toolsOfMany(targets, layout, colors));
    for (const one of targets) if (one.limits.length > 0) blocks.push(limitsOf(one, layout, colors, ` in ${one.target}`));
  } else {
    for (const one of targets) blocks.push(...aboutOne(one, layout, colors));
  }
  for (const prompt of targets.length > FEW ? prompts.slice(0, 1) : prompts) {
    const shown = representative(prompt, targets);
    const others = prompts.filter((other) => other !== prompt);
    blocks.push([colors.bold(headOfSections(prompt, shown, targets)), ...formatSections(prompt, shown, explanation.path, layout)]);
    if (prompt.unused.length > 0) blocks.push([colors.bold('Nothing is there of'), ...formatUnused(prompt, layout)]);
    if (targets.length > FEW && others.length > 0) blocks.push(otherPrompts(prompt, others, layout, colors));
  }
  const sized = targets.length > FEW ? targets.filter((one) => one === representative(prompts[0], targets)) : targets;
  for (const one of sized) if (one.size && one.shares) blocks.push(sizeOfOne(one, targets, layout, colors));
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => `${block.join('\n')}\n`)
    .join('\n');
}

function headOf(explanation: Explanation, others: readonly string[], { width }: Layout, colors: Colors): string[] {
  const { agent, path, variant, bases, fragments, targets } = explanation;
  const facts = [
    ...(bases.length > 0 ? [['extends', bases.join(', ')]] : []),
    ...(fragments.length > 0 ? [['fragments', fragments.map(({ name }) => name).join(', ')]] : []),
    ...(others.length > 0 ? [[variant === undefined ? 'variants' : 'other variants', others.join(', ')]] : []),
    ...(targets.length > FEW ? [['targets', targets.map(({ target }) => target).join(', ')]] : []),
    ...(targets.some(({ file }) => file === undefined) ? [['not written', namesOf(targets.filter(({ file }) => file === undefined))]] : []),
  ];
  const title = `${colors.bold(agent)}${variant === undefined ? '' : `, variant ${colors.bold(variant)}`}  ${colors.dim(path)}`;
  return [title, ...table(facts, [{}, { wrap: width }])];
}

const namesOf = (outcomes: readonly Outcome[]): string => outcomes.map(({ target }) => target).join(', ');

/** Worst first. */
const FATES: readonly FateKind[] = ['dropped', 'moved', 'approximated', 'mapped', 'exact'];

function fieldsOfMany(targets: readonly Outcome[], { width }: Layout, colors: Colors): string[] {
  const fields = [...new Set(targets.flatMap((one) => one.fields.map(({ field }) => field)))];
  const rows = fields.map((field) => [field.replace(/^extra\./, ''), inTargets(field, targets)]);
  return [colors.bold('Fields'), ...table(rows, [{}, { wrap: width }])];
}

/** `dropped in codex, cursor; exact in the other 24` */
function inTargets(field: string, targets: readonly Outcome[]): string {
  const found = targets.flatMap((one) =>
    one.fields.filter((said) => said.field === field).map((said) => ({ target: one.target, ...said })),
  );
  const groups = FATES.flatMap((fate) => {
    const group = found.filter((said) => said.fate === fate);
    return group.length > 0 ? [{ fate, group }] : [];
  });
  const [only] = groups;
  const all = found.length === targets.length;
  if (all && only && groups.length === 1) return `${only.fate} everywhere${noteOf(only.group)}`;
  const largest = groups.reduce((most, { group }) => Math.max(most, group.length), 0);
  const rest = all ? groups.findLast(({ group }) => group.length === largest) : undefined;
  const told = groups.filter((one) => one !== rest).map(({ fate, group }) => `${fate} in ${group.map(said).join(', ')}${noteOf(group)}`);
  return [...told, ...(rest ? [`${rest.fate} in the other ${rest.group.length}${noteOf(rest.group)}`] : [])].join('; ');
}

interface Said {
  readonly target: string;
  readonly note?: string;
}

const said = ({ target }: Said): string => target;

/** What is said of all of them; where they differ, the target alone tells. */
function noteOf(group: readonly Said[]): string {
  const notes = new Set(group.map(({ note }) => note));
  const [note] = notes;
  return notes.size === 1 && note !== undefined ? ` (${note})` : '';
}

function toolsOfMany(targets: readonly Outcome[], { width }: Layout, colors: Colors): string[] {
  const known = targets.flatMap((one) => (one.tools ? [{ target: one.target, tools: one.tools }] : []));
  const [first] = known;
  if (!first) return [];
  const kept = known.filter(({ tools }) => tools.gained.length + tools.lost.length === 0);
  const groups = groupBy(
    known.filter((one) => !kept.includes(one)),
    ({ tools: { gained, lost } }) => JSON.stringify([gained, lost]),
  );
  const asked = groupBy(known, ({ tools }) => JSON.stringify([tools.asked, tools.denied]));
  const rows: string[][] = [...asked.values()].flatMap((group) => {
    const [one] = group;
    if (!one) return [];
    const where = asked.size === 1 ? '' : ` (in ${group.map(({ target }) => target).join(', ')})`;
    return askedRows(one.tools).map(([label = '', words = '']) => [label, words + where]);
  });
  if (kept.length > 0) rows.push(['as asked', kept.length === known.length ? 'everywhere' : kept.map(({ target }) => target).join(', ')]);
  const lines = table(rows, [{}, { wrap: width }]);
  for (const group of groups.values()) {
    const [one] = group;
    if (!one) continue;
    lines.push(...table([[group.map(({ target }) => target).join(', ')]], [{ wrap: width, paint: colors.cyan }]));
    const short = (items: readonly string[]): string => items.map(withoutPatterns).join(', ');
    const { gained, lost } = one.tools;
    const changes = [...(gained.length > 0 ? [['gained', short(gained)]] : []), ...(lost.length > 0 ? [['lost', short(lost)]] : [])];
    lines.push(...table(changes, [{ paint: colors.yellow }, { wrap: width - 2 }]).map((line) => `  ${line}`));
  }
  return [colors.bold('Tools'), ...lines];
}

function askedRows({ asked, denied }: Tools): string[][] {
  return [
    ['asked for', asked === 'all' ? 'every tool' : asked.length > 0 ? asked.join(', ') : 'none'],
    ...(denied.length > 0 ? [['denied', denied.join(', ')]] : []),
  ];
}

function aboutOne(one: Outcome, layout: Layout, colors: Colors): string[][] {
  const { target, file, fields, size, tools } = one;
  const facts =
    file === undefined ? 'not written' : `${file}${size ? `, ${count(size.bytes)} bytes, about ${plural(size.tokens, 'token')}` : ''}`;
  const rows = fields.map(({ field, fate, note }) => [field.replace(/^extra\./, ''), fate, note ?? '']);
  const fatePaint = (fate: string): string => (fate === 'dropped' ? colors.yellow(fate) : fate);
  const blocks = [[`${colors.bold(target)}  ${colors.dim(facts)}`, ...table(rows, [{}, { paint: fatePaint }, { wrap: layout.width }])]];
  if (tools) blocks.push(toolsOfOne(tools, target, layout, colors));
  if (one.limits.length > 0) blocks.push(limitsOf(one, layout, colors, ` in ${target}`));
  return blocks;
}

function toolsOfOne(tools: Tools, target: string, { width }: Layout, colors: Colors): string[] {
  const { granted, partly, named, gained, lost, always, whyGained, whyLost } = tools;
  const rows = [
    ...askedRows(tools),
    ['granted', [...granted, ...named].join(', ') || 'none'],
    ...(partly.length > 0 ? [['in part', partly.join(', ')]] : []),
    ...(gained.length > 0 ? [['gained', gained.join(', ')]] : []),
    ...(gained.length > 0 ? whyGained.map((why) => ['', why]) : []),
    ...(lost.length > 0 ? [['lost', lost.join(', ')]] : []),
    ...(lost.length > 0 ? whyLost.map((why) => ['', why]) : []),
    ...(always.length > 0 ? [['always on', always.join(', ')]] : []),
  ];
  const paint = (label: string): string => (label === 'gained' || label === 'lost' ? colors.yellow(label) : label);
  return [colors.bold(`Tools in ${target}`), ...table(rows, [{ paint }, { wrap: width }])];
}

function limitsOf({ limits }: Outcome, { width }: Layout, colors: Colors, where: string): string[] {
  const rows = limits.map(({ field, characters, limit, effect }) => [
    field,
    `${count(characters)} of ${count(limit)} characters${characters > limit ? '' : ', nearly all'}. ${effect}`,
  ]);
  return [colors.bold(`Limits${where}`), ...table(rows, [{ paint: colors.yellow }, { wrap: width }])];
}

/** The target whose file shows a prompt: the author's own dialect where it is among them. */
function representative(prompt: Prompt | undefined, targets: readonly Outcome[]): Outcome | undefined {
  const having = targets.filter(({ target }) => prompt?.targets.includes(target));
  const legible = having.filter(({ promptLine }) => promptLine !== undefined);
  return legible.find(({ target }) => target === 'claude-code') ?? legible[0] ?? having[0];
}

function headOfSections({ targets: having }: Prompt, shown: Outcome | undefined, targets: readonly Outcome[]): string {
  const lines = shown?.promptLine === undefined ? 'the prompt' : `${shown.target}'s file`;
  if (having.length === 1) return `Sections in ${having[0]}${shown?.promptLine === undefined ? ', with lines of the prompt' : ''}`;
  if (targets.length <= FEW) return `Sections in ${having.join(', ')}, with lines of ${lines}`;
  const where = having.length === targets.length ? 'all' : `${having.length} of ${targets.length}`;
  return `Sections, with lines of ${lines}; the prompt is the same in ${where} targets`;
}

function otherPrompts(first: Prompt, prompts: readonly Prompt[], { width }: Layout, colors: Colors): string[] {
  const rows = prompts.map((prompt) => {
    const titles = differing(first, prompt);
    const where = titles.length > 0 && titles.length <= MOST_TITLES ? `; it differs in ${titles.join(', ')}` : '';
    return [`${count(prompt.bytes)} bytes`, prompt.targets.join(', ') + where];
  });
  return [colors.bold('Another prompt (--target shows it)'), ...table(rows, [{ align: 'right' }, { wrap: width }])];
}

/** The most sections in which prompts are said to differ. */
const MOST_TITLES = 5;

/** The titles of sections that only one of two prompts has, or that are not as long in both. */
function differing(one: Prompt, other: Prompt): string[] {
  const [a, b] = [one, other].map(({ sections }) => new Map(sections.flatMap(flat).map((section) => [keyOf(section), section])));
  const apart = [...(a ?? [])].filter(([key]) => !b?.has(key)).concat([...(b ?? [])].filter(([key]) => !a?.has(key)));
  return [...new Set(apart.map(([, { title }]) => title ?? 'the text before the first heading'))];
}

const keyOf = ({ title, bytes }: Section): string => `${title}\0${bytes}`;

function sizeOfOne(one: Outcome, targets: readonly Outcome[], _: Layout, colors: Colors): string[] {
  const { size, shares } = one;
  if (!size || !shares) return [];
  const percent = (bytes: number): string => `${Math.round((bytes / Math.max(1, size.bytes)) * 100)} %`;
  const rows = shares.map((share) => [count(share.bytes), count(share.tokens), percent(share.bytes), placeOf(share)]);
  const sizes = targets
    .flatMap((other) => (other.size ? [{ target: other.target, bytes: other.size.bytes }] : []))
    .sort((a, b) => a.bytes - b.bytes);
  const [least, most] = [sizes[0], sizes.at(-1)];
  const range =
    targets.length > FEW && least && most && least.bytes < most.bytes
      ? [`  from ${count(least.bytes)} bytes (${least.target}) to ${count(most.bytes)} (${most.target})`]
      : [];
  return [
    colors.bold(`Size in ${one.target}, tokens estimated as a quarter of the bytes`),
    ...table(
      [['bytes', 'tokens', '', ''], ...rows, [count(size.bytes), count(size.tokens), '', 'the whole file']],
      [{ align: 'right' }, { align: 'right' }, { align: 'right' }, {}],
    ),
    ...range,
  ];
}

const KINDS: { readonly [K in Share['kind']]: string } = {
  header: 'front matter of',
  agent: '',
  base: 'base',
  fragment: 'fragment',
  parameter: 'values given in',
  template: 'layout',
};

const placeOf = ({ kind, path }: Share): string => [KINDS[kind], path].filter((part) => part !== '').join(' ');
