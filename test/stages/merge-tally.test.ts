/** How many items a fragment has, and how many of them an agent had already: what `explain` says of a section. */
import { expect, test } from 'vitest';
import { createReport } from '../../src/diagnostics/report.js';
import { createBlocks } from '../../src/stages/merge/blocks.js';
import { houseStyleOf } from '../../src/stages/merge/house-style.js';
import { outlineOf } from '../../src/stages/merge/outline.js';
import { slotsOf } from '../../src/stages/merge/slots.js';
import { parsePart } from '../../src/stages/parse/parse.js';

test.each([
  ['items', '- a\n- b', '- A.\n- c', { total: 2, present: 1 }],
  ['items below items', '- a\n  - b', '- a\n  - b\n  - c\n    - d\n- e\n  - f', { total: 6, present: 2 }],
  ['rows', '| K | V |\n| - | - |\n| a | 1 |', '| K | V |\n| - | - |\n| a | 2 |\n| b | 3 |', { total: 2, present: 1 }],
  ['a table that is not there', 'Text.', '| K | V |\n| - | - |\n| a | 2 |\n| b | 3 |', { total: 2, present: 0 }],
  ['blocks', 'Text.\n\n> quote', 'text\n\n```\ncode\n```\n\n> Quote', { total: 3, present: 2 }],
  ['a lead-in that is left out', '- a', 'Always:\n\n- a', { total: 2, present: 2 }],
  ['a lead-in that comes along', '- a', 'Always:\n\n- a\n- b', { total: 3, present: 1 }],
  ['a lead-in that was there', 'Always:\n\n- a', 'Always:\n\n- b', { total: 2, present: 1 }],
  ['no rules and empty comments', '- a', '- a\n\n<!-- -->\n\n- b\n\n---', { total: 2, present: 1 }],
])('counts %s', (_, own, fragment, tally) => {
  const report = createReport();
  const [host, part] = [own, fragment].map((content, index) => parsePart({ path: `${index}.md`, content }, 'fragment', report));
  if (!host || !part) throw new Error('not read');
  const nodes = host.tree().children;
  const slot = slotsOf(outlineOf(nodes), 0, own.length);
  const blocks = createBlocks(host, nodes, houseStyleOf(host, nodes), report);
  const to = { slot, scope: slot, blocks: slot.tail, lists: slot.own?.lists ?? [], fresh: false };
  expect(blocks.add(part.source, part.tree().children, to)).toEqual(tally);
});
