/** Diagnostics for a person at a terminal: message, place, the line with a caret, and what to do. */
import { createColors } from 'picocolors';
import stringWidth from 'string-width';
import { groupBy } from '../../group-by.js';
import { type Diagnostic, placeOf, type Told, toDiagnostic } from '../report.js';
import type { Severity } from '../rules.js';
import { visible } from './visible.js';

export interface PrettyOptions {
  readonly color: boolean;
  /** Columns of the terminal; a longer source line is cut around the caret. */
  readonly width: number;
  /** Everything with a code frame. Otherwise notes are counted, and what targets lack is summed up. */
  readonly verbose: boolean;
}

/** How many diagnostics of one code are shown in full. */
const FULL = 10;

type Colors = ReturnType<typeof createColors>;

/**
 * All that there is to tell as text, errors last, where a person looks first. Empty when there is nothing to say. Messages are
 * made of what is shown in full: of thousands of findings that is a few.
 */
export function formatPretty(told: readonly Told[], options: PrettyOptions): string {
  const colors = createColors(options.color);
  const shown = options.verbose ? told : told.filter((one) => one.severity !== 'info' && !isSummed(one));
  const bySeverity = (severity: Severity): Told[] => shown.filter((one) => one.severity === severity);
  const blocks: string[] = [];
  if (!options.verbose) blocks.push(...summarize(told.filter(isSummed), colors));
  for (const severity of ['info', 'warning', 'error'] as const) blocks.push(...inFull(bySeverity(severity), options, colors));
  return blocks.map((block) => `${block}\n`).join('\n');
}

function inFull(told: readonly Told[], options: PrettyOptions, colors: Colors): string[] {
  const counts = new Map<string, number>();
  const blocks: string[] = [];
  for (const one of told) {
    const count = (counts.get(one.code) ?? 0) + 1;
    counts.set(one.code, count);
    if (count <= FULL || options.verbose) blocks.push(frame(toDiagnostic(one), options, colors));
  }
  for (const [code, count] of counts) {
    if (count > FULL && !options.verbose) blocks.push(colors.dim(`… and ${count - FULL} more ${code} (--verbose shows all)`));
  }
  return blocks;
}

/** What many agents share is said once: what it is, in which targets, and for which agents. */
const SUMMARIES: { readonly [code: string]: Summary } = {
  'tools-widened': { title: 'more than the tool list', lists: ({ gained }) => entriesOf(gained) },
  'tools-narrowed': { title: 'less than the tool list', lists: ({ lost }) => entriesOf(lost) },
  'limit-dropped': {
    title: 'no place for what limits an agent',
    lists: ({ field, targets }) => (targets as string[]).map((target) => [target, [String(field)]]),
  },
};

interface Summary {
  readonly title: string;
  /** What it is about, by target. */
  lists(data: Diagnostic['data']): readonly (readonly [target: string, items: readonly string[]])[];
}

const entriesOf = (lists: unknown): [string, string[]][] => Object.entries(lists as { [target: string]: string[] });

function isSummed({ severity, code }: Told): boolean {
  return severity === 'warning' && code in SUMMARIES;
}

function summarize(told: readonly Told[], colors: Colors): string[] {
  return Object.entries(SUMMARIES).flatMap(([code, { title, lists }]) => {
    const places = new Map<string, Map<string, string[]>>();
    for (const one of told.filter((other) => other.code === code)) {
      const place = placeOf(one);
      for (const [target, items] of lists(one.data as Diagnostic['data'])) {
        const ofTarget = places.get(target) ?? new Map<string, string[]>();
        places.set(target, ofTarget);
        for (const item of items.map(withoutPatterns)) listIn(ofTarget, item).push(place);
      }
    }
    if (places.size === 0) return [];
    const rows = groupBy(places.keys(), (target) => rowOf(places.get(target) ?? new Map()));
    const lines = [...rows].map(([row, targets]) => `  ${targets.join(', ')}: ${colors.dim(visible(row))}`);
    return [[`${colors.yellow('warning')}${colors.bold(`[${code}]`)}: ${title}`, ...lines].join('\n')];
  });
}

function listIn(lists: Map<string, string[]>, key: string): string[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

/** The items of one target: `web-search (5 agents), write (agents/a.md:4:8)`. */
function rowOf(places: ReadonlyMap<string, readonly string[]>): string {
  const whose = (item: string): string => {
    const found = new Set(places.get(item));
    // The variants of an agent are in one file.
    const files = new Set([...found].map((place) => place.replace(/(?::\d+){2}$/, '')));
    if (files.size > 1) return `${files.size} agents`;
    return [...(found.size === 1 ? found : files)][0] ?? '';
  };
  return [...groupBy(places.keys(), whose)].map(([agents, items]) => `${items.join(', ')} (${agents})`).join('; ');
}

/** Patterns are for the detail: an agent has dozens of them. */
export const withoutPatterns = (item: string): string => item.replace(/(?<= (?:beyond|for|except) )`.*`/s, 'its patterns');

function frame(diagnostic: Diagnostic, { width }: PrettyOptions, colors: Colors): string {
  const paint = { error: colors.red, warning: colors.yellow, info: colors.cyan }[diagnostic.severity];
  const lines = [
    `${paint(diagnostic.severity)}${colors.bold(`[${diagnostic.code}]`)}: ${visible(diagnostic.reason)}`,
    `  ${colors.dim(visible(placeOf(diagnostic)))}`,
  ];
  const { place, source } = diagnostic;
  if (source !== undefined && place && 'start' in place) {
    const line = source.split('\n', place.start.line)[place.start.line - 1] ?? '';
    const from = place.start.column - 1;
    const to = place.end.line === place.start.line ? Math.max(place.end.column - 1, from + 1) : Math.max(line.trimEnd().length, from + 1);
    const number = `${place.start.line} | `;
    const view = around(line.trimEnd(), from, to, Math.max(40, width - number.length));
    const indent = ' '.repeat(number.length - 2);
    const label = diagnostic.label ? ` ${paint(visible(diagnostic.label))}` : '';
    lines.push(
      `${colors.dim(number)}${view.text}`,
      `${colors.dim(`${indent}|`)} ${' '.repeat(view.before)}${paint('^'.repeat(view.width))}${label}`,
    );
  } else if (diagnostic.label) lines.push(`  ${visible(diagnostic.label)}`);
  lines.push(`${colors.dim('help:')} ${visible(diagnostic.help)}`);
  return lines.join('\n');
}

/** The part of a line around a range that fits into some columns, and where the range stands in it. */
function around(line: string, from: number, to: number, columns: number): { text: string; before: number; width: number } {
  const start = from <= columns / 2 ? 0 : from - Math.floor(columns / 3);
  const end = Math.min(line.length, start + columns - 2);
  const head = start > 0 ? '…' : '';
  const before = head + visible(line.slice(start, from));
  const marked = visible(line.slice(from, Math.min(to, end)));
  return {
    text: before + marked + visible(line.slice(Math.min(to, end), end)) + (end < line.length ? '…' : ''),
    before: stringWidth(before),
    width: Math.max(1, stringWidth(marked)),
  };
}
