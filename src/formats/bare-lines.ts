import type { Json } from '../ir.js';
import { type Format, splitHeader } from './format.js';

/** Cursor's header: one line a key, split at its first colon, and the rest of the line is the value, quotes and all. */
export const bareLines: Format = {
  entry: (key, value) => `${key}: ${oneLine(value)}`,
  sourceLineEnds: true,
  isTable: () => false,
  text: oneLine,
  read(file) {
    const { header, body } = splitHeader(file);
    const keys: { [key: string]: Json } = {};
    for (const line of header.split('\n')) {
      const [, key, value] = /^([^:]*):(.*)$/.exec(line.trim()) ?? [];
      if (!key || value === undefined || key.startsWith('#')) continue;
      keys[key.trim().toLowerCase()] = value.trim() === 'true' ? true : value.trim();
    }
    return { header: keys, body };
  },
};

/** The value as the one line it is written in. */
export function oneLine(value: Json): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll(/\s*[\r\n]+\s*/g, ' ').trim();
}
