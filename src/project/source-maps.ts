/**
 * Source Map v3 of outputs: from each line of an output to the line that it comes from. Loaded only when maps are asked for.
 * https://tc39.es/ecma426/
 */
import path from 'node:path';
import { encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import type { FileText } from '../diagnostics/source-text.js';
import type { Origin, Piece } from '../ir.js';
import type { OutputFile } from '../stages/emit/emit.js';
import { oncePer } from './once-per.js';
import { pathFrom } from './paths.js';

/** A map as an output of its own, beside the one that it is of. */
export interface MapFile extends OutputFile {
  /** The path of that output. */
  readonly maps: string;
}

export interface MapContext {
  /** The absolute folder that the outputs of a target, or of a variant of it, lie below; `undefined` for one that is not built. */
  readonly rootOf: (output: OutputFile) => string | undefined;
  /** The folder that the paths of origins are relative to. */
  readonly cwd: string;
  readonly textOf: (path: string) => FileText | undefined;
  /** Whether a template is one of polyagent's own, which lies in no folder of the project. */
  readonly isBuiltIn: (path: string) => boolean;
}

/** The maps of all outputs that are whole files. A part of a shared file has none: what else is in there is not ours. */
export function sourceMapsOf(outputs: readonly OutputFile[], context: MapContext): MapFile[] {
  const linesOf = oncePer((file: string) => linesIn(context.textOf(file)?.text ?? ''));
  return outputs.flatMap((output): MapFile[] => {
    const { target, agent, variant, path: maps, source, content, part } = output;
    const root = context.rootOf(output);
    if (part || root === undefined) return [];
    const folder = path.dirname(path.join(root, ...maps.split('/')));
    const sources: string[] = [];
    const mappings = mappingsOf(content, output.pieces, linesOf, (origin) => {
      const url = urlOf(origin, folder, context);
      return sources.includes(url) ? sources.indexOf(url) : sources.push(url) - 1;
    });
    const map = { version: 3, file: encodeURI(path.posix.basename(maps)), sources, names: [], mappings: encode(mappings) };
    return [
      {
        target,
        agent,
        ...(variant !== undefined && { variant }),
        path: `${maps}.map`,
        source,
        content: `${JSON.stringify(map)}\n`,
        pieces: [],
        maps,
      },
    ];
  });
}

/** From the map's own folder, so that both can be moved together. What has no place in a project has a name of its own. */
function urlOf({ kind, path: file }: Origin, folder: string, { cwd, isBuiltIn }: MapContext): string {
  if (kind === 'template' && isBuiltIn(file)) return `polyagent:///${file}`;
  return encodeURI(pathFrom(folder, path.resolve(cwd, file))).replaceAll(/[?#]/g, encodeURIComponent);
}

/** A segment at the start of each piece, and of each line in it. */
function mappingsOf(
  content: string,
  pieces: readonly Piece[],
  linesOf: (path: string) => Lines,
  indexOf: (origin: Origin) => number,
): SourceMapSegment[][] {
  const starts = lineStarts(content);
  const mappings: SourceMapSegment[][] = starts.map(() => []);
  let line = 0;
  let at = 0;
  for (const { text, origin, written } of pieces) {
    const index = indexOf(origin);
    const lines = linesOf(origin.path);
    const map = (offset: number): void => {
      const place = lines(written ? origin.start : origin.start + offset - at);
      mappings[line]?.push([offset - (starts[line] ?? 0), index, place.line, place.column]);
    };
    map(at);
    const end = at + text.length;
    for (let next = starts[line + 1]; next !== undefined && next <= end && next < content.length; next = starts[line + 1]) {
      line++;
      // What begins with the next piece is mapped by it.
      if (next < end) map(next);
    }
    at = end;
  }
  return mappings;
}

/** The line and column of an offset, both from 0. */
type Lines = (offset: number) => { readonly line: number; readonly column: number };

function linesIn(text: string): Lines {
  const starts = lineStarts(text);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low, column: offset - (starts[low] ?? 0) };
  };
}

/** Lines end as in Markdown: with a line feed, a carriage return, or both. */
const lineStarts = (text: string): readonly number[] => [
  0,
  ...[...text.matchAll(/\r\n|\r|\n/g)].map(({ index, 0: end }) => index + end.length),
];
