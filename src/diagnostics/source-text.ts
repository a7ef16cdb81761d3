import type { Point } from 'unist';
import { type Location, location } from 'vfile-location';

/** The decoded text of a source, and the way from an offset to a line and column. */
export interface SourceText {
  /** As given to the compiler. */
  readonly path: string;
  /** Without a byte order mark. */
  readonly text: string;
  /** Line and column, both from 1, of an offset in UTF-16 code units. */
  point(offset: number): Required<Point>;
}

export function createSourceText(path: string, text: string): SourceText {
  let lines: Location | undefined;
  return {
    path,
    text,
    point(offset) {
      lines ??= location(text);
      const { line, column } = lines.toPoint(Math.min(offset, text.length)) ?? { line: 1, column: 1 };
      return { line, column, offset };
    },
  };
}
