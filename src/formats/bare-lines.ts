import type { Json } from '../ir.js';
import { type Format, splitHeader } from './format.js';

/** Cursor's header: one line a key, split at its first colon, and the rest of the line is the value, quotes and all. */
export const bareLines: Format = {
  entry: (key, value) => `${key}: ${oneLine(value)}`,
  sourceLineEnds: true,
  isTable: () => false,
  objection: () => undefined,
  asRead: (value) => (typeof value === 'boolean' && value ? true : oneLine(value)),
  text: oneLine,
  read(file) {
    const { header, body } = splitHeader(file);
    const keys: { [key: string]: Json } = {};
    for (const line of header.split('\n').map((text) => text.trim())) {
      const colon = line.indexOf(':');
      if (colon < 1 || line.startsWith('#')) continue;
      const value = line.slice(colon + 1).trim();
      keys[line.slice(0, colon).trim().toLowerCase()] = value === 'true' ? true : value;
    }
    return { header: keys, body };
  },
};

/** The value as the one line it is written in. */
function oneLine(value: Json): string {
  const lines = (typeof value === 'string' ? value : JSON.stringify(value)).split(/[\r\n]+/);
  return lines
    .map((line) => line.trim())
    .filter(Boolean)
    .join(' ');
}
