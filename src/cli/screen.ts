/** Lines that stay, and below them a text that is replaced, on a terminal. */
import stringWidth from 'string-width';
import type { Output } from './command.js';

export interface Screen {
  /** Writes a text that stays. What is shown below is gone, until something is shown again. */
  print(text: string): void;
  /** Goes to the start of a line that is empty: another program has written to the terminal, and may not have ended its line. */
  newLine(): void;
  /** Puts a text below everything else, in place of the one before; an empty one for none. */
  show(text: string): void;
}

/** Makes a screen. Nothing that stood on the terminal before is touched. Where nothing can be replaced, nothing is shown. */
export function createScreen(output: Output, canReplace: boolean): Screen {
  let shown = '';

  function draw(text: string): void {
    shown = fitted(text, output);
    output.write(shown);
  }

  /** The terminal has wrapped long lines, and does so anew when it is resized: rows are counted by its width of now. */
  function erase(): void {
    if (shown === '') return;
    const above = rowsOf(shown, columnsOf(output)) - 1;
    output.write(`\r${above > 0 ? `\x1b[${above}A` : ''}\x1b[J`);
    shown = '';
  }

  return {
    print(text) {
      erase();
      output.write(text);
    },
    newLine() {
      if (canReplace) output.write(toNewLine(output));
    },
    show(text) {
      if (!canReplace || text === shown) return;
      erase();
      if (text !== '') draw(text);
    },
  };
}

/**
 * Nobody can ask where the cursor is. So many spaces as a line is wide wrap into the next one, unless the cursor is at the start
 * of a line: a terminal wraps no sooner than a further character comes. So does zsh before its prompt (`PROMPT_SP`,
 * https://zsh.sourceforge.io/Doc/Release/Options.html). Where the width is not known the spaces might not wrap, and hide a text.
 */
function toNewLine(output: Output): string {
  const columns = output.getWindowSize?.()[0] ?? output.columns;
  return columns ? `${' '.repeat(columns)}\r\x1b[K` : '\n';
}

/** Some terminals do not know their size, and say 0. */
const columnsOf = ({ columns }: Output): number => columns || 80;

const rowsOf = (text: string, columns: number): number =>
  text.split('\n').reduce((rows, line) => rows + Math.max(1, Math.ceil(stringWidth(line) / columns)), 0);

/** A text that the terminal holds: what scrolled away could not be replaced. The last line stays. */
function fitted(text: string, output: Output): string {
  const [rows, columns] = [output.rows || 24, columnsOf(output)];
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  let kept = lines;
  while (kept.length > 0 && rowsOf([...kept, '…', last].join('\n'), columns) >= rows) kept = kept.slice(0, -1);
  return [...kept, ...(kept.length < lines.length ? ['…'] : []), last].join('\n');
}
