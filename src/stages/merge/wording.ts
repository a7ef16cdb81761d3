/**
 * When two texts say the same, for merging. What a node says is computed once: the node of a fragment is compared with
 * every agent that uses it.
 */
import type { Code, ListItem, Nodes, Paragraph, PhrasingContent, Table, TableRow } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';

/** `[ ]`, `[x]` or a tick. */
const CHECKBOX = /^(?:\[[ xX]\]|[✅☑✔]\u{fe0f}?)\s+/u;
const ONLY_CHECKBOX = /^\s*(?:(?:\[[ xX]\]|[✅☑✔]\u{fe0f}?)\s*)?$/u;
/** `1.`, `2)`, `1.2`, `a)`: a number alone may be the point of a text. */
const NUMBERING = /^(?:\d+[.)]|\d+(?:\.\d+)+[.)]?|[a-z]\))\s+/i;
const PUNCTUATION_AT_END = /[ .,;:!?…]{1,20}$/;
const WHITE_SPACE = /\s+/g;
/** What parts a lead in bold from the text behind it. */
const BEHIND_LEAD = /^(?:\s*:|\s*[–—]|\s+-\s)/;
const COLON_AT_END = /:\s*$/;
const SENTENCE_AT_END = /[.!?…]["'”’)*_]*\s*$/;

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
  return plain.replaceAll(WHITE_SPACE, ' ').replace(PUNCTUATION_AT_END, '');
}

/** What a block says, with the addresses of its links and the letters of its code: another one is another thing to say. */
function saying(node: Nodes): string {
  return [textKey(textOf(node)), ...exactlyIn(node)].join(' ');
}

/** Code that says no more than its letters do without the marks: `200` is 200. */
const PLAIN_CODE = /^[\p{Ll}\p{N}_-]+(?: [\p{Ll}\p{N}_-]+)*$/u;

/** What must be the same to the letter: addresses and code. */
function exactlyIn(node: Nodes): string[] {
  if (node.type === 'inlineCode') return PLAIN_CODE.test(node.value) ? [] : [node.value];
  if (node.type === 'code') return [lettersOf(node)];
  if (node.type === 'link' || node.type === 'image') return [node.url];
  if (node.type === 'linkReference' || node.type === 'imageReference') return [node.identifier];
  return 'children' in node ? node.children.flatMap(exactlyIn) : [];
}

/** Code without the indentation that all its lines have, and without white space at the ends of lines. */
function lettersOf({ value }: Code): string {
  const lines = value.split('\n').map((line) => line.trimEnd());
  const isFilled = (line: string): boolean => line !== '';
  const filled = lines.slice(Math.max(0, lines.findIndex(isFilled)), lines.findLastIndex(isFilled) + 1);
  const indentOf = (line: string): number => (isFilled(line) ? line.length - line.trimStart().length : Number.POSITIVE_INFINITY);
  const indent = filled.reduce((least, line) => Math.min(least, indentOf(line)), Number.POSITIVE_INFINITY);
  return filled.map((line) => line.slice(indent)).join('\n');
}

/** What an item says, without the lists below it. One that is only a list (`- 1. Use TLS`) says what that one's items say. */
export interface ItemKeys {
  /** All of it. Empty when the item says nothing: then it is like no other. */
  readonly whole: string;
  /** Its first paragraph. */
  readonly head?: string;
  /** What it begins with in bold: `- **JWT**: …`. */
  readonly lead?: string;
  /** All of these, by which it is found. */
  readonly names: readonly string[];
}

const itemKeys = new WeakMap<ListItem, ItemKeys>();

export function keysOfItem(item: ListItem): ItemKeys {
  const known = itemKeys.get(item);
  if (known) return known;
  const inner = isOnlyList(item) ? firstSaying(item) : undefined;
  const keys = inner ? keysOfItem(inner) : makeItemKeys(item);
  itemKeys.set(item, keys);
  return keys;
}

/** Whether an item begins with a list on its own line, and has no text. */
export const isOnlyList = ({ children }: ListItem): boolean => children.length > 0 && children.every(({ type }) => type === 'list');

/** The item in an item that is only a list by which that one goes. */
export function firstSaying({ children }: ListItem): ListItem | undefined {
  for (const list of children) {
    const found = list.type === 'list' ? list.children.find((item) => keysOfItem(item).whole !== '') : undefined;
    if (found) return found;
  }
  return undefined;
}

