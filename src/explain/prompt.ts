/** A prompt by its sections: where the text of each came from, and what fragments and bases brought in. */
import { createComposedText } from '../diagnostics/source-text.js';
import { groupBy } from '../group-by.js';
import type { Body, Piece } from '../ir.js';
import type { MarkdownParser } from '../markdown/parser.js';
import type { Contribution } from '../stages/merge/contribution.js';
import { type OutlineSection, outlineOf, rangeOf } from '../stages/merge/outline.js';
import type { Brought, Parameter, Prompt, Section, Source } from './explanation.js';
import type { Places } from './lines.js';
import { sizeOf } from './size.js';

/** Reads a prompt. It is parsed for that, which a build does not do. */
export function readPrompt(
  body: Body,
  contributions: readonly Contribution[],
  places: Places,
  parser: MarkdownParser,
): Omit<Prompt, 'targets'> {
  const composed = createComposedText('', body);
  const { text } = composed;
  const { sections } = outlineOf(parser(text).children);
  const starts = sections.flatMap(startsOf);
  const stretches = new Map<number, Stretch>();
  const stretchAt = (start: number, end: number): Stretch => {
    const pieces = composed.cut(start, end).filter((piece) => piece.text.trim() !== '');
    const stretch = { start, end, pieces, brought: [] };
    stretches.set(start, stretch);
    return stretch;
  };
  const opening = starts[0] ?? text.length;
  // Blank lines before the first heading belong to it.
  const hasOpening = starts.length === 0 ? text !== '' : text.slice(0, opening).trim() !== '';
  if (hasOpening) stretchAt(0, opening);
  for (const [index, start] of starts.entries()) stretchAt(index === 0 && !hasOpening ? 0 : start, starts[index + 1] ?? text.length);

  const unused = contributions.filter((contribution) => {
    const stretch = [...stretches.values()].find(({ pieces }) => pieces.some((piece) => isFrom(piece, contribution)));
    stretch?.brought.push(contribution);
    return !stretch;
  });

  const sectionOf = (start: number, depth: number, title: string | undefined, below: readonly OutlineSection[]): Section => {
    const stretch = stretches.get(start) ?? stretches.get(0) ?? stretchAt(start, start);
    const own = text.slice(stretch.start, stretch.end);
    const first = stretch.start + own.length - own.trimStart().length;
    const last = Math.max(first, stretch.start + own.trimEnd().length - 1);
    return {
      ...(title !== undefined && { title }),
      depth,
      lines: { first: composed.point(first).line, last: composed.point(last).line },
      ...sizeOf(own),
      from: sourcesOf(stretch, places),
      parameters: parametersOf(stretch.pieces, places),
      sections: below.map(toSection),
    };
  };
  const toSection = (section: OutlineSection): Section =>
    sectionOf(rangeOf(section.heading).start, section.depth, section.title, section.children);

  return {
    ...sizeOf(text),
    sections: [...(hasOpening ? [sectionOf(0, 0, undefined, [])] : []), ...sections.map(toSection)],
    unused: unused.map((contribution) => ({
      kind: contribution.origin.kind,
      path: contribution.origin.path,
      ...broughtBy(contribution, places),
    })),
  };
}

/** Some of a prompt, up to the next heading. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  /** Without those of white space. */
  readonly pieces: readonly Piece[];
  /** What begins here. */
  readonly brought: Contribution[];
}

/** Where the headings of a section and of those below it begin. */
const startsOf = ({ heading, children }: OutlineSection): number[] => [rangeOf(heading).start, ...children.flatMap(startsOf)];

const isFrom = ({ origin }: Piece, { origin: { path, start, end } }: Contribution): boolean =>
  origin.path === path && origin.kind !== 'parameter' && origin.start < end && origin.end > start;

function sourcesOf({ pieces, brought }: Stretch, places: Places): Source[] {
  const files = groupBy(
    pieces.filter(({ origin }) => origin.kind !== 'parameter'),
    ({ origin }) => `${origin.kind}\0${origin.path}`,
  );
  return [...files.values()].flatMap((found): Source[] => {
    const [first] = found;
    if (!first) return [];
    const { kind, path } = first.origin;
    const ranges = found.flatMap(({ origin }) => places.linesOf(origin) ?? []);
    const ofFile = brought.filter(({ origin }) => origin.path === path);
    return [{ kind, path, lines: places.joined(path, ranges), brought: ofFile.map((one) => broughtBy(one, places)) }];
  });
}

function broughtBy({ how, title, into, total, present, origin }: Contribution, places: Places): Brought {
  const lines = places.linesOf(origin);
  return { how, ...(title !== undefined && { title }), ...(into !== undefined && { into }), total, present, ...(lines && { lines }) };
}

/** The values among pieces, each once. A value is shown as it is written where it is given. */
function parametersOf(pieces: readonly Piece[], places: Places): Parameter[] {
  const values = groupBy(
    pieces.filter(({ origin }) => origin.kind === 'parameter'),
    ({ origin }) => `${origin.parameter}\0${origin.path}\0${origin.start}`,
  );
  return [...values.values()].flatMap((found): Parameter[] => {
    const [first] = found;
    if (!first) return [];
    const { parameter = '', path } = first.origin;
    const line = places.linesOf(first.origin)?.first;
    const value = places.textAt(first.origin) ?? found.map(({ text }) => text).join(' ');
    return [{ name: parameter, value: value.trim(), path, ...(line !== undefined && { line }) }];
  });
}
