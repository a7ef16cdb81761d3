/** Lines that stay, and below them a text that is replaced, on a terminal. */
import stringWidth from 'string-width';
import type { Output } from './command.js';

export interface Screen {
  /** Writes a text that stays. What is shown below is gone, until something is shown again. */
  print(text: string): void;
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
    show(text) {
      if (!canReplace || text === shown) return;
      erase();
      if (text !== '') draw(text);
    },
  };
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
