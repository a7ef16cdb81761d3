import type { Json } from '../ir.js';

/** A way to write and read the header of an agent file. */
export interface Format {
  /** One key with its value, ready for the template: lines joined by `\n`, no line end after the last. */
  entry(key: string, value: Json, options: WriteOptions): string;
  /** Whether the header takes the line ends of the source. A prompt inside a header has its own, written as escapes. */
  readonly sourceLineEnds: boolean;
  /** Whether the value must stand after everything that is no table. */
  isTable(value: Json): boolean;
  /** Why a value cannot be written, for a person; `undefined` when it can. */
  objection(value: Json): string | undefined;
  /** The value as a reader of the format gets it. */
  asRead(value: Json): Json;
  /** The prompt as a value of the header. */
  text(value: string, options: WriteOptions): string;
  /** The keys of a file, and its prompt when that follows the header. Throws when it is not of this format. */
  read(file: string): Parsed;
}

export interface WriteOptions {
  /** Text that must not stand in the header as it is: it is written with escapes. Global. */
  readonly escapes?: RegExp | undefined;
}

/** A text with what must not stand as it is written by the format's escape for a UTF-16 code unit. */
export function escaped(text: string, { escapes }: WriteOptions, escapeOf: (unit: number) => string): string {
  if (!escapes) return text;
  return text.replaceAll(escapes, (match) => Array.from({ length: match.length }, (_, at) => escapeOf(match.charCodeAt(at))).join(''));
}

export interface Parsed {
  readonly header: { readonly [key: string]: Json };
  readonly body?: string;
}

// Not `^` with the flag m: for JavaScript a line begins behind U+2028 too.
const HEADER = /^---[ \t]*\r?\n([\s\S]*?)(?<=\n)---[ \t]*(?:\r?\n|$)/;

/** Splits a file at its `---` lines. Throws when it has none. */
export function splitHeader(file: string): { header: string; body: string } {
  const match = HEADER.exec(file.startsWith('\ufeff') ? file.slice(1) : file);
  if (match?.index !== 0) throw new Error('no front matter');
  return { header: match[1] ?? '', body: match.input.slice(match[0].length) };
}
