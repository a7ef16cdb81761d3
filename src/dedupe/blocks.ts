/**
 * Documents → blocks. A document is seen as the row of its headings, items and other blocks, each with a key of what it
 * says to merging, so that what several documents repeat is a stretch of equal keys. Only that is kept: the trees go.
 */
import type { List, RootContent } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import type { SourceText } from '../diagnostics/source-text.js';
import type { Range } from '../ir.js';
import { mayHaveDirectives } from '../stages/merge/directives.js';
import { type OutlineSection, outlineOf, rangeOf } from '../stages/merge/outline.js';
import { blockKey, keysOfItem, titleKey } from '../stages/merge/wording.js';
import type { Document } from '../stages/parse/document.js';

/** A document as a row of blocks. */
export interface Blocks {
  readonly source: SourceText;
  readonly all: readonly Block[];
  readonly sections: readonly Section[];
}

export interface Block {
  /** `break` is a rule or a directive: it parts what stands around it and belongs to neither. */
  readonly kind: 'heading' | 'item' | 'paragraph' | 'code' | 'break';
  readonly range: Range;
  /** Equal for blocks of which merging keeps one. */
  readonly key: string;
  /** What it begins with, for a reader. */
  readonly words: string;
  /** Of a heading: 1 to 6. */
  readonly depth?: number;
  /** Of an item: whether others of its list stand before and behind it. */
  readonly inList?: { readonly first: boolean; readonly last: boolean };
}

/** A heading with everything below it, but for rules and directives at its end, which belong to what follows. */
export interface Section {
  /** The index of its heading. */
  readonly from: number;
  /** The index behind its last block. */
  readonly to: number;
  /** Equal for sections that say the same under the same titles, at whatever depth. */
  readonly key: string;
}

/** Reads the blocks of a document. */
export function blocksOf(document: Document): Blocks {
  const { intro, sections } = outlineOf(document.tree().children);
  const all: Block[] = intro.flatMap(toBlocks);
  const found: Section[] = [];
  for (const section of sections) addSection(section, all, found);
  document.forget();
  return { source: document.source, all, sections: found };
}

function addSection(section: OutlineSection, all: Block[], found: Section[]): void {
  const from = all.length;
  all.push({
    kind: 'heading',
    range: rangeOf(section.heading),
    key: `heading:${titleKey(section.title)}`,
    words: section.title,
    depth: section.depth,
  });
  all.push(...section.nodes.flatMap(toBlocks));
  for (const child of section.children) addSection(child, all, found);
  let to = all.length;
  while (all[to - 1]?.kind === 'break') to--;
  if (to - from < 2) return;
  const keys = all.slice(from, to).map(({ key, depth }) => (depth === undefined ? key : `${depth - section.depth} ${key}`));
  found.push({ from, to, key: keys.join('\n') });
}

function toBlocks(node: RootContent): Block[] {
  if (node.type === 'list') return itemsOf(node);
  const range = rangeOf(node);
  const breaks = node.type === 'thematicBreak' || (node.type === 'html' && mayHaveDirectives(node.value));
  const kind = breaks ? 'break' : node.type === 'code' ? 'code' : 'paragraph';
  return [{ kind, range, key: blockKey(node), words: firstWords(textOf(node)) }];
}

function itemsOf(list: List): Block[] {
  return list.children.map((item, index) => ({
    kind: 'item' as const,
    range: rangeOf(item),
    key: keyOfList({ ...list, children: [item] }),
    words: firstWords(textOf(item.children[0] ?? item)),
    inList: { first: index === 0, last: index === list.children.length - 1 },
  }));
}

const firstWords = (text: string): string => text.slice(0, 200).replaceAll(/\s+/g, ' ').trim();

/** What a list says, with all that stands below its items. */
function keyOfList(list: List): string {
  return list.children
    .map(
      (item) =>
        `item:${keysOfItem(item).whole}(${item.children.flatMap((child) => (child.type === 'list' ? [keyOfList(child)] : [])).join()})`,
    )
    .join('\n');
}
