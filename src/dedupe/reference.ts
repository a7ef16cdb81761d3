/** How an agent refers to a fragment, and what a fragment is called. */
import { titleKey } from '../stages/merge/wording.js';
import { idOf } from '../stages/normalize/names.js';

/** The line that stands for a fragment in an agent. */
export const referenceTo = (name: string): string => `<!-- @fragment ${name} -->`;

/** A longer one costs more in every agent than it says. */
const MAX_NAME = 30;

/** A name for a fragment with this title, or with these first words: its first words, joined by hyphens. */
export function nameFor(title: string): string {
  const whole = idOf(titleKey(title)).replaceAll('_', '-');
  if (whole.length <= MAX_NAME) return whole || 'fragment';
  const cut = whole.slice(0, MAX_NAME + 1);
  return cut.slice(0, cut.lastIndexOf('-')) || whole.slice(0, MAX_NAME);
}
