import { partsFormat } from '../../src/formats/parts/index.js';
import { groupBy } from '../../src/group-by.js';
import type { OutputFile } from '../../src/stages/emit/emit.js';

/** The files of a project: parts of one file are put together. */
export function joined(files: readonly OutputFile[]): { readonly path: string; readonly content: string }[] {
  return [...groupBy(files, ({ path }) => path)].map(([path, parts]) => {
    const [first] = parts;
    if (!first?.part) return { path, content: first?.content ?? '' };
    const named = parts.map(({ part, content }): [string, string] => [part?.id ?? '', content]);
    return { path, content: partsFormat(first.part.kept).edit('', new Map(named)) };
  });
}
