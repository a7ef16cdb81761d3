/** From origins to lines of the files that they are in. */
import { createReport } from '../diagnostics/report.js';
import { createSourceText, type FileText } from '../diagnostics/source-text.js';
import type { Origin } from '../ir.js';
import { findFrontMatter, hasFrontMatter } from '../stages/parse/front-matter.js';
import type { Lines } from './explanation.js';

/** The text of a file by its path; `undefined` when it is not at hand. */
export type TextOf = (path: string) => FileText | undefined;

/** What is asked about origins. */
export interface Places {
  /** The lines of an origin, without blank ones at its ends. */
  linesOf(origin: Origin): Lines | undefined;
  /** Line ranges of one file, in order; those with only blank lines between them are one. */
  joined(path: string, ranges: readonly Lines[]): Lines[];
  /** What stands at an origin. */
  textAt(origin: Origin): string | undefined;
  /** Whether an origin lies in the front matter of its file. */
  isInHeader(origin: Origin): boolean;
}

export function createPlaces(textOf: TextOf): Places {
  const bodies = new Map<string, number>();

  function bodyStart(path: string): number {
    const known = bodies.get(path);
    if (known !== undefined) return known;
    const source = textOf(path);
    const start =
      source && hasFrontMatter(source.text) ? (findFrontMatter(createSourceText(path, source.text), createReport())?.range.end ?? 0) : 0;
    bodies.set(path, start);
    return start;
  }

  function isBlank(path: string, after: number, before: number): boolean {
    const source = textOf(path);
    if (!source) return false;
    const [start, end] = [offsetOfLine(source, after + 1), offsetOfLine(source, before)];
    return source.text.slice(start, end).trim() === '';
  }

  return {
    linesOf({ path, start, end }) {
      const source = textOf(path);
      if (!source) return undefined;
      const text = source.text.slice(start, end);
      const first = start + (text.length - text.trimStart().length);
      const last = Math.max(first, start + text.trimEnd().length - 1);
      return { first: source.point(first).line, last: source.point(last).line };
    },
    joined(path, ranges) {
      const result: { first: number; last: number }[] = [];
      for (const { first, last } of ranges.toSorted((a, b) => a.first - b.first)) {
        const previous = result.at(-1);
        if (previous && (first <= previous.last + 1 || isBlank(path, previous.last, first))) previous.last = Math.max(previous.last, last);
        else result.push({ first, last });
      }
      return result;
    },
    textAt: ({ path, start, end }) => textOf(path)?.text.slice(start, end),
    isInHeader: ({ kind, path, start }) => kind !== 'template' && kind !== 'parameter' && start < bodyStart(path),
  };
}

/** Where a line begins. */
function offsetOfLine({ text }: FileText, line: number): number {
  let at = 0;
  for (let number = 1; number < line; number++) {
    const newline = text.indexOf('\n', at);
    if (newline === -1) return text.length;
    at = newline + 1;
  }
  return at;
}
