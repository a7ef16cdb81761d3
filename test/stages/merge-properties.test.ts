/** What merging promises for every agent and every fragment. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { body, fragment } from './generate-markdown.js';
import { expectGrown, isGrown, mergeInto, nodesOf, ownText, saidIn } from './read-merged.js';

const RUNS = { numRuns: Number(process.env.RUNS ?? 150), seed: Number(process.env.SEED ?? 20_261_126) };
const fragments = fc.array(fragment, { minLength: 1, maxLength: 2 });

function holds(property: fc.IPropertyWithHooks<[string, string[]]>): void {
  fc.assert(property, RUNS);
}

describe('for every agent and all fragments', { timeout: 300_000 }, () => {
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
      fc.property(body, body, fc.nat(), (text, part, where) => {
        const eol = text.includes('\r\n') ? '\r\n' : '\n';
        const at = placesIn(text)[where % placesIn(text).length] ?? 0;
        const [before, after] = [text.slice(0, at), text.slice(at)];
        // Beside a piece of HTML it would be a part of that.
        const apart = before === '' || before.endsWith(eol + eol) ? '' : before.endsWith(eol) ? eol : eol + eol;
        const placed = `${before}${apart}<!-- @fragment f0 -->${eol}${after === '' ? '' : eol}${after}`;
        const merged = mergeInto(placed, [part], { listed: false });
        // It takes a line of its own along.
        expect(ownText(merged).split(/\s+/).join(' ').trim()).toBe(text.split(/\s+/).join(' ').trim());
        expectInOrder(text, merged.body);
      }),
      RUNS,
    );
  });
});

/** Offsets at which a directive may stand: before and behind blocks. */
function placesIn(text: string): number[] {
  return [0, ...nodesOf(text).map((node) => node.position?.start.offset ?? 0), text.length];
}

/** Expects every block of a text in another one, in its order; lists and tables may have more behind them. */
function expectInOrder(text: string, merged: string): void {
  const after = nodesOf(merged);
  let at = 0;
  for (const node of nodesOf(text)) {
    const found = after.findIndex((one, index) => index >= at && isGrown(node, one));
    expect(found, `${node.type} of\n${text}\n=== merged ===\n${merged}`).not.toBe(-1);
    at = found + 1;
  }
}
