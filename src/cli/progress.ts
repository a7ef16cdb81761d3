/**
 * A bar for long builds, on a terminal: `[██████──────] 4,210/12,000 outputs, 8,300/s, 1 s left`.
 *
 * An output is a file, or an agent's part of a file that agents share: there are more of them than files.
 *
 * A build is synchronous: no timer runs in it, so spinners stand still. cli-progress draws from within a loop, but switches
 * the terminal's line wrap off until it is stopped, which a build that is interrupted never does.
 */
import type { Output, Terminal } from './command.js';

export interface ProgressBar {
  update(done: number, total: number): void;
  /** Takes the bar away. It may come again. */
  end(): void;
}

/** What is done sooner gets no bar. */
const PATIENCE_MS = 300;
const REDRAW_MS = 100;
const WIDEST_BAR = 30;
const NARROWEST_BAR = 8;

/** Makes a bar; one that shows nothing where nobody looks. */
export function createProgressBar(
  { stderr, env }: Pick<Terminal, 'stderr' | 'env'>,
  isQuiet: boolean,
  now = () => performance.now(),
): ProgressBar {
  const isSeen = stderr.isTTY === true && !isQuiet && !env.CI && env.TERM !== 'dumb';
  let started: { readonly at: number; readonly done: number } | undefined;
  let drawn: number | undefined;

  function update(done: number, total: number): void {
    const at = now();
    started ??= { at, done };
    if (at - started.at < PATIENCE_MS || (drawn !== undefined && at - drawn < REDRAW_MS)) return;
    const rate = ((done - started.done) / (at - started.at)) * 1000;
    stderr.write(`\r${lineOf(done, total, rate, columnsOf(stderr) - 1)}\x1b[K`);
    drawn = at;
  }

  function end(): void {
    if (drawn !== undefined) stderr.write('\r\x1b[K');
    started = undefined;
    drawn = undefined;
  }

  return isSeen ? { update, end } : { update: () => undefined, end: () => undefined };
}

/** As wide as the terminal is in this moment: while a build runs, nothing tells that it was resized. */
const columnsOf = (output: Output): number => output.getWindowSize?.()[0] || output.columns || 80;

/** One line of at most the given width; what matters least is left out first. */
function lineOf(done: number, total: number, rate: number, width: number): string {
  const count = `${numeral(done)}/${numeral(total)}`;
  const texts = [
    `${count} outputs, ${numeral(Math.round(rate))}/s, ${timeOf((total - done) / rate)} left`,
    `${count}, ${timeOf((total - done) / rate)} left`,
    count,
  ];
  const text = texts.find((one) => one.length + NARROWEST_BAR + 3 <= width) ?? texts.find((one) => one.length <= width) ?? '';
  const room = Math.min(WIDEST_BAR, width - text.length - 3);
  if (room < NARROWEST_BAR) return text;
  const full = Math.floor((done / total) * room);
  return `[${'█'.repeat(full)}${'─'.repeat(room - full)}] ${text}`;
}

const numeral = (n: number): string => String(n).replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, ',');

function timeOf(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
