/** The sections of a prompt, with the lines that they came from. */
import { createColors } from 'picocolors';
import type { Brought, Lines, Outcome, Parameter, Prompt, Section, Source } from '../explanation.js';
import { sumOf } from '../size.js';
import { clipped, count, type Layout, plural, table } from './layout.js';

/** Of a title as it is shown. */
const WIDTH = 40;

/** A row for each section; one whose whole text is one file's stands for those below it. */
export function formatSections(prompt: Prompt, shown: Outcome | undefined, own: string, { color, width }: Layout): string[] {
  const colors = createColors(color);
  const offset = (shown?.promptLine ?? 1) - 1;
  const lone = prompt.sections.filter(({ depth }) => depth > 0).length === 1;
  const rows = prompt.sections.flatMap((section) => rowsOf(section, 0, lone, own, offset));
  const head = ['lines', 'tokens', 'section', `own lines`, 'from elsewhere'];
  const isMixed = rows.some((row) => row[4] !== '');
  return table(
    [head, ...rows].map((row) => (isMixed ? row : row.slice(0, 4))),
    [{ paint: colors.dim }, { align: 'right' }, {}, { paint: colors.dim }, { wrap: width }],
  );
}

/** What fragments and bases have that is not there, and why. */
export function formatUnused({ unused }: Prompt, { width }: Layout): string[] {
  const rows = unused.map((one) => [
    `${one.path}${one.lines ? `:${written(one.lines)}` : ''}`,
    clipped(one.title ?? '(text under no heading)', WIDTH),
    one.how === 'replaced'
      ? `the agent's own ${one.title === undefined ? 'text' : 'section'} counts`
      : one.total === 1
        ? 'it is there already'
        : `all ${one.total} items are there already`,
  ]);
  return table(rows, [{}, {}, { wrap: width }]);
}

function rowsOf(section: Section, level: number, lone: boolean, own: string, offset: number): string[][] {
  const all = flat(section);
  const folded = !(lone && level === 0) && all.length > 1 && isOfOne(all);
  const shown = folded ? all : [section];
  const last = shown.at(-1) ?? section;
  const lines = written({ first: section.lines.first + offset, last: last.lines.last + offset });
  const more = folded ? ` (+${all.length - 1})` : '';
  const name = clipped(section.title ?? '(before the first heading)', WIDTH - more.length - 2 * level);
  const ownLines = shown.flatMap(({ from }) => from.filter(({ path }) => path === own).flatMap((source) => source.lines));
  const elsewhere = [
    ...sourcesOf(shown)
      .filter(({ path }) => path !== own)
      .map(fromOf),
    ...shown.flatMap(({ parameters }) => parameters.map(givenBy)),
  ];
  const [first = '', ...further] = elsewhere;
  const row = [lines, count(sumOf(shown).tokens), `${'  '.repeat(level)}${name}${more}`, ranges(ownLines), first];
  return [
    row,
    ...further.map((one) => ['', '', '', '', one]),
    ...(folded ? [] : section.sections.flatMap((below) => rowsOf(below, level + 1, lone, own, offset))),
  ];
}

/** A section and all those below it. */
export const flat = (section: Section): Section[] => [section, ...section.sections.flatMap(flat)];

/** Whether sections have the text of one file, and nothing is to be said of any but the first. */
function isOfOne([first, ...below]: readonly Section[]): boolean {
  const [source, ...more] = first?.from ?? [];
  if (!source || more.length > 0) return false;
  return below.every(({ from, parameters }) => {
    const [one, ...others] = from;
    return one?.path === source.path && others.length === 0 && one.brought.length === 0 && parameters.length === 0;
  });
}

/** The sources of several sections, each file once. */
function sourcesOf(sections: readonly Section[]): Source[] {
  const byPath = new Map<string, Source>();
  for (const source of sections.flatMap(({ from }) => from)) {
    const known = byPath.get(source.path);
    byPath.set(
      source.path,
      known ? { ...known, lines: [...known.lines, ...source.lines], brought: [...known.brought, ...source.brought] } : source,
    );
  }
  return [...byPath.values()];
}

function fromOf({ path, lines, brought }: Source): string {
  const notes = brought.flatMap(noteOf);
  const place = lines.length === 0 ? path : `${path}:${ranges(lines)}`;
  return notes.length > 0 ? `${place} (${[...new Set(notes)].join('; ')})` : place;
}

function noteOf({ how, total, present, into }: Brought): string[] {
  const there = present > 0 ? [`${present} of ${plural(total, 'item')} already there`] : [];
  if (how === 'inherited') return ['inherited', ...there];
  if (how === 'extended') return ['put in by @super', ...there];
  if (how === 'appended') return into === undefined ? [] : [`put under ${into}`];
  return there.length > 0 ? there : [`${plural(total, 'item')} added`];
}

const givenBy = ({ name, value, path, line }: Parameter): string =>
  `${name} = ${clipped(value.replaceAll(/\s+/g, ' '), WIDTH)} (${path}${line === undefined ? '' : `:${line}`})`;

/** The most line ranges of a file that are told one by one. */
const RANGES = 3;

function ranges(all: readonly Lines[]): string {
  const joined: Lines[] = [];
  for (const lines of all.toSorted((a, b) => a.first - b.first)) {
    const last = joined.at(-1);
    // A blank line parts sections.
    if (last && lines.first <= last.last + 2) joined[joined.length - 1] = { first: last.first, last: Math.max(last.last, lines.last) };
    else joined.push(lines);
  }
  const [first, last] = [joined[0], joined.at(-1)];
  if (joined.length > RANGES && first && last) return written({ first: first.first, last: last.last });
  return joined.map(written).join(', ');
}

const written = ({ first, last }: Lines): string => (first === last ? `${first}` : `${first}-${last}`);
