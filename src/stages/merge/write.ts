/** The words of a fragment in the style of the document that they are put into. */
import type { Heading, ListItem, RootContent } from 'mdast';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Origin, Piece, Range } from '../../ir.js';
import { contentColumn, type HouseStyle, type ListStyle } from './house-style.js';
import { rangeOf } from './outline.js';
import { checkboxOf } from './wording.js';

/** Text that was made for what stands at an origin. */
export const written = (text: string, origin: Origin): Piece => ({ text, origin, written: true });

/** White space, or a mark, in front of pieces: it is there for the first of them. */
export function ahead(text: string, pieces: readonly Piece[]): Piece[] {
  const [first] = pieces;
  return first ? [written(text, first.origin), ...pieces] : [];
}

/**
 * A block as it stands, with the document's line ends. Code that is told by its indentation gets a fence: behind a list it
 * would be read as part of the last item.
 */
export function writeBlock(source: SourceText, node: RootContent, { eol }: HouseStyle): Piece[] {
  const range = rangeOf(node);
  if (node.type === 'code' && !/^(?:`{3}|~{3})/.test(source.text.slice(range.start, range.end))) {
    const fence = '`'.repeat(Math.max(3, ...[...node.value.matchAll(/`+/g)].map(([run]) => run.length + 1)));
    return [written([fence, ...node.value.split(/\r?\n/), fence].join(eol), source.originOf(range))];
  }
  return linesOf(source.text, range).flatMap((line) => [...source.cut(line.start, line.end), ...lineEnd(source, line, range, eol)]);
}

/** A heading at another depth. One that was underlined becomes one with `#`, on one line. */
export function writeHeading(source: SourceText, heading: Heading, depth: number): Piece[] {
  const marks = '#'.repeat(depth);
  const [first, last] = [heading.children[0], heading.children.at(-1)];
  if (!first || !last) return [written(marks, source.originOf(rangeOf(heading)))];
  const range = { start: first.position?.start.offset ?? 0, end: last.position?.end.offset ?? 0 };
  const title = source.text.slice(range.start, range.end);
  const words = /[\r\n]/.test(title)
    ? [written(title.replaceAll(/\s*\r?\n\s*/g, ' '), source.originOf(range))]
    : source.cut(range.start, range.end);
  return ahead(`${marks} `, words);
}

/** An item in the style of a list: marker, number, indentation, checkbox. Counts the list's numbers on. */
export function writeItem(source: SourceText, item: ListItem, style: ListStyle, { eol, bullet }: HouseStyle): Piece[] {
  const end = item.position?.end.offset ?? 0;
  const start = item.children[0]?.position?.start.offset ?? end;
  const numbered = /[.)]/.test(style.marker);
  const marker = numbered ? `${style.next}${style.marker}` : style.marker;
  style.next += style.step;

  const own = checkboxOf(source.text.slice(start, end));
  const checkbox = style.checkbox === undefined ? undefined : style.checkbox && (own ?? style.checkbox);
  const origin = source.originOf({ start, end });
  const head = [written(style.indent + marker + style.gap, origin), ...(checkbox ? [written(checkbox, origin)] : [])];
  const bullets = nestedBullets(item);
  const nested = numbered ? bullet : style.marker;
  const pad = style.indent + ' '.repeat(marker.length + style.gap.length);
  const column = contentColumn(item);
  const from = start + (checkbox === undefined ? 0 : (own?.length ?? 0));

  const lines = linesOf(source.text, { start: from, end }).flatMap((line, index): Piece[] => {
    const text = source.text.slice(line.start, line.end);
    const outdent = index === 0 ? 0 : (new RegExp(`^ {0,${column}}|^\\t`).exec(text)?.[0].length ?? 0);
    const words = withBullets(source, { start: line.start + outdent, end: line.end }, bullets, nested);
    return [...(index === 0 ? words : ahead(pad, words)), ...lineEnd(source, line, { start: from, end }, eol)];
  });
  return [...head, ...lines];
}

/** A stretch with other bullets at the given offsets. */
function withBullets(source: SourceText, { start, end }: Range, offsets: readonly number[], bullet: string): Piece[] {
  const pieces: Piece[] = [];
  let at = start;
  for (const offset of offsets) {
    if (offset < start || offset >= end || source.text[offset] === bullet) continue;
    pieces.push(...source.cut(at, offset), written(bullet, source.originOf({ start: offset, end: offset + 1 })));
    at = offset + 1;
  }
  return [...pieces, ...source.cut(at, end)];
}

/** The offsets of the bullets of all lists below an item. */
function nestedBullets(item: ListItem): number[] {
  return item.children.flatMap((child) => {
    if (child.type !== 'list') return [];
    return child.children.flatMap((inner) => [...(child.ordered ? [] : [inner.position?.start.offset ?? 0]), ...nestedBullets(inner)]);
  });
}

/** The lines of a stretch, without their ends. */
function linesOf(text: string, { start, end }: Range): Range[] {
  const lines: Range[] = [];
  for (let at = start; ; ) {
    const newline = text.indexOf('\n', at);
    if (newline === -1 || newline >= end) return [...lines, { start: at, end }];
    lines.push({ start: at, end: text[newline - 1] === '\r' && newline > at ? newline - 1 : newline });
    at = newline + 1;
  }
}

/** What parts a line of a stretch from the next one. */
function lineEnd(source: SourceText, line: Range, { end }: Range, eol: string): readonly Piece[] {
  if (line.end >= end) return [];
  const own = source.text[line.end] === '\r' ? '\r\n' : '\n';
  if (own === eol) return source.cut(line.end, line.end + own.length);
  return [written(eol, source.originOf({ start: line.end, end: line.end + own.length }))];
}
