/** What merging promises for every agent and every fragment. */
import fc from 'fast-check';
import type { ListItem, RootContent } from 'mdast';
import { describe, expect, test } from 'vitest';
import { type Outline, type OutlineSection, outlineOf } from '../../src/stages/merge/outline.js';
import { blockKey } from '../../src/stages/merge/wording.js';
import { body, fragment } from './generate-markdown.js';
import { isGrown, isGrownItem, isParting, type MergedAgent, mergeInto, nodesOf, saidIn } from './read-merged.js';

const RUNS = { numRuns: Number(process.env.RUNS ?? 150), seed: Number(process.env.SEED ?? 20_261_126) };
const fragments = fc.array(fragment, { minLength: 1, maxLength: 2 });

function holds(property: fc.IPropertyWithHooks<[string, string[]]>): void {
  fc.assert(property, RUNS);
}

describe('for every agent and all fragments', () => {
  test('an agent with no fragment is untouched to the byte', () => {
    fc.assert(
      fc.property(body, (text) => {
        expect(mergeInto(text, []).body).toBe(text);
      }),
      RUNS,
    );
  });

  test('merging again changes nothing', () => {
    holds(
      fc.property(body, fragments, (text, parts) => {
        const once = mergeInto(text, parts).body;
        expect(mergeInto(once, parts).body).toBe(once);
      }),
    );
  });

  test('any order of the fragments says the same things', () => {
    holds(
      fc.property(body, fragments, (text, parts) => {
        expect(saidIn(mergeInto(text, parts.toReversed()).body)).toEqual(saidIn(mergeInto(text, parts).body));
      }),
    );
  });

  test("the agent's own text is there to the byte, in its order", () => {
    holds(
      fc.property(body, fragments, (text, parts) => {
        expect(ownText(mergeInto(text, parts))).toBe(text);
      }),
    );
  });

  test('every byte has one origin, and is what stands there unless it was made for it', () => {
    holds(
      fc.property(body, fragments, (text, parts) => {
        const { file, header } = mergeInto(text, parts);
        expect(file.pieces.map((piece) => piece.text).join('')).toBe(file.content);
        for (const { text: stretch, origin, written } of file.pieces) {
          const from = origin.path === 'a.md' ? header + text : (parts[Number(origin.path.slice(1, -3))] ?? '');
          if (!written) expect(from.slice(origin.start, origin.end)).toBe(stretch);
          expect(stretch).not.toBe('');
        }
      }),
    );
  });

  test('each section has what the agent had, then what the fragments bring, and no text became another', () => {
    holds(
      fc.property(body, fragments, (text, parts) => {
        expectGrown(text, mergeInto(text, parts).body, parts);
      }),
    );
  });

  test('a directive moves and swallows nothing either', () => {
    fc.assert(
      fc.property(body, fragment, fc.nat(), (text, part, where) => {
        const eol = text.includes('\r\n') ? '\r\n' : '\n';
        const at = placesIn(text)[where % placesIn(text).length] ?? 0;
        const directive = `<!-- @fragment f0 -->${eol}`;
        const [before, after] = [text.slice(0, at), text.slice(at)];
        const placed = `${before}${before === '' || before.endsWith(eol + eol) ? '' : eol}${directive}${after === '' ? '' : eol}${after}`;
        const merged = mergeInto(placed, [part], { listed: false });
        // The directive takes a line of its own along.
        expect(ownText(merged).split(/\s+/).join(' ').trim()).toBe(text.split(/\s+/).join(' ').trim());
      }),
      RUNS,
    );
  });
});

/** The stretches of the agent's file, joined. */
function ownText({ file, header }: MergedAgent): string {
  return file.pieces
    .filter(({ origin, written }) => origin.path === 'a.md' && !written && origin.start >= header.length)
    .map((piece) => piece.text)
    .join('');
}

/** Offsets at which a directive may stand: before and behind blocks. */
function placesIn(text: string): number[] {
  return [0, ...nodesOf(text).map((node) => node.position?.start.offset ?? 0), text.length];
}

function expectGrown(own: string, merged: string, parts: readonly string[]): void {
  const brought = parts.flatMap(nodesOf);
  const items = brought.flatMap(itemsBelow);
  const context = `${own}\n=== merged ===\n${merged}\n=== fragments ===\n${parts.join('\n=== and ===\n')}`;
  const wasBrought = (node: RootContent): boolean =>
    isParting(node) ||
    (node.type === 'list'
      ? node.children.every((item) => items.some((one) => isGrownItem(one, item)))
      : brought.some((one) => isGrown(one, node) || blockKey(one) === blockKey(node)));

  const compareNodes = (before: readonly RootContent[], after: readonly RootContent[]): void => {
    for (const [index, node] of before.entries()) {
      const now = after[index];
      expect(now !== undefined && isGrown(node, now), `${index} ${node.type} in\n${context}`).toBe(true);
      if (now)
        for (const item of itemsGrownBy(node, now))
          expect(
            items.some((one) => isGrownItem(one, item)),
            `an item in\n${context}`,
          ).toBe(true);
    }
    for (const node of after.slice(before.length)) expect(wasBrought(node), `${node.type} ${blockKey(node)} in\n${context}`).toBe(true);
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
