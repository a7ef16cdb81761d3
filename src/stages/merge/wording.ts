/**
 * When two texts say the same, for merging.
 */
import type { ListItem, Nodes } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';

const CHECKBOX = /^\[[ xX]\]\s+/;
const NUMBERING = /^(?:\d+(?:\.\d+)*[.)]?|[a-z][.)])\s+/i;

/** Titles are equal without case, punctuation and numbering: `## 3. Security-First!` is `## security first`. */
export function titleKey(title: string): string {
  const plain = title.normalize('NFKC').toLowerCase().trim().replace(NUMBERING, '');
  return plain.replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim();
}

/** Texts are equal without emphasis, case, a checkbox, numbering, and punctuation at the end. */
export function textKey(text: string): string {
  const plain = text.normalize('NFKC').toLowerCase().trim().replace(CHECKBOX, '').replace(NUMBERING, '');
  return plain.replaceAll(/\s+/g, ' ').replace(/[\s.,;:!?…]+$/, '');
}

/** What an item says itself, without the lists below it. */
export function itemKey(item: ListItem): string {
  return textKey(
    item.children
      .filter((child) => child.type !== 'list')
      .map((child) => textOf(child))
      .join(' '),
  );
}

/** A key for a block: equal blocks say the same and need to be there once. */
export function blockKey(node: Nodes): string {
  switch (node.type) {
    case 'code':
    case 'html':
      return `${node.type}:${node.value.trim()}`;
    case 'definition':
      return `definition:${node.identifier}`;
    default:
      return `${node.type}:${textKey(textOf(node))}`;
  }
}

/** Whether an item begins with `[ ]` or `[x]`. */
export const checkboxOf = (text: string): string | undefined => CHECKBOX.exec(text)?.[0];
