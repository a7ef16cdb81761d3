/** The capabilities, and what comes along with each. */
import type { Capability } from '../ir.js';

/** All capabilities, in the order in which lists are printed. */
export const CAPABILITIES: readonly Capability[] = [
  'read',
  'list',
  'glob',
  'grep',
  'write',
  'edit',
  'notebook',
  'shell',
  'web-fetch',
  'web-search',
  'todo',
  'delegate',
  'ask',
  'skill',
  'lsp',
];

/**
 * What comes along: who may read files may see that they are there, who may write a whole file may change a part of it,
 * and a notebook is a file. Gaining the right side through the left is not gaining power.
 */
export const IMPLIED: { readonly [C in Capability]?: readonly Capability[] } = {
  read: ['list'],
  glob: ['list'],
  write: ['edit', 'notebook'],
  edit: ['notebook'],
};
