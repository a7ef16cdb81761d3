/** What one target makes of all agents, a line for each. */
import { createColors } from 'picocolors';
import { withoutPatterns } from '../../diagnostics/format/pretty.js';
import type { Outcome } from '../explanation.js';
import { type Layout, plural, table, wrap } from './layout.js';

/** An agent in one target. */
export interface Line {
  /** The agent's id, with the variant. */
  readonly agent: string;
  readonly outcome: Outcome;
}

export function formatOverview(target: string, lines: readonly Line[], { color, width }: Layout): string {
  const colors = createColors(color);
  const rows = lines.map(({ agent, outcome }) => [agent, changesOf(outcome)]);
  const changed = rows.filter(([, changes]) => changes !== '');
  const same = rows.filter(([, changes]) => changes === '').map(([agent = '']) => agent);
  const indented = (text: string): string[] => wrap(text, width - 2).map((line) => `  ${line}`);
  return [
    colors.bold(`${target}, ${plural(lines.length, 'agent')}`),
    ...table(changed, [{}, { wrap: width }]),
    ...(same.length > 0 ? indented(`${changed.length === 0 ? 'all' : same.length} as written: ${same.join(', ')}`) : []),
    '',
  ].join('\n');
}

function changesOf({ file, fields, tools, limits }: Outcome): string {
  const dropped = fields
    .filter(({ fate, field }) => fate === 'dropped' && field !== 'tools')
    .map(({ field }) => field.replace(/^extra\./, ''));
  const list = (word: string, items: readonly string[]): string[] =>
    items.length > 0 ? [`${word} ${[...new Set(items)].join(', ')}`] : [];
  return [
    ...(file === undefined ? ['not written'] : []),
    ...list('gains', (tools?.gained ?? []).map(withoutPatterns)),
    ...list('loses', (tools?.lost ?? []).map(withoutPatterns)),
    ...list('drops', dropped),
    ...limits.filter(({ characters, limit }) => characters > limit).map(({ field }) => `${field} too long`),
  ].join('; ');
}
