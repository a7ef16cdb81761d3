/**
 * When two texts say the same, for merging.
 */
import type { ListItem, Nodes } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';

const CHECKBOX = /^\[[ xX]\]\s+/;
/** `1.`, `2)`, `1.2`, `a)`: a number alone may be the point of a text. */
const NUMBERING = /^(?:\d+[.)]|\d+(?:\.\d+)+[.)]?|[a-z]\))\s+/i;

/**
 * Titles are equal without case, punctuation and numbering: `## 3. Security-First!` is `## security first`. `C#` and `C++`
 * are not, and a title of symbols only is itself.
 */
export function titleKey(title: string): string {
  const plain = title.normalize('NFKC').toLowerCase().trim().replace(NUMBERING, '');
  const words = plain.replaceAll(/(?<![\p{L}\p{N}+#])[+#]+|[^\p{L}\p{N}+#]+/gu, ' ').trim();
  return words === '' ? title.trim() : words;
}

/** Texts are equal without emphasis, case, a checkbox, numbering, and punctuation at the end. */
function textKey(text: string): string {
  const plain = text.normalize('NFKC').toLowerCase().trim().replace(CHECKBOX, '').replace(NUMBERING, '');
  return plain.replaceAll(/\s+/g, ' ').replace(/[ .,;:!?…]{1,20}$/, '');
}

/** What a block says, with the addresses of its links and the letters of its code: another one is another thing to say. */
function saying(node: Nodes): string {
  return [textKey(textOf(node)), ...exactlyIn(node)].join(' ');
}

/** What must be the same to the letter: addresses and code. */
function exactlyIn(node: Nodes): string[] {
  if (node.type === 'inlineCode') return [node.value];
  if (node.type === 'link' || node.type === 'image') return [node.url];
  if (node.type === 'linkReference' || node.type === 'imageReference') return [node.identifier];
  return 'children' in node ? node.children.flatMap(exactlyIn) : [];
}

/** What an item says itself, without the lists below it. */
export function itemKey(item: ListItem): string {
  const own = item.children.filter((child) => child.type !== 'list');
  return own.map(saying).join(' ');
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
      return `${node.type}:${saying(node)}`;
  }
}

/** Whether an item begins with `[ ]` or `[x]`. */
export const checkboxOf = (text: string): string | undefined => CHECKBOX.exec(text)?.[0];
