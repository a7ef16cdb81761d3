/** Findings as plain data: kept without the texts that they point into, which are read again when somebody wants to see them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Finding } from '../../diagnostics/report.js';
import type { FileText } from '../../diagnostics/source-text.js';
import { textOf } from '../../stages/parse/parse.js';

/** Offset, line and column. */
type StoredPoint = readonly [offset: number, line: number, column: number];

export interface StoredFinding extends Pick<Finding, 'code' | 'severity' | 'file' | 'data'> {
  readonly at?: readonly [start: StoredPoint, end: StoredPoint];
}

/** Where something is said, without the text. */
export type StoredPlace = Pick<StoredFinding, 'file' | 'at'>;

export function store({ code, severity, file, data, at }: Finding): StoredFinding {
  return { code, severity, data, ...storePlace({ file, ...(at && { at }) }) };
}

export function storePlace({ file, at }: Pick<Finding, 'file' | 'at'>): StoredPlace {
  if (!at) return { file };
  const point = (offset: number): StoredPoint => {
    const { line, column } = at.text.point(offset);
    return [offset, line, column];
  };
  return { file, at: [point(at.range.start), point(at.range.end)] };
}

/** Reads the texts of files, each once. `cwd` is the folder that their paths are relative to. */
export function createTextReader(cwd: string): (file: string) => string {
  const texts = new Map<string, FileText>();
  return (file) => {
    const known = texts.get(file) ?? textOf({ path: file, content: readIfThere(path.resolve(cwd, file)) });
    texts.set(file, known);
    return known.text;
  };
}

/** Makes findings of what was stored. */
export const createReviver =
  (readText: (file: string) => string): ((stored: StoredFinding) => Finding) =>
  ({ code, severity, file, data, at }) => ({
    code,
    severity,
    data,
    ...revivePlace({ file, ...(at && { at }) }, readText),
  });

/** @param readText gives the text of a file, when somebody wants to see it */
export function revivePlace({ file, at }: StoredPlace, readText: (file: string) => string): Pick<Finding, 'file' | 'at'> {
  if (!at) return { file };
  const [start, end] = at;
  const point = (offset: number): ReturnType<FileText['point']> => {
    const [, line, column] = offset === start[0] ? start : end;
    return { offset, line, column };
  };
  return {
    file,
    at: {
      range: { start: start[0], end: end[0] },
      text: {
        point,
        get text() {
          return readText(file);
        },
      },
    },
  };
}

function readIfThere(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch {
    return new Uint8Array();
  }
}
