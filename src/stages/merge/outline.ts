/** The tree of a document, seen as headings with what stands under them. */
import type { Heading, RootContent } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import type { Range, Section } from '../../ir.js';

/** A section with its nodes: what merging works on. */
export interface OutlineSection extends Section {
  readonly heading: Heading;
  /** Top-level nodes between the heading and the first heading below it. */
  readonly nodes: readonly RootContent[];
  readonly children: readonly OutlineSection[];
}

export interface Outline {
  /** Nodes before the first heading. */
  readonly intro: readonly RootContent[];
  readonly sections: readonly OutlineSection[];
}

/** The offsets of a node that the parser made. */
export function rangeOf(node: RootContent): Range {
  return { start: node.position?.start.offset ?? 0, end: node.position?.end.offset ?? 0 };
}

/**
 * Builds the outline of the given top-level nodes. A heading opens a section that ends at the next heading of the same
 * depth or above.
 * @param end offset at which the last section ends
 */
export function outlineOf(nodes: readonly RootContent[], end: number): Outline {
  const intro: RootContent[] = [];
  const sections: OpenSection[] = [];
  const open: OpenSection[] = [];
  for (const node of nodes) {
    if (node.type !== 'heading') {
      (open.at(-1)?.nodes ?? intro).push(node);
      continue;
    }
    const { start, end: headingEnd } = rangeOf(node);
    while (open.length > 0 && (open.at(-1)?.depth ?? 0) >= node.depth) close(open.pop(), start);
    const inner = open.at(-1);
    if (inner && inner.children.length === 0) inner.content.end = start;
    const section: OpenSection = {
      heading: node,
      title: textOf(node),
      depth: node.depth,
      range: { start, end },
      content: { start: headingEnd, end },
      nodes: [],
      children: [],
    };
    (inner?.children ?? sections).push(section);
    open.push(section);
  }
  return { intro, sections };
}

interface OpenSection extends OutlineSection {
  readonly range: { start: number; end: number };
  readonly content: { start: number; end: number };
  readonly nodes: RootContent[];
  readonly children: OpenSection[];
}

function close(section: OpenSection | undefined, at: number): void {
  if (!section) return;
  section.range.end = at;
  if (section.children.length === 0) section.content.end = at;
}
