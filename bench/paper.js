/** Puts what a bench printed into a paper, between two comments that nobody sees. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PAPER = fileURLToPath(new URL('../docs/performance.md', import.meta.url));

/** Throws when the paper has no such place. */
export function writeBlock(name, text, paper = PAPER) {
  const [start, end] = [`<!-- ${name}: written by the bench -->`, `<!-- end of ${name} -->`];
  const whole = readFileSync(paper, 'utf8');
  const [from, to] = [whole.indexOf(start), whole.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`${paper} has no lines \`${start}\` and \`${end}\``);
  writeFileSync(paper, `${whole.slice(0, from + start.length)}\n\n${text}\n\n${whole.slice(to)}`);
}
