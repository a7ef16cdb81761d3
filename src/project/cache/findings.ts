/** Findings as plain data: kept without the texts that they point into, which are read again when somebody wants to see them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Finding } from '../../diagnostics/report.js';
import type { FileText } from '../../diagnostics/source-text.js';

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

/** The texts of files, each read once. */
export interface Texts {
  read(file: string): string;
  /** What was read of a file does not hold any more. */
  forget(file: string): void;
}

/** @param cwd the folder that paths are relative to */
export function createTexts(cwd: string): Texts {
  const texts = new Map<string, string>();
  return {
    read(file) {
      // A byte order mark goes, and what is no UTF-8 shows as U+FFFD.
      const text = texts.get(file) ?? new TextDecoder().decode(readIfThere(path.resolve(cwd, file)));
      texts.set(file, text);
      return text;
    },
    forget: (file) => void texts.delete(file),
  };
}

/** Makes findings of what was stored, of each once. */
export function createReviver(readText: (file: string) => string): (stored: StoredFinding) => Finding {
  const known = new WeakMap<StoredFinding, Finding>();
  const revive = ({ code, severity, file, data, at }: StoredFinding): Finding => ({
    code,
    severity,
    data,
    ...revivePlace({ file, ...(at && { at }) }, readText),
  });
  return (stored) => {
    const found = known.get(stored) ?? revive(stored);
    known.set(stored, found);
    return found;
  };
}

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
