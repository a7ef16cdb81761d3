/**
 * Text between tags, such as `<example>` … `</example>`: prompts are full of it. For CommonMark the tags are blocks of their
 * own and what stands between them is ordinary text; for an author it is one thing, which nothing is to be put into.
 */
import type { RootContent } from 'mdast';
import { mayHaveDirectives } from './directives.js';
import { rangeOf } from './outline.js';

const TAG = /<!--[\s\S]*?(?:-->|$)|<(\/?)([A-Za-z][\w.:-]*)(?:\s[^<>]*?)?(\/?)>/g;
/** Elements that have no end. https://html.spec.whatwg.org/#void-elements */
const VOID = new Set(['area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'source', 'track', 'wbr']);

/**
 * Makes one block of the nodes from an opening tag to its closing one. A tag that is never closed opens nothing.
 * @param withDirectives also where a directive stands between them; what a directive hides is part of the block then
 */
export function withEnclosed(nodes: readonly RootContent[], text: string, withDirectives: boolean): RootContent[] {
  const tags = nodes.map((node) => (node.type === 'html' ? tagsIn(node.value) : []));
  const ends = closingTags(tags);
  if (ends.size === 0) return [...nodes];
  const result: RootContent[] = [];
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index];
    if (!node) continue;
    const end = node.type === 'html' ? closingOf(tags, index, ends) : undefined;
    const last = end === undefined ? undefined : nodes[end];
    const [start, stop] = [node.position?.start, last?.position?.end];
    const value = last ? text.slice(rangeOf(node).start, rangeOf(last).end) : '';
    if (end === undefined || !start || !stop || (!withDirectives && mayHaveDirectives(value))) result.push(node);
    else {
      result.push({ type: 'html', value, position: { start, end: stop } });
      index = end;
    }
  }
  return result;
}

/** The last node that has a closing tag, by its name. */
function closingTags(tags: readonly (readonly Tag[])[]): Map<string, number> {
  const ends = new Map<string, number>();
  for (const [index, inNode] of tags.entries()) for (const { name, closes } of inNode) if (closes) ends.set(name, index);
  return ends;
}

/** The index of the node that closes what a node opens; `undefined` when it opens nothing, or nothing closes it. */
function closingOf(tags: readonly (readonly Tag[])[], from: number, ends: ReadonlyMap<string, number>): number | undefined {
  const open: string[] = [];
  /** How often each name is open, so that a closing tag that closes nothing is told at once. */
  const counts = new Map<string, number>();
  const count = (name: string, more: number): void => void counts.set(name, (counts.get(name) ?? 0) + more);
  const close = (name: string): void => {
    if (!counts.get(name)) return;
    for (let last = open.pop(); last !== undefined; last = open.pop()) {
      count(last, -1);
      if (last === name) return;
    }
  };
  for (let index = from; index < tags.length; index++) {
    const inNode = tags[index];
    if (!inNode || (inNode.length === 0 && index > from)) continue;
    for (const { name, closes } of inNode) {
      if (closes) close(name);
      else {
        open.push(name);
        count(name, 1);
      }
    }
    const [first] = open;
    if (first === undefined) return index > from ? index : undefined;
    if ((ends.get(first) ?? -1) <= index) return undefined;
  }
  return undefined;
}

interface Tag {
  readonly name: string;
  readonly closes: boolean;
}

/** The tags of a text that open or close something. */
function tagsIn(html: string): Tag[] {
  return [...html.matchAll(TAG)].flatMap(([, slash, written, itself]) => {
    const name = written?.toLowerCase();
    return name === undefined || itself === '/' || VOID.has(name) ? [] : [{ name, closes: slash === '/' }];
  });
}
