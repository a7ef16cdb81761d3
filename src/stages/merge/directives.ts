/**
 * Comments on a line of their own at the top level of a document: `<!-- @fragment name -->`, `<!-- @super -->`, and blocks
 * `<!-- @only a b -->`, `<!-- @except a b -->`, `<!-- @variant a b -->` up to `<!-- @end -->`. They are found in the tree, so
 * that one inside a code fence is text.
 */
import type { Html, Nodes, RootContent } from 'mdast';
import { nearest } from '../../diagnostics/nearest.js';
import { type Remembered, type Report, remember } from '../../diagnostics/report.js';
import type { Range } from '../../ir.js';
import type { Document } from '../parse/document.js';
import { rangeOf } from './outline.js';

/** Whether a text may hold a directive: the cheap test that saves the tree. */
export const mayHaveDirectives = (text: string): boolean => text.includes('<!-- @') || /<!--\s*@/.test(text);

const DIRECTIVE = /^<!--\s*@([a-z-]+)(?:(?=\s)([^>]*?))?-->[ \t]*$/i;
const ANYWHERE = /<!--\s*@([a-z-]+)/i;
const BLOCKS = ['only', 'except', 'variant'] as const;
const WORDS = ['fragment', 'super', ...BLOCKS, 'end'];

/** Whether a node is a directive. */
export const isDirective = (node: RootContent): boolean => node.type === 'html' && DIRECTIVE.test(node.value);

export interface FragmentDirective {
  readonly name: string;
  /** The comment itself. */
  readonly range: Range;
  /** The name inside it. */
  readonly nameRange: Range;
}

/** A block for some targets or variants, its two comments included. */
export interface TextBlock {
  readonly kind: (typeof BLOCKS)[number];
  readonly names: readonly string[];
  readonly open: Range;
  readonly close: Range;
}

export interface Directives {
  readonly fragments: readonly FragmentDirective[];
  /** Each `@super`. */
  readonly supers: readonly Range[];
  readonly blocks: readonly TextBlock[];
}

/** The names that blocks may give. */
export interface Names {
  readonly targets: readonly string[];
  /** Absent: not all of them are known, and any name will do. */
  readonly variants?: readonly string[] | undefined;
}

/** What a body is made for. */
export interface Purpose {
  readonly target: string;
  /** `default` for the build without a variant. */
  readonly variant: string;
}

/** A document, or a text that was put together and read again. */
export type Text = Pick<Document, 'source' | 'tree'>;

const NONE: Directives = { fragments: [], supers: [], blocks: [] };

/** Finds the directives of documents, of each once. What is wrong with one is reported. */
export function createDirectiveReader(report: Report): (document: Text, names: Names) => Directives {
  const known = new WeakMap<Text, Remembered<Directives>>();
  return (document, names) =>
    remember(known, document, report, () => (mayHaveDirectives(document.source.text) ? findDirectives(document, names, report) : NONE));
}

interface OpenBlock {
  readonly kind: TextBlock['kind'];
  readonly names: readonly string[];
  readonly range: Range;
}

function findDirectives(document: Text, names: Names, report: Report): Directives {
  const { source } = document;
  const fragments: FragmentDirective[] = [];
  const supers: Range[] = [];
  const blocks: TextBlock[] = [];
  const open: OpenBlock[] = [];

  for (const node of document.tree().children) {
    const found = node.type === 'html' ? DIRECTIVE.exec(node.value) : null;
    if (node.type !== 'html' || !found) {
      reportMisplaced(node, document, report);
      continue;
    }
    const range = rangeOf(node);
    const word = found[1]?.toLowerCase() ?? '';
    const args = argumentsOf(node, found[2] ?? '');
    const kind = BLOCKS.find((block) => block === word);
    if (word === 'fragment') {
      const [name] = args;
      if (name && args.length === 1) fragments.push({ name: name.value, range, nameRange: name.range });
      else report.add('directive-invalid', source, range, { word, expected: 'the name of one fragment' });
    } else if (word === 'super') {
      if (args.length === 0) supers.push(range);
      else report.add('directive-invalid', source, range, { word, expected: 'nothing behind it' });
    } else if (kind) {
      checkNames(kind, args, range, document, names, report);
      open.push({ kind, names: args.map(({ value }) => value), range });
    } else if (word === 'end') {
      const last = open.pop();
      if (last) blocks.push({ kind: last.kind, names: last.names, open: last.range, close: range });
      else report.add('directive-unbalanced', source, range, { word });
    } else {
      report.add('directive-unknown', source, range, { word, near: nearest(word, WORDS) });
    }
  }
  for (const { kind, range } of open) report.add('directive-unbalanced', source, range, { word: kind });
  return { fragments, supers, blocks };
}

function checkNames(word: TextBlock['kind'], args: readonly Word[], at: Range, { source }: Text, names: Names, report: Report): void {
  const known = word === 'variant' ? names.variants : names.targets;
  if (args.length === 0)
    report.add('directive-invalid', source, at, { word, expected: `the names of ${word === 'variant' ? 'variants' : 'targets'}` });
  for (const { value, range } of args) {
    if (!known || known.includes(value)) continue;
    const data = { name: value, near: nearest(value, known), known };
    report.add(word === 'variant' ? 'variant-unknown' : 'target-unknown', source, range, data);
  }
}

/** Whether the text of a block is there. */
export function isActive({ kind, names }: TextBlock, { target, variant }: Purpose): boolean {
  return kind === 'variant' ? names.includes(variant) : names.includes(target) === (kind === 'only');
}

interface Word {
  readonly value: string;
  readonly range: Range;
}

/** The words after the directive's own, separated by spaces or commas, with their places. */
function argumentsOf(node: Html, text: string): Word[] {
  const base = rangeOf(node).start + node.value.indexOf(text, node.value.indexOf('@'));
  return [...text.matchAll(/[^\s,]+/g)].map(({ 0: value, index }) => ({
    value,
    range: { start: base + index, end: base + index + value.length },
  }));
}

/** A directive inside a paragraph, list or quote does nothing, and its author must know. */
function reportMisplaced(node: RootContent | Nodes, document: Text, report: Report): void {
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
