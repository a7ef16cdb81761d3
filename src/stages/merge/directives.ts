/**
 * `<!-- @fragment name -->`, `<!-- @only a b -->`, `<!-- @except a b -->` and `<!-- @end -->`: comments on a line of their
 * own at the top level of a document. They are found in the tree, so that one inside a code fence is text.
 */
import type { Html, Nodes, RootContent } from 'mdast';
import { nearest } from '../../diagnostics/nearest.js';
import type { Report } from '../../diagnostics/report.js';
import type { Range } from '../../ir.js';
import type { Document } from '../parse/document.js';
import { rangeOf } from './outline.js';

/** Whether a text may hold a directive: the cheap test that saves the tree. */
export const mayHaveDirectives = (text: string): boolean => text.includes('<!-- @') || /<!--\s*@/.test(text);

const DIRECTIVE = /^<!--\s*@([a-z-]+)((?:\s[^>]*?)?)\s*-->[ \t]*$/i;
const ANYWHERE = /<!--\s*@([a-z-]+)/i;
const WORDS = ['fragment', 'only', 'except', 'end'];

export interface FragmentDirective {
  readonly name: string;
  /** The comment itself. */
  readonly range: Range;
  /** The name inside it. */
  readonly nameRange: Range;
}

/** A block for some targets, its two comments included. */
export interface TargetBlock {
  readonly kind: 'only' | 'except';
  readonly targets: readonly string[];
  readonly open: Range;
  readonly close: Range;
}

export interface Directives {
  readonly fragments: readonly FragmentDirective[];
  readonly blocks: readonly TargetBlock[];
}

/** Finds the directives of a document. What is wrong with one is reported. */
export function findDirectives(document: Document, targetNames: readonly string[], report: Report): Directives {
  const { source } = document;
  const fragments: FragmentDirective[] = [];
  const blocks: TargetBlock[] = [];
  let open: { kind: 'only' | 'except'; targets: string[]; range: Range } | undefined;

  for (const node of document.tree().children) {
    const found = node.type === 'html' ? DIRECTIVE.exec(node.value) : null;
    if (node.type !== 'html' || !found) {
      reportMisplaced(node, document, report);
      continue;
    }
    const range = rangeOf(node);
    const word = found[1]?.toLowerCase() ?? '';
    const args = argumentsOf(node, found[2] ?? '');
    if (word === 'fragment') {
      const [name] = args;
      if (name && args.length === 1) fragments.push({ name: name.value, range, nameRange: name.range });
      else report.add('directive-invalid', source, range, { word, expected: 'the name of one fragment' });
    } else if (word === 'only' || word === 'except') {
      if (open) report.add('directive-unbalanced', source, open.range, { word: open.kind });
      if (args.length === 0) report.add('directive-invalid', source, range, { word, expected: 'the names of targets' });
      for (const { value, range: place } of args) {
        if (!targetNames.includes(value))
          report.add('target-unknown', source, place, { name: value, near: nearest(value, targetNames), known: targetNames });
      }
      open = { kind: word, targets: args.map(({ value }) => value), range };
    } else if (word === 'end') {
      if (open) blocks.push({ kind: open.kind, targets: open.targets, open: open.range, close: range });
      else report.add('directive-unbalanced', source, range, { word });
      open = undefined;
    } else {
      report.add('directive-unknown', source, range, { word, near: nearest(word, WORDS) });
    }
  }
  if (open) report.add('directive-unbalanced', source, open.range, { word: open.kind });
  return { fragments, blocks };
}

/** Whether a target gets the text of a block. */
export function isActive({ kind, targets }: TargetBlock, target: string): boolean {
  return targets.includes(target) === (kind === 'only');
}

/** The words after the directive's own, separated by spaces or commas, with their places. */
function argumentsOf(node: Html, text: string): { value: string; range: Range }[] {
  const base = rangeOf(node).start + node.value.indexOf(text, node.value.indexOf('@'));
  return [...text.matchAll(/[^\s,]+/g)].map(({ 0: value, index }) => ({
    value,
    range: { start: base + index, end: base + index + value.length },
  }));
}

/** A directive inside a paragraph, list or quote does nothing, and its author must know. */
function reportMisplaced(node: RootContent | Nodes, document: Document, report: Report): void {
  if (node.type === 'html') {
    const found = ANYWHERE.exec(node.value);
    // A comment that only begins with an @ may be anybody's; ours are reported.
    if (found?.[1] && WORDS.includes(found[1].toLowerCase())) {
      const start = (node.position?.start.offset ?? 0) + found.index;
      report.add('directive-misplaced', document.source, { start, end: start + found[0].length }, { word: found[1].toLowerCase() });
    }
  }
  if ('children' in node) for (const child of node.children) reportMisplaced(child, document, report);
}
