import type { Diagnostic } from '../report.js';

/**
 * JSON without characters that a terminal acts on: what JSON itself leaves as it is becomes an escape.
 * @param indent spaces a level; with 0 all of it is one line
 */
export function printJson(value: unknown, indent = 2): string {
  const spelled = (char: string): string =>
    Array.from({ length: char.length }, (_, unit) => `\\u${char.charCodeAt(unit).toString(16).padStart(4, '0')}`).join('');
  return JSON.stringify(value, null, indent).replaceAll(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu, spelled);
}

/** A diagnostic as plain data, for `--format json`. Lines and columns count from 1, offsets are UTF-16 code units from 0. */
export function toJson({ code, severity, file, place, reason, label, help, data }: Diagnostic): object {
  const range = place && ('start' in place ? { start: place.start, end: place.end } : { start: place, end: place });
  return { code, severity, message: reason, ...(label !== undefined && { label }), help, file, ...(range && { range }), data };
}
