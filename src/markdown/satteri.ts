/**
 * satteri behind the port: a parser in Rust. Its tree is remark's, but for some rare texts: those are told by their
 * characters or by the tree, and remark reads them. test/parser.test.ts compares the two.
 */
import type { Nodes, Parents, PhrasingContent, Root } from 'mdast';
import type { MarkdownParser } from './parser.js';

/** The function of satteri that is used. */
export type MarkdownToMdast = (text: string, options: typeof PLAIN) => unknown;

const PLAIN = { features: { gfm: false, frontmatter: false } } as const;

/** @param remark reads what satteri reads in another way, or not at all */
export function createSatteriParser(markdownToMdast: MarkdownToMdast, remark: MarkdownParser): MarkdownParser {
  return (text) => {
    if (hasOddCharacters(text) || takesLong(text)) return remark(text);
    try {
      const tree = markdownToMdast(text, PLAIN) as Root;
      return mayDiffer(tree, text) ? remark(text) : tree;
    } catch {
      return remark(text);
    }
  };
}

/**
 * NUL and DEL: one keeps what the other replaces or refuses. U+0085 is a blank to satteri, U+FEFF to remark. A lone CR: one
 * writes it as LF. `*` beside `_` or behind an escaped one: to remark each may open or close beside the other. And a
 * backslash before a line that closes a link.
 */
const ODD = /[\0\x7f\x85\ufeff]|\r(?!\n)|\*_|_\*|\\[*_][*_]|\\\r?\n[ \t]*\]/;

const SURROGATE = /[\ud800-\udfff]/;
const HALF_A_PAIR = /\p{Cs}/u;

/** To remark an emoji is two letters, to satteri a symbol. With a blank on the other side of the emphasis it is the same. */
const PAIR_BESIDE_EMPHASIS = /[^\s*_][*_]+[\ud800-\udbff]|[\udc00-\udfff][*_]+[^\s*_]/;

const BEYOND_ASCII = /[^\0-\x7f]/;

/** Punctuation and symbols of Unicode 16 and 17, which satteri does not know. */
const NEW_SYMBOLS = '\\u1b4e\\u1b4f\\u1b7f\\u20c1\\u2427-\\u2429\\u2b96\\u31e4\\u31e5\\ufbc3-\\ufbd2\\ufd90\\ufd91\\ufdc8-\\ufdce';
const NEW_BESIDE_EMPHASIS = new RegExp(`[*_][${NEW_SYMBOLS}]|[${NEW_SYMBOLS}][*_]`);

/** Blanks that are no spaces. satteri trims them behind the language of a code block, and takes them for spaces in a label. */
const FENCE = /`{3}|~{3}/;
const ODD_BLANK = /[\v\f\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Letters whose upper case is several letters, and the dotless i: labels with them are compared in different ways. */
const ODD_CASE = /[\u0131\u0390\u03b0\u1f50-\u1fff\ufb00-\ufb06]/;

function hasOddCharacters(text: string): boolean {
  return (
    ODD.test(text) ||
    (SURROGATE.test(text) && (PAIR_BESIDE_EMPHASIS.test(text) || HALF_A_PAIR.test(text))) ||
    NEW_BESIDE_EMPHASIS.test(text) ||
    hasOddInfo(text) ||
    (text.includes(']:') && (ODD_BLANK.test(text) || ODD_CASE.test(text))) ||
    (text.includes('\r') && /(?<!\r)\n/.test(text))
  );
}

/** A blank may be written as a reference. */
function hasOddInfo(text: string): boolean {
  if (!FENCE.test(text) || !(text.includes('&') || ODD_BLANK.test(text))) return false;
  return text.split('\n').some((line) => {
    const info = line.slice(FENCE.exec(line)?.index ?? line.length);
    return info.includes('&') || ODD_BLANK.test(info);
  });
}

/** The longest line that satteri reads beyond ASCII: the time for a line grows with its square. */
const MAX_LINE = 4096;

/** The most character references, times the length of the text: each may copy all that stands before it. */
const MAX_COPIED = 2 ** 25;

function takesLong(text: string): boolean {
  if ((text.split('&').length - 1) * text.length > MAX_COPIED) return true;
  return text.length > MAX_LINE && text.split('\n').some((line) => line.length > MAX_LINE && BEYOND_ASCII.test(line));
}

/**
 * Whether a block may be another one to remark, or begin or end elsewhere: HTML, a definition or an open code block in an
 * item or a quote; a list or a quote in a quote; code that is only indented; a definition without a blank line around it; HTML
 * that does not end as it begins.
 */
function mayDiffer(parent: Parents, text: string): boolean {
  const inside = parent.type !== 'root';
  return parent.children.some((node, index) => {
    switch (node.type) {
      case 'html':
        return inside || !isHtmlClosed(node.value.trimStart());
      case 'code':
        return !isFenceClosed(sliceOf(node, text), inside);
      case 'definition':
        return inside || isBeside(parent.children[index - 1], node) || isBeside(node, parent.children[index + 1]);
      case 'paragraph':
        return inside && spansLines(node) && (sliceOf(node, text).includes('\t') || node.children.some(crossesLines));
      case 'blockquote':
        return node.children.some(isContainer) || mayDiffer(node, text);
      case 'list':
      case 'listItem':
        return mayDiffer(node, text);
      default:
        return false;
    }
  });
}

const isContainer = ({ type }: Nodes): boolean => type === 'list' || type === 'blockquote';

const sliceOf = ({ position }: Nodes, text: string): string => text.slice(position?.start.offset, position?.end.offset);

const lineOf = (node: Nodes | undefined, edge: 'start' | 'end'): number => node?.position?.[edge].line ?? Number.NaN;

/** Whether the second of two blocks, not both of which are definitions, follows on the next line. */
const isBeside = (first: Nodes | undefined, second: Nodes | undefined): boolean =>
  first?.type !== second?.type && lineOf(first, 'end') + 1 === lineOf(second, 'start');

const spansLines = (node: Nodes): boolean => lineOf(node, 'start') !== lineOf(node, 'end');

/** Whether something goes over a line's end in an item or a quote in another way: HTML, or a mark that opens nothing. */
function crossesLines(node: PhrasingContent): boolean {
  if (node.type === 'text') return /[`<]/.test(node.value);
  return (node.type === 'html' && spansLines(node)) || ('children' in node && node.children.some(crossesLines));
}

/** https://spec.commonmark.org/0.31.2/#html-blocks: a comment or an element with raw text ends with a line that has its end. */
function isHtmlClosed(html: string): boolean {
  // A processing instruction, a declaration, CDATA.
  if (html.endsWith('\n') || /^<(?:\?|!(?!--))/.test(html)) return false;
  const isRaw = /^<(?:pre|script|style|textarea)(?=[\s>]|$)/i.test(html);
  if (!isRaw && !html.startsWith('<!--')) return true;
  const end = html.search(isRaw ? /<\/(?:pre|script|style|textarea)>/i : /-->/);
  // The end of the file is an end, too.
  return end === -1 || !html.includes('\n', end);
}

/** Whether a block of code ends with a fence. At the top of a document the end of the file is one, too. */
function isFenceClosed(code: string, inside: boolean): boolean {
  const fence = /^(?:`{3,}|~{3,})/.exec(code)?.[0];
  if (fence === undefined) return false;
  return !inside || /\n[ \t>]*(`{3,}|~{3,})[ \t]*$/.exec(code)?.[1]?.startsWith(fence) === true;
}
