/** How much is done, counted and not timed: what `npm run bench:merge` shows on a clock. */
import { expect, test, vi } from 'vitest';
import { compile } from '../../src/compile.js';
import type { Document } from '../../src/stages/parse/document.js';
import { claudeCode } from '../../src/targets/claude-code.js';

/** The documents that were opened, and the trees that were built of each. */
const opened = vi.hoisted(() => new Map<string, Set<unknown>[]>());

vi.mock(import('../../src/stages/parse/parse.js'), async (importOriginal) => {
  const original = await importOriginal();
  const counted = (document: Document | undefined): Document | undefined => {
    if (!document) return undefined;
    const trees = new Set<unknown>();
    const { path } = document.source;
    opened.set(path, [...(opened.get(path) ?? []), trees]);
    return {
      ...document,
      tree() {
        const tree = document.tree();
        trees.add(tree);
        return tree;
      },
    };
  };
  return {
    ...original,
    parse: (file, report) => counted(original.parse(file, report)),
    parsePart: (file, kind, report) => counted(original.parsePart(file, kind, report)),
  };
});

test('each fragment that is used is opened once and parsed once, however many agents use it, and no other is', () => {
  const names = Array.from({ length: 10 }, (_, index) => `f${index}`);
  const file = (name: string) => ({ name, path: `${name}.md`, content: `## Checks\n\n- of ${name}\n- of all\n\n## ${name}\n\nText.\n` });
  const agents = Array.from({ length: 30 }, (_, index) => ({
    path: `a${index}.md`,
    content: `---\nname: a${index}\ndescription: Does it.\nfragments: [${names.join(', ')}]\n---\n## Checks\n\n- own\n`,
  }));
  const plain = { path: 'plain.md', content: '---\nname: plain\ndescription: Does it.\n---\n## Checks\n\n- own\n' };
  const { files } = compile({ agents: [...agents, plain], fragments: [...names, 'unused'].map(file) }, [claudeCode]);

  expect(files.length).toBe(31);
  for (const name of names)
    expect(
      opened.get(`${name}.md`)?.map((trees) => trees.size),
      name,
    ).toEqual([1]);
  expect(opened.get('unused.md')).toBeUndefined();
  for (const { path } of agents)
    expect(
      opened.get(path)?.map((trees) => trees.size),
      path,
    ).toEqual([1]);
  expect(opened.get('plain.md')?.map((trees) => trees.size)).toEqual([0]);
});
