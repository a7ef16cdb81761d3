/** Compiles one agent with fragments, and compares the trees of what went in and what came out. */
import type { ListItem, Nodes, RootContent, Table } from 'mdast';
import { expect } from 'vitest';
import { type Compilation, compile } from '../../src/compile.js';
import { createReport } from '../../src/diagnostics/report.js';
import { type Outline, type OutlineSection, outlineOf } from '../../src/stages/merge/outline.js';
import { blockKey, checkboxOf, keysOfItem, keysOfTable, leadsInto } from '../../src/stages/merge/wording.js';
import { parsePart } from '../../src/stages/parse/parse.js';
import { claudeCode } from '../../src/targets/claude-code.js';

export interface MergedAgent {
  readonly header: string;
  readonly body: string;
  readonly file: Compilation['files'][number];
  readonly codes: readonly string[];
}

/** An agent with this text and these fragments. `eol` is that of its header. */
export function mergeInto(body: string, fragments: readonly string[], { eol = '\n', listed = true } = {}): MergedAgent {
  const uses = listed && fragments.length > 0 ? [`fragments: [${fragments.map((_, index) => `f${index}`).join(', ')}]`] : [];
  const header = ['---', 'name: a', 'description: Does it.', ...uses, '---', ''].join(eol);
  const { files, diagnostics } = compile(
    {
      agents: [{ path: 'a.md', content: header + body }],
      fragments: fragments.map((content, index) => ({ name: `f${index}`, path: `f${index}.md`, content })),
    },
    [claudeCode],
  );
  const [file] = files;
  if (!file) throw new Error(`not compiled: ${diagnostics.map(({ code }) => code).join()}`);
  const content = file.content;
  return {
    header,
    file,
    body: content.slice(content.indexOf(`---${eol}`, 4) + 3 + eol.length),
    codes: diagnostics.map(({ code }) => code),
  };
}

/** The top-level nodes of a text, tables among them. */
export function nodesOf(text: string): readonly RootContent[] {
  return parsePart({ path: 'text.md', content: text }, 'fragment', createReport())?.tree().children ?? [];
}

/** An empty comment parts two lists, a rule two texts. */
const isParting = (node: RootContent): boolean =>
  node.type === 'thematicBreak' || (node.type === 'html' && /^<!--\s*-->$/.test(node.value));

/**
 * What is said in each section, by what makes it the same: items by their first paragraph, rows by all their cells. Texts
 * that lead into something, and code, which may be a part of something, are left out.
 */
export function saidIn(text: string): string[] {
  const found = new Set<string>();
  const { intro, sections } = outlineOf(nodesOf(text));
  const hear = (title: string, nodes: readonly RootContent[]): void => {
    for (const [index, node] of nodes.entries()) {
      if (node.type === 'list') for (const item of node.children) for (const key of itemsIn(item)) found.add(`${title}: ${key}`);
      else if (node.type === 'table') for (const key of rowsIn(node)) found.add(`${title}: ${key}`);
      else if (node.type !== 'code' && !isParting(node) && !leadsInto(node, nodes[index + 1])) found.add(`${title}: ${blockKey(node)}`);
    }
  };
  const walk = (title: string, section: (typeof sections)[number]): void => {
    hear(title, section.nodes);
    for (const child of section.children) walk(title, child);
  };
  hear('', intro);
  for (const section of sections) walk(section.title, section);
  return [...found].sort();
}

function itemsIn(item: ListItem): string[] {
  const { head, whole } = keysOfItem(item);
  const below = item.children.flatMap((child) => (child.type === 'list' ? child.children.flatMap(itemsIn) : []));
  return [`item ${head ?? whole}`, ...below];
}

function rowsIn(table: Table): string[] {
  const { kind, rows } = keysOfTable(table);
  return rows.map(({ whole }) => `row ${kind}: ${whole}`);
}

/** Whether a node is another one, or that with more behind it: items behind its items, rows behind its rows. */
export function isGrown(from: Nodes, to: Nodes): boolean {
  if (from.type !== to.type) return false;
  if (from.type === 'list' && to.type === 'list') return from.ordered === to.ordered && startsWith(from.children, to.children);
  if (from.type === 'table' && to.type === 'table') return startsWith(from.children, to.children);
  if (from.type === 'listItem' && to.type === 'listItem') return startsWith(from.children, to.children);
  return plainOf(from) === plainOf(to);
}

function startsWith(from: readonly Nodes[], to: readonly Nodes[]): boolean {
  return from.length <= to.length && from.every((node, index) => isGrown(node, to[index] as Nodes));
}

/** A node without its place. */
function plainOf(node: Nodes): string {
  return JSON.stringify(node, (key, value: unknown) =>
    key === 'position' || key === 'spread' || key === 'align' ? undefined : value,
  ).replaceAll('\\r\\n', '\\n');
}

