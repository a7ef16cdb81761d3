import type { Root } from 'mdast';
import type { MarkdownParser } from './parser.js';

/**
 * A parser that may be told to keep its trees for the next time: while a fragment is edited again and again, the prompts of
 * all its agents stay what they are.
 */
export interface TreeMemory {
  readonly parse: MarkdownParser;
  /** Does something, and keeps the trees that are made meanwhile. */
  keepDuring<T>(act: () => T): T;
}

/** How many trees are kept: one takes some 300 KiB. */
const MOST_KEPT = 200;

export function createTreeMemory(parser: MarkdownParser): TreeMemory {
  /** By text; what was asked for last stands last. */
  const trees = new Map<string, Root>();
  let keeps = false;
  return {
    parse(text) {
      const tree = trees.get(text) ?? parser(text);
      if (!keeps) return tree;
      trees.delete(text);
      trees.set(text, tree);
      const [oldest] = trees.keys();
      if (trees.size > MOST_KEPT && oldest !== undefined) trees.delete(oldest);
      return tree;
    },
    keepDuring(act) {
      keeps = true;
      try {
        return act();
      } finally {
        keeps = false;
      }
    },
  };
}
