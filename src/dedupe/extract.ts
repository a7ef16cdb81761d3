/**
 * A repeat → a fragment, and its agents with a reference in its place. Each agent is compiled before and after; where one
 * byte would differ it is left alone.
 */
import type { Compilation } from '../compile.js';
import { groupBy } from '../group-by.js';
import type { FragmentFile } from '../stages/merge/fragments.js';
import { referenceTo } from './reference.js';
import { bytesIn, type Place, type Repeat } from './repeat.js';
import { differenceOf } from './verify.js';

export interface ExtractOptions {
  /** What the fragment is called. */
  readonly name: string;
  /** Where it will lie. */
  readonly path: string;
  /** The texts of the agents by path, without a byte order mark. */
  readonly texts: ReadonlyMap<string, string>;
  /** Compiles one agent, with the fragments that there are and the given one. */
  readonly compile: (path: string, text: string, fragment?: FragmentFile) => Compilation;
}

export interface Extraction {
  readonly fragment: FragmentFile & { readonly content: string };
  readonly changed: readonly Changed[];
  readonly left: readonly Left[];
  /** In bytes; below zero more is written than is taken away. */
  readonly saved: number;
}

/** An agent with the reference in it. */
export interface Changed {
  readonly path: string;
  readonly text: string;
  /** The line of the reference. */
  readonly line: number;
  /** How many bytes shorter it is. */
  readonly less: number;
}

/** An agent that stays as it is. */
export interface Left {
  readonly path: string;
  readonly line: number;
  readonly reason: string;
}

/**
 * What part of a section goes into the fragment. A fragment reads best with its heading. But a reference stands below the
 * heading before it, one level deeper, so that of a section behind another one only the text can be taken out.
 */
type Form = 'whole' | 'body';

/** Takes a repeat out in the way that saves most. */
export function extract(repeat: Repeat, options: ExtractOptions): Extraction {
  const same = repeat.places.filter(({ wording }) => wording === 0);
  const whole = repeat.kind !== 'section' || same.filter(({ leads }) => leads).length > 1;
  const first = tryForm(repeat, whole ? 'whole' : 'body', options);
  if (repeat.kind !== 'section' || !whole || first.left.length === 0) return first;
  const other = tryForm(repeat, 'body', options);
  return other.saved > first.saved ? other : first;
}

function tryForm({ places }: Repeat, form: Form, options: ExtractOptions): Extraction {
  const { name, path, texts } = options;
  const [pattern] = places;
  const text = texts.get(pattern?.path ?? '') ?? '';
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const fragment = { name, path, content: `${text.slice(pattern && startOf(text, pattern, form), pattern?.range.end)}${eol}` };
  const changed: Changed[] = [];
  const left: Left[] = [];
  for (const [agent, ofAgent] of groupBy(places, (place) => place.path)) {
    const taken = takeOne(ofAgent, form, fragment, options);
    if (typeof taken === 'string') left.push({ path: agent, line: ofAgent[0]?.lines[0] ?? 1, reason: taken });
    else changed.push({ path: agent, ...taken, less: bytesIn(texts.get(agent) ?? '') - bytesIn(taken.text) });
  }
  return { fragment, changed, left, saved: savedBy(fragment.content, changed) };
}

/** What is saved when these agents refer to a fragment. */
export const savedBy = (content: string, changed: readonly Changed[]): number =>
  changed.reduce((sum, { less }) => sum + less, 0) - bytesIn(content);

type Referring = Pick<Changed, 'text' | 'line'>;

/** The agent with a reference in the first of its places that can have one; or the reason against the first. */
function takeOne(places: readonly Place[], form: Form, fragment: FragmentFile, { texts, compile }: ExtractOptions): Referring | string {
  let before: Compilation | undefined;
  const reasons: string[] = [];
  for (const place of places) {
    const text = texts.get(place.path) ?? '';
    if (place.wording > 0) reasons.push('it is worded otherwise');
    else if (place.listGoesOn) reasons.push('its list goes on behind');
    else {
      before ??= compile(place.path, text);
      for (const referring of withReference(text, place, form, fragment.name)) {
        const difference = differenceOf(before, compile(place.path, referring.text, fragment));
        if (difference === undefined) return referring;
        reasons.push(difference);
      }
    }
  }
  return reasons[0] ?? '';
}

/** The text with the reference in a place: with a blank line before it, and where there was none also without. */
function withReference(text: string, place: Place, form: Form, name: string): Referring[] {
  const start = startOf(text, place, form);
  const [before, behind] = [text.slice(0, start), text.slice(place.range.end)];
  const line = before.split('\n').length;
  const close = { text: before + referenceTo(name) + behind, line };
  if (before === '' || /(?:^|\n)[ \t]*\r?\n$/.test(before)) return [close];
  const eol = before.endsWith('\r\n') ? '\r\n' : '\n';
  return [{ text: before + eol + referenceTo(name) + behind, line: line + 1 }, close];
}

/** The beginning of the line at which the text to be taken begins. */
function startOf(text: string, { range, body }: Place, form: Form): number {
  return text.lastIndexOf('\n', (form === 'whole' ? range.start : body) - 1) + 1;
}
