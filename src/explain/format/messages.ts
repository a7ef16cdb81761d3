/** What else the compiler said of agents that are explained. */
import { createColors } from 'picocolors';
import type { Diagnostic } from '../../diagnostics/report.js';
import type { Code } from '../../diagnostics/rules.js';
import { type Layout, table } from './layout.js';

/** What an explanation tells in its own way. */
const TOLD: ReadonlySet<Code> = new Set([
  'field-changed',
  'field-dropped',
  'limit-dropped',
  'limit-exceeded',
  'model-not-mapped',
  'name-changed',
  'tools-always-on',
  'tools-narrowed',
  'tools-widened',
]);

/** The messages that an explanation does not hold already; empty when there are none. */
export function formatMessages(diagnostics: readonly Diagnostic[], { color, width }: Layout): string {
  const colors = createColors(color);
  const rows = diagnostics.filter(({ code }) => !TOLD.has(code)).map((one) => [placeOf(one), `${one.reason} [${one.code}]`]);
  return rows.length === 0 ? '' : `\n${[colors.bold('Messages'), ...table(rows, [{}, { wrap: width }])].join('\n')}\n`;
}

function placeOf({ file, place }: Diagnostic): string {
  const start = place && ('start' in place ? place.start : place);
  return start ? `${file}:${start.line}` : file;
}
