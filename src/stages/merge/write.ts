/** The words of a fragment in the style of the document that they are put into. */
import type { Heading, ListItem, RootContent } from 'mdast';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Piece } from '../../ir.js';
import { contentColumn, type HouseStyle, type ListStyle } from './house-style.js';
import { rangeOf } from './outline.js';
import { checkboxOf } from './wording.js';

/**
 * A block as it stands, with the document's line ends. Code that is told by its indentation gets a fence: behind a list it
 * would be read as part of the last item.
 */
export function writeBlock({ text, path }: SourceText, node: RootContent, { eol }: HouseStyle): Piece {
  const range = rangeOf(node);
  if (node.type === 'code' && !/^(?:`{3}|~{3})/.test(text.slice(range.start, range.end))) {
    const fence = '`'.repeat(Math.max(3, ...[...node.value.matchAll(/`+/g)].map(([run]) => run.length + 1)));
    return { text: [fence, ...node.value.split(/\r?\n/), fence].join(eol), origin: { path, ...range } };
  }
  return { text: text.slice(range.start, range.end).replaceAll(/\r?\n/g, eol), origin: { path, ...range } };
}

/** A heading at another depth. One that was underlined becomes one with `#`, on one line. */
export function writeHeading({ text, path }: SourceText, heading: Heading, depth: number): Piece[] {
  const marks = '#'.repeat(depth);
  const [first, last] = [heading.children[0], heading.children.at(-1)];
  if (!first || !last) return [{ text: marks }];
  const range = { start: first.position?.start.offset ?? 0, end: last.position?.end.offset ?? 0 };
  const title = text.slice(range.start, range.end).replaceAll(/\s*\r?\n\s*/g, ' ');
  return [{ text: `${marks} ` }, { text: title, origin: { path, ...range } }];
}

/** An item in the style of a list: marker, number, indentation, checkbox. Counts the list's numbers on. */
export function writeItem({ text, path }: SourceText, item: ListItem, style: ListStyle, { eol, bullet }: HouseStyle): Piece[] {
  const end = item.position?.end.offset ?? 0;
  const start = item.children[0]?.position?.start.offset ?? end;
  const numbered = /[.)]/.test(style.marker);
  const bulleted = withBullets(text.slice(start, end), nestedBullets(item), start, numbered ? bullet : style.marker);
  const content = withCheckbox(bulleted, style.checkbox);

  const marker = numbered ? `${style.next}${style.marker}` : style.marker;
  style.next += style.step;
  const pad = style.indent + ' '.repeat(marker.length + style.gap.length);
  const outdent = new RegExp(`^ {0,${contentColumn(item)}}|^\\t`);
  const lines = content.split(/\r?\n/).map((line, index) => {
    if (index === 0) return line;
    const bare = line.replace(outdent, '');
    return bare === '' ? '' : pad + bare;
  });
  return [{ text: style.indent + marker + style.gap }, { text: lines.join(eol), origin: { path, start, end } }];
}

/** The item's own checkbox stays where the list has them; an item without one gets an empty one. */
function withCheckbox(content: string, checkbox: string | undefined): string {
  if (checkbox === undefined) return content;
  const own = checkboxOf(content);
  const bare = own ? content.slice(own.length) : content;
  return checkbox === '' ? bare : `${own ?? checkbox}${bare}`;
}

function withBullets(content: string, offsets: readonly number[], base: number, bullet: string): string {
  let result = content;
  for (const offset of offsets) result = result.slice(0, offset - base) + bullet + result.slice(offset - base + 1);
  return result;
}

/** The offsets of the bullets of all lists below an item. */
function nestedBullets(item: ListItem): number[] {
  return item.children.flatMap((child) => {
    if (child.type !== 'list') return [];
    return child.children.flatMap((inner) => [...(child.ordered ? [] : [inner.position?.start.offset ?? 0]), ...nestedBullets(inner)]);
  });
}