/** The same without checkboxes, which are those of the list that an item joins. */
function isGrownItem(from: ListItem, to: ListItem): boolean {
  return isGrown(withoutCheckboxes(from), withoutCheckboxes(to));
}

function withoutCheckboxes<Node extends Nodes>(node: Node): Node {
  if (node.type === 'text') return { ...node, value: node.value.slice(checkboxOf(node.value)?.length ?? 0) };
  if (!('children' in node)) return node;
  const children = node.children
    .map((child) => withoutCheckboxes(child as Nodes))
    .filter((child) => child.type !== 'text' || child.value !== '');
  return { ...node, children };
}

/** The stretches of the agent's file, joined. */
export function ownText({ file, header }: MergedAgent): string {
  return file.pieces
    .filter(({ origin, written }) => origin.path === 'a.md' && !written && origin.start >= header.length)
    .map((piece) => piece.text)
    .join('');
}

/**
 * Expects that a merged text has what the agent's had, section by section and unchanged, and behind it, or before a text
 * that leads into a list, only what the fragments say: that no text became another one by what stands beside it.
 */
export function expectGrown(own: string, merged: string, parts: readonly string[]): void {
  const brought = parts.flatMap(nodesOf);
  const items = brought.flatMap(itemsBelow);
  const context = `${own}\n=== merged ===\n${merged}\n=== fragments ===\n${parts.join('\n=== and ===\n')}`;
  const wasBrought = (node: RootContent): boolean =>
    isParting(node) ||
    (node.type === 'list'
      ? node.children.every((item) => items.some((one) => isGrownItem(one, item)))
      : brought.some((one) => isGrown(one, node) || blockKey(one) === blockKey(node)));

  const compareNodes = (allBefore: readonly RootContent[], allAfter: readonly RootContent[]): void => {
    const [before, after] = [withoutRule(allBefore), withoutRule(allAfter)];
    let at = 0;
    for (const [index, node] of before.entries()) {
      // A list may come before the first text that leads into one.
      const leads = leadsInto(node, before[index + 1]);
      const isBetween = (one: RootContent | undefined): boolean =>
        one !== undefined && (one.type === 'list' || isParting(one)) && wasBrought(one);
      while (leads && isBetween(after[at])) at++;
      const now = after[at++];
      expect(now !== undefined && isGrown(node, now), `${index} ${node.type} in\n${context}`).toBe(true);
      if (now)
        for (const item of itemsGrownBy(node, now))
          expect(
            items.some((one) => isGrownItem(one, item)),
            `an item in\n${context}`,
          ).toBe(true);
    }
    for (const node of after.slice(at)) expect(wasBrought(node), `${node.type} ${blockKey(node)} in\n${context}`).toBe(true);
  };
  const compare = (before: OutlineSection, after: OutlineSection | undefined): void => {
    expect([after?.title, after?.depth], context).toEqual([before.title, before.depth]);
    compareNodes(before.nodes, after?.nodes ?? []);
    for (const [index, child] of before.children.entries()) compare(child, after?.children[index]);
    for (const child of after?.children.slice(before.children.length) ?? []) compareNew(child);
  };
  const compareNew = (section: OutlineSection): void => {
    compareNodes([], section.nodes);
    for (const child of section.children) compareNew(child);
  };
  const [before, after]: Outline[] = [outlineOf(nodesOf(own)), outlineOf(nodesOf(merged))];
  compareNodes(before?.intro ?? [], after?.intro ?? []);
  for (const [index, section] of before?.sections.entries() ?? []) compare(section, after?.sections[index]);
  for (const section of after?.sections.slice(before?.sections.length) ?? []) compareNew(section);
}

function itemsBelow(node: RootContent): ListItem[] {
  if (node.type !== 'list') return [];
  return node.children.flatMap((item) => [item, ...item.children.flatMap((child) => itemsBelow(child))]);
}

/** The items that a list has more than before, at all depths. */
function itemsGrownBy(before: RootContent, after: RootContent): ListItem[] {
  if (before.type !== 'list' || after.type !== 'list') return [];
  return after.children.flatMap((item, index) => {
    const own = before.children[index];
    if (!own) return [item];
    return item.children.flatMap((child, at) => {
      const inner = own.children[at];
      return inner ? itemsGrownBy(inner, child) : child.type === 'list' ? child.children : [];
    });
  });
}

/** A rule at the end of a section stays there. */
function withoutRule(nodes: readonly RootContent[]): readonly RootContent[] {
  return nodes.slice(0, nodes.findLastIndex((node) => node.type !== 'thematicBreak') + 1);
}
