/** The tree of a document, seen as headings with what stands under them. */
import type { Heading, RootContent } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import type { Range } from '../../ir.js';

/** A heading and what stands under it. */
export interface OutlineSection {
  readonly title: string;
  /** 1 to 6. */
  readonly depth: number;
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
 */
export function outlineOf(nodes: readonly RootContent[]): Outline {
  const intro: RootContent[] = [];
  const sections: OpenSection[] = [];
  const open: OpenSection[] = [];
  for (const node of nodes) {
    if (node.type !== 'heading') {
      (open.at(-1)?.nodes ?? intro).push(node);
      continue;
    }
    while ((open.at(-1)?.depth ?? 0) >= node.depth) open.pop();
    const section: OpenSection = { heading: node, title: textOf(node), depth: node.depth, nodes: [], children: [] };
    (open.at(-1)?.children ?? sections).push(section);
    open.push(section);
  }
  return { intro, sections };
}

interface OpenSection extends OutlineSection {
  readonly nodes: RootContent[];
  readonly children: OpenSection[];
}

/** From the heading to the end of the last block below it. */
export function rangeOfSection({ heading, nodes, children }: OutlineSection): Range {
  const last = nodes.at(-1);
  const end = children.reduce((most, child) => Math.max(most, rangeOfSection(child).end), rangeOf(last ?? heading).end);
  return { start: rangeOf(heading).start, end };
}

/** An outline without a lone title above all others, which is the name of the document and not a section. */
export function withoutTitle({ intro, sections }: Outline): Outline {
  const [only, ...others] = sections;
  if (!only || others.length > 0 || only.depth !== 1) return { intro, sections };
  return { intro: [...intro, ...only.nodes], sections: only.children };
}
