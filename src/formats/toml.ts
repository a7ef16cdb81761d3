import { parse, stringify } from 'smol-toml';
import type { Json } from '../ir.js';
import type { Format, Parsed } from './format.js';

// What a literal string of TOML cannot hold.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export const toml: Format = {
  entry: (key, value) => stringify({ [key]: value }).trimEnd(),
  sourceLineEnds: false,
  isTable: (value) =>
    value !== null &&
    typeof value === 'object' &&
    (!Array.isArray(value) || value.some((item) => item !== null && typeof item === 'object')),
  objection: (value) => (hasNull(value) ? 'TOML has no empty value' : undefined),
  asRead: (value) => value,
  // smol-toml puts a whole prompt on one escaped line; a prompt is for people to read too.
  text(value) {
    if (!value.includes("'''") && !value.endsWith("'") && value.search(CONTROL) === -1) return `'''\n${value}'''`;
    const escaped = value
      .replaceAll('\\', '\\\\')
      .replaceAll(/"{3,}|"$/g, (quotes) => '\\"'.repeat(quotes.length))
      .replaceAll(CONTROL, (char) => (char === '\r' ? '\\r' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`));
    return `"""\n${escaped}"""`;
  },
  read: (file): Parsed => ({ header: parse(file) as { [key: string]: Json } }),
};

function hasNull(value: Json): boolean {
  if (value === null || typeof value !== 'object') return value === null;
  return Object.values(value).some(hasNull);
}
