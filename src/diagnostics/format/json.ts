import type { Diagnostic } from '../report.js';

/** A diagnostic as plain data, for `--format json`. Lines and columns count from 1, offsets are UTF-16 code units from 0. */
export function toJson({ code, severity, file, place, reason, label, help, data }: Diagnostic): object {
  const range = place && ('start' in place ? { start: place.start, end: place.end } : { start: place, end: place });
  return { code, severity, message: reason, ...(label !== undefined && { label }), help, file, ...(range && { range }), data };
}
