import type { Json } from '../ir.js';
import { escaped, type Format } from './format.js';

/** The file is one object. The template puts the braces and commas. */
export const json: Format = {
  // It stands inside the object, so its further lines are indented once more.
  entry: (key, value, options) =>
    escaped(`${JSON.stringify(key)}: ${JSON.stringify(value, null, 2).replaceAll('\n', '\n  ')}`, options, escapeOf),
  sourceLineEnds: false,
  isTable: () => false,
  objection: () => undefined,
  asRead: (value) => value,
  text: (value, options) => escaped(JSON.stringify(value), options, escapeOf),
  read: (file) => ({ header: JSON.parse(file) as { [key: string]: Json } }),
};

const escapeOf = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;
