/**
 * Tables in a tree. CommonMark has none and reads one as a paragraph; GitHub's rules for every text would cost two thirds
 * more. So only a paragraph that looks like a table is read once more, by these rules.
 */
import type { Nodes, Root, RootContent } from 'mdast';
import type { Point } from 'unist';
import { parseWithTables } from '../../markdown/remark.js';

/** The row below a header: `| --- | :-: |`. */
const DELIMITER_ROW = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*(?::?-+:?[ \t]*)?)*\r?$/m;

/** A tree with the tables among its top-level nodes in place of the paragraphs that they were read as. */
export function findTables(tree: Root, text: string): Root {
  if (!text.includes('|') || !DELIMITER_ROW.test(text)) return tree;
  const children = tree.children.flatMap((node) => {
    if (node.type !== 'paragraph' || !node.position) return node;
    const { start, end } = node.position;
    const slice = text.slice(start.offset, end.offset);
    if (!slice.includes('|') || !DELIMITER_ROW.test(slice)) return node;
    const found: RootContent[] = parseWithTables(slice).children;
    if (!found.some(({ type }) => type === 'table')) return node;
    for (const one of found) shift(one, start);
    return found;
  });
  return { ...tree, children };
}

/** Moves a node of a slice to its place in the whole text. */
function shift(node: Nodes, { line, column, offset = 0 }: Point): void {
  const { position } = node;
  if (position) {
    const moved = (point: Point): Point => ({
      line: point.line + line - 1,
      column: point.line === 1 ? point.column + column - 1 : point.column,
      offset: (point.offset ?? 0) + offset,
    });
    node.position = { start: moved(position.start), end: moved(position.end) };
  }
  if ('children' in node) for (const child of node.children) shift(child, { line, column, offset });
}
