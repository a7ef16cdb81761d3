/**
 * Agent + fragments → the body for each target. Takes documents and fragments; gives pieces, each with its origin.
 *
 * The author's text is spliced by offsets and never printed from the tree. For each top section of a fragment: an agent's
 * section with that title gets what it does not say yet; otherwise the section is appended, at the depth of the agent's
 * own; a directive places it. An agent without fragments and directives is one piece, and no tree is built for it.
 */
import type { RootContent } from 'mdast';
import type { Report } from '../../diagnostics/report.js';
import type { Agent, Body } from '../../ir.js';
import type { Document } from '../parse/document.js';
import { type Directives, type FragmentDirective, findDirectives, isActive, mayHaveDirectives, type TargetBlock } from './directives.js';
import { checkClosed, type Fragment, type Library } from './fragments.js';
import { createMerger } from './merger.js';
import { rangeOf } from './outline.js';
import { cutLines, splice } from './splice.js';

/** A merged agent: its body for each target. */
export interface Merged {
  /** The paths of the fragments in it. */
  readonly fragments: readonly string[];
  bodyFor(target: string): Body;
}

/** A fragment with the place that a directive gives it, if one does. */
interface Placement {
  readonly fragment: Fragment;
  readonly directive?: FragmentDirective;
  readonly at: { readonly start: number; readonly end: number };
}

/** Merges an agent with the fragments it uses. Errors are reported at the use. */
export function merge(agent: Agent, document: Document, library: Library, targetNames: readonly string[], report: Report): Merged {
  const { source, body } = document;
  const text = source.text.slice(body.start, body.end);
  if (agent.fragments.length === 0 && !mayHaveDirectives(text)) {
    const whole: Body = source.cut(body.start, body.end);
    return { fragments: [], bodyFor: () => whole };
  }

  const directives = findDirectives(document, targetNames, report);
  const everywhere = placementsOf(agent, directives.fragments, document, library, report);
  if (everywhere.placements.some(({ directive }) => !directive)) checkClosed(document, report);

  // Targets with the same active blocks have the same body.
  const bodies = new Map<string, Body>();
  return {
    fragments: everywhere.paths,
    bodyFor(target) {
      const inactive = directives.blocks.filter((block) => !isActive(block, target));
      // A directive inside a block for other targets places nothing here, and a fragment may stand in several blocks.
      const here = directives.fragments.filter(
        ({ range }) => !inactive.some(({ open, close }) => open.start < range.start && range.end < close.end),
      );
      const { placements } = placementsOf(agent, here, document, library, report, true);
      const key = [
        ...directives.blocks.map((block) => Number(!inactive.includes(block))),
        ...placements.map(({ fragment }) => activityKey(fragment, target)),
      ].join();
      const known = bodies.get(key);
      if (known) return known;
      const made = compose(document, directives, inactive, placements, target, targetNames, report);
      bodies.set(key, made);
      return made;
    },
  };
}

function activityKey({ document }: Fragment, target: string): string {
  return mayHaveDirectives(document.source.text) ? target : '';
}

/**
 * Which fragments are merged, in order, each once. A directive wins over the list in front matter.
 * @param tellRepeats report a fragment that is used more than once; in blocks for different targets it is not
 */
function placementsOf(
  agent: Agent,
  directives: readonly FragmentDirective[],
  document: Document,
  library: Library,
  report: Report,
  tellRepeats = false,
): { placements: Placement[]; paths: string[] } {
  const placements: Placement[] = [];
  const paths: string[] = [];
  const seen = new Set<string>();
  const direct = new Set<string>();
  const use = (name: string, at: { start: number; end: number }, directive?: FragmentDirective): void => {
    if (direct.has(name) && tellRepeats) report.add('fragment-repeated', document.source, at, { name });
    direct.add(name);
    const resolved = library.resolve(name, at, document.source);
    const [first, ...used] = resolved.fragments;
    paths.push(...resolved.paths);
    if (first && !seen.has(first.name)) {
      seen.add(first.name);
      placements.push({ fragment: first, at, ...(directive && { directive }) });
    }
    for (const fragment of used) {
      if (seen.has(fragment.name)) continue;
      seen.add(fragment.name);
      placements.push({ fragment, at });
    }
  };
  for (const directive of directives) use(directive.name, directive.nameRange, directive);
  for (const { name, range } of agent.fragments) use(name, range);
  return { placements, paths };
}

function compose(
  document: Document,
  directives: Directives,
  inactive: readonly TargetBlock[],
  placements: readonly Placement[],
  target: string,
  targetNames: readonly string[],
  report: Report,
): Body {
  const { source, body } = document;
  const comments = [...directives.blocks.flatMap(({ open, close }) => [open, close]), ...directives.fragments.map(({ range }) => range)];
  const gone = [...inactive.map(({ open, close }) => ({ start: open.start, end: close.end })), ...comments];
  const nodes = contentNodes(document.tree().children, gone);
  const merger = createMerger(document, nodes, report);
  for (const { fragment, directive, at } of placements) {
    merger.add(fragment, fragmentNodes(fragment, target, targetNames, report), at, directive?.range.start);
  }
  return splice(source, body, cutLines(source.text, gone, body), merger.insertions());
}

/** The nodes of a fragment that a target gets. */
function fragmentNodes({ document }: Fragment, target: string, targetNames: readonly string[], report: Report): RootContent[] {
  if (!mayHaveDirectives(document.source.text)) return contentNodes(document.tree().children, []);
  const { blocks, fragments } = findDirectives(document, targetNames, report);
  for (const { range } of fragments) report.add('directive-misplaced', document.source, range, { word: 'fragment' });
  const gone = blocks.flatMap((block: TargetBlock) =>
    isActive(block, target) ? [block.open, block.close] : [{ start: block.open.start, end: block.close.end }],
  );
  return contentNodes(document.tree().children, gone);
}

function contentNodes(nodes: readonly RootContent[], gone: readonly { start: number; end: number }[]): RootContent[] {
  return nodes.filter((node) => {
    if (node.type === 'yaml') return false;
    const { start, end } = rangeOf(node);
    return !gone.some((range) => range.start <= start && end <= range.end);
  });
}