function makeItemKeys(item: ListItem): ItemKeys {
  const [first] = item.children;
  // Signs alone say themselves, a rule that it is one.
  const said = item.children
    .filter((child) => child.type !== 'list')
    .map((child) => saying(child).trim() || textOf(child).trim() || child.type);
  const lead = first?.type === 'paragraph' ? leadOf(first) : undefined;
  const whole = said.join('\n');
  const head = first?.type === 'paragraph' && said[0] ? said[0] : undefined;
  const names = whole === '' ? [] : [`whole:${whole}`, ...(head ? [`head:${head}`] : []), ...(lead ? [`lead:${lead}`] : [])];
  return { whole, names, ...(head !== undefined && { head }), ...(lead !== undefined && { lead }) };
}

/** The bold text that a paragraph begins with, where a colon or a dash parts it from the rest. */
function leadOf({ children }: Paragraph): string | undefined {
  const [first] = children;
  const at = first?.type === 'text' && ONLY_CHECKBOX.test(first.value) ? 1 : 0;
  const lead = children[at];
  const next = children[at + 1];
  if (!lead || !isStrong(lead)) return undefined;
  if (!COLON_AT_END.test(textOf(lead)) && !(next?.type === 'text' && BEHIND_LEAD.test(next.value))) return undefined;
  return saying(lead);
}

const isStrong = (node: PhrasingContent): boolean =>
  node.type === 'strong' || (node.type === 'emphasis' && node.children.length === 1 && node.children[0]?.type === 'strong');

const blockKeys = new WeakMap<Nodes, string>();

/** A key for a block: equal blocks say the same and need to be there once. */
export function blockKey(node: Nodes): string {
  const known = blockKeys.get(node);
  if (known !== undefined) return known;
  const key = makeBlockKey(node);
  blockKeys.set(node, key);
  return key;
}

function makeBlockKey(node: Nodes): string {
  switch (node.type) {
    case 'code':
      return `code:${lettersOf(node)}`;
    case 'html':
      return `html:${node.value.trim().replaceAll('\r\n', '\n')}`;
    case 'definition':
      return `definition:${node.identifier}`;
    default:
      return `${node.type}:${saying(node)}`;
  }
}

/** The columns of a table, by their titles. */
export const columnsOf = ({ children: [header] }: Table): string[] => (header?.children ?? []).map((cell) => titleKey(textOf(cell)));

/** What a row says. */
export interface RowKeys {
  /** All its cells, in an order that does not depend on that of the columns. */
  readonly whole: string;
  /** The first cell: what the row is about. A row that has none says it all together. */
  readonly first: string;
}

/** What a table says. */
export interface TableKeys {
  /** Tables are of one kind when their first columns have one title, and the others are the same, in any order. */
  readonly kind: string;
  /** Of the rows below the header. */
  readonly rows: readonly RowKeys[];
}

const tableKeys = new WeakMap<Table, TableKeys>();

export function keysOfTable(table: Table): TableKeys {
  const known = tableKeys.get(table);
  if (known) return known;
  const titles = columnsOf(table);
  const order = titles
    .map((title, index) => ({ title, index }))
    .sort((a, b) => (a.index === 0 ? -1 : b.index === 0 ? 1 : a.title < b.title ? -1 : 1));
  const rows = rowsOf(table).map((row) => {
    const cells = order.map(({ index }) => row.children[index]).map((cell) => (cell ? saying(cell) : ''));
    const whole = cells.join(' | ');
    return { whole, first: cells[0] || whole };
  });
  const keys = { kind: order.map(({ title }) => title).join('|'), rows };
  tableKeys.set(table, keys);
  return keys;
}

/** The rows below the header. */
export const rowsOf = ({ children }: Table): TableRow[] => children.slice(1);

/** Whether a paragraph leads into what stands behind it, so that it is nothing without. */
export function leadsInto(paragraph: Nodes, next: Nodes | undefined): boolean {
  if (!next || paragraph.type !== 'paragraph') return false;
  if (endsInColon(paragraph)) return ['list', 'table', 'code', 'blockquote'].includes(next.type);
  return next.type === 'list' && !SENTENCE_AT_END.test(textOf(paragraph));
}

export const endsInColon = (node: Nodes): boolean => COLON_AT_END.test(textOf(node));

/** The checkbox that a text begins with, with the white space behind it. */
export const checkboxOf = (text: string): string | undefined => CHECKBOX.exec(text)?.[0];
