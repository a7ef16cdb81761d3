/**
 * Lists and maps in YAML's block style, as the package `yaml` writes them when text that is safe stands plain and all other
 * text in double quotes. That package makes a tree of nodes for each value, which takes a build longer than all else in a
 * header; what is unusual is still left to it (`undefined`). A test compares the two.
 */
import type { Json } from '../ir.js';

/** How text is written that may be a key or a value; `undefined` when it cannot be said here. */
export type WriteText = (text: string) => string | undefined;

/** The longest key that stands on one line with its value. */
const LONGEST_KEY = 1024;

/** A value that begins behind the indentation of its first line. `undefined` for what is unusual. */
export function blockOf(value: Json, indent: string, write: WriteText): string | undefined {
  if (value === null || typeof value !== 'object') return scalarOf(value, write);
  const parts: string[] = [];
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) {
      const written = blockOf(item, `${indent}  `, write);
      if (written === undefined) return undefined;
      parts.push(`- ${written}`);
    }
    return parts.length === 0 ? '[]' : parts.join(`\n${indent}`);
  }
  for (const [key, inner] of Object.entries(value)) {
    const name = write(key);
    const written = blockOf(inner, `${indent}  `, write);
    if (name === undefined || name.length > LONGEST_KEY || written === undefined) return undefined;
    parts.push(`${name}:${isFilled(inner) ? `\n${indent}  ` : ' '}${written}`);
  }
  return parts.length === 0 ? '{}' : parts.join(`\n${indent}`);
}

/** Whether a value takes lines of its own. */
const isFilled = (value: Json): boolean => value !== null && typeof value === 'object' && Object.keys(value).length > 0;

function scalarOf(value: string | number | boolean | null, write: WriteText): string | undefined {
  if (typeof value === 'string') return write(value);
  if (typeof value !== 'number') return String(value);
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : undefined;
}
