/** Rows of the table: what was measured, beside what, and whether the goal is met. */

/**
 * @typedef {object} Row
 * @property {string} case
 * @property {string} polyagent what polyagent took
 * @property {string} beside what it is compared with, and what that took
 * @property {string} ratio
 * @property {string} goal
 * @property {string} stretch
 * @property {string} met
 */

export const COLUMNS = ['case', 'polyagent', 'beside', 'ratio', 'goal', 'stretch', 'met'];

export const ms = (value) => `${value.toFixed(value < 20 ? 1 : 0)} ms`;
export const mib = (value) => `${value.toFixed(0)} MiB`;
const times = (value) => `${value.toFixed(value < 0.1 ? 3 : 2)} ×`;

/** Time on the clock, and the work behind it, which says how much the machine was disturbed. */
export const clock = (time) => (Number.isNaN(time.cpu) ? ms(time.ms) : `${ms(time.ms)} (CPU ${ms(time.cpu)})`);

/**
 * @param {string} name
 * @param {{ polyagent?: string, beside?: string, value?: number, unit?: (value: number) => string, goal?: number, stretch?: number }} measured
 *   `value` is what the goal, the most that it may be, is about: a ratio unless `unit` says otherwise
 * @returns {Row}
 */
export function row(name, { polyagent = '–', beside = '–', value, unit = times, goal, stretch }) {
  const most = (limit) => (limit === undefined ? '–' : `≤ ${unit(limit)}`);
  return {
    case: name,
    polyagent,
    beside,
    ratio: unit === times && value !== undefined ? times(value) : '–',
    goal: most(goal),
    stretch: most(stretch),
    met: goal === undefined || value === undefined ? '–' : value <= (stretch ?? -1) ? 'yes, stretch' : value <= goal ? 'yes' : 'no',
  };
}

/** A case that could not be measured, and why; with the goal that it would have had. */
export const skipped = (name, why, measured = {}) => ({ ...row(name, measured), met: `skipped: ${why}` });

/** The rows as a Markdown table whose columns are as wide as they must be, to be read as it is too. */
export function toMarkdown(columns, rows) {
  const width = Object.fromEntries(
    columns.map((column) => [column, Math.max(...[column, ...rows.map((one) => one[column])].map((text) => text.length))]),
  );
  const line = (cells) => `| ${columns.map((column) => cells[column].padEnd(width[column])).join(' | ')} |`;
  const heads = Object.fromEntries(columns.map((column) => [column, column]));
  const rules = Object.fromEntries(columns.map((column) => [column, '-'.repeat(width[column])]));
  return [heads, rules, ...rows].map(line).join('\n');
}
