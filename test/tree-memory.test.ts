import { expect, it } from 'vitest';
import { parseMarkdown } from '../src/markdown/remark.js';
import { createTreeMemory } from '../src/markdown/tree-memory.js';

function counted(): { readonly parsed: string[]; readonly memory: ReturnType<typeof createTreeMemory> } {
  const parsed: string[] = [];
  const memory = createTreeMemory((text) => {
    parsed.push(text);
    return parseMarkdown(text);
  });
  return { parsed, memory };
}

it('keeps trees only where it is told to', () => {
  const { parsed, memory } = counted();
  memory.parse('a');
  const kept = memory.keepDuring(() => memory.parse('a'));
  expect(memory.parse('a')).toBe(kept);
  expect(parsed).toEqual(['a', 'a']);
  expect(() =>
    memory.keepDuring(() => {
      throw new Error('stopped');
    }),
  ).toThrow('stopped');
  memory.parse('b');
  memory.parse('b');
  expect(parsed).toEqual(['a', 'a', 'b', 'b']);
});

it('lets the trees go that were not asked for the longest', () => {
  const { parsed, memory } = counted();
  memory.keepDuring(() => {
    for (let text = 0; text < 200; text++) memory.parse(`${text}`);
    memory.parse('0');
    memory.parse('200');
    parsed.length = 0;
    memory.parse('0');
    memory.parse('1');
  });
  expect(parsed).toEqual(['1']);
});
