/**
 * Where the stretches of a prompt are in it as a value, escaped or indented. Found by reading what was written, so that the
 * bytes are those of the format whatever comes out here.
 */
import { slicePiece } from '../../diagnostics/source-text.js';
import type { Body, Origin, Piece } from '../../ir.js';

/** A stretch of the written value that says the text up to an offset, from where the stretch before it ended. */
interface Stretch {
  readonly written: string;
  readonly upTo: number;
}

/** The stretches between the delimiters; `undefined` when the value is not written in this way. */
type Reading = (inner: string, text: string, cuts: readonly number[]) => readonly Stretch[] | undefined;

/** By what a value begins with: how it ends, and how what is in between reads. */
const WAYS: readonly { readonly open: RegExp; readonly close: string; readonly reading: Reading }[] = [
  { open: /^'''\n/, close: "'''", reading: verbatim },
  { open: /^"""\n/, close: '"""', reading: withEscapes },
  { open: /^"/, close: '"', reading: withEscapes },
  { open: /^\|[-+0-9]*\n/, close: '', reading: indented },
  { open: /^/, close: '', reading: onOneLine },
];

/**
 * The written value in pieces: each stretch of the body has its own, and so has each line. What delimits the value comes
 * from its place in the template.
 */
export function piecesOfWritten(written: string, body: Body, place: Origin): readonly Piece[] {
  const text = body.map((piece) => piece.text).join('');
  const cuts = cutsOf(body, text);
  for (const { open, close, reading } of WAYS) {
    const [head] = open.exec(written) ?? [];
    if (head === undefined || !written.endsWith(close) || written.length < head.length + close.length) continue;
    const inner = written.slice(head.length, written.length - close.length);
    const stretches = reading(inner, text, cuts);
    if (stretches?.map((stretch) => stretch.written).join('') !== inner) continue;
    return [
      { text: head, origin: place, written: true },
      ...piecesOf(stretches, body),
      { text: close, origin: place, written: true },
    ].filter((piece): piece is Piece => piece.text !== '');
  }
  return [{ text: written, origin: place, written: true }];
}

/** The offsets at which a piece of the body ends, or a line. */
function cutsOf(body: Body, text: string): readonly number[] {
  const cuts = new Set<number>();
  let at = 0;
  for (const piece of body) {
    at += piece.text.length;
    cuts.add(at);
  }
  for (const { index } of text.matchAll(/\n/g)) cuts.add(index + 1);
  return [...cuts].sort((a, b) => a - b);
}

/** Stretches that end where the pieces of the body do, or before, as pieces. */
function piecesOf(stretches: readonly Stretch[], body: Body): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let index = 0;
  let base = 0;
  for (const { written, upTo } of stretches) {
    let piece = body[index];
    while (piece && from - base >= piece.text.length && index < body.length - 1) {
      base += piece.text.length;
      piece = body[++index];
    }
    if (!piece) break;
    const said = slicePiece(piece, from - base, upTo - base);
    pieces.push(said.text === written ? said : { text: written, origin: said.origin, written: true });
    from = upTo;
  }
  return pieces;
}

function verbatim(inner: string, text: string, cuts: readonly number[]): readonly Stretch[] | undefined {
  if (inner !== text) return undefined;
  return cuts.map((upTo, index) => ({ written: text.slice(cuts[index - 1] ?? 0, upTo), upTo }));
}

/** JSON, YAML and TOML in double quotes: an escape says one code unit, or two when it is long, and all else says itself. */
function withEscapes(inner: string, text: string, cuts: readonly number[]): readonly Stretch[] | undefined {
  const stretches: Stretch[] = [];
  let [at, said, from] = [0, 0, 0];
  /** Goes on to an offset of the text, where nothing is escaped. */
  const goOn = (units: number, length: number): void => {
    for (let cut = cuts[stretches.length]; cut !== undefined && cut <= said + units; cut = cuts[stretches.length]) {
      // A cut in the middle of a long escape lies behind it.
      const end = length === units ? at + cut - said : at + length;
      stretches.push({ written: inner.slice(from, end), upTo: cut });
      from = end;
    }
    at += length;
    said += units;
  };
  for (const { 0: sequence, index } of inner.matchAll(/\\(?:u[\da-fA-F]{4}|U[\da-fA-F]{8}|x[\da-fA-F]{2}|[^uUx])/g)) {
    if (inner.slice(at, index) !== text.slice(said, said + index - at)) return undefined;
    goOn(index - at, index - at);
    goOn(sequence.startsWith('\\U') && !sequence.startsWith('\\U0000') ? 2 : 1, sequence.length);
  }
  if (inner.slice(at) !== text.slice(said)) return undefined;
  goOn(text.length - said, inner.length - at);
  return stretches;
}

/** A block of YAML: each line of the text behind blanks, the last line end left out. */
function indented(inner: string, text: string, cuts: readonly number[]): readonly Stretch[] | undefined {
  const stretches: Stretch[] = [];
  let [at, from] = [0, 0];
  for (const upTo of cuts) {
    if (from === 0 || text[from - 1] === '\n') {
      const blanks = lineLength(inner, at) - lineLength(text, from);
      if (blanks < 0 || inner.slice(at, at + blanks).trim() !== '') return undefined;
      stretches.push({ written: inner.slice(at, at + blanks), upTo: from });
      at += blanks;
    }
    const written = text.slice(from, upTo === text.length && text.endsWith('\n') ? upTo - 1 : upTo);
    stretches.push({ written, upTo });
    at += written.length;
    from = upTo;
  }
  return stretches;
}

function lineLength(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return (end === -1 ? text.length : end) - start;
}

/** Bare lines: the lines of the text without white space around them, joined by spaces. */
function onOneLine(_: string, text: string, cuts: readonly number[]): readonly Stretch[] {
  const lines = [...text.matchAll(/[^\r\n]+/g)].flatMap(({ 0: line, index }) => {
    const words = line.trim();
    const start = index + line.indexOf(words);
    return words === '' ? [] : [{ start, end: start + words.length }];
  });
  let [next, from] = [0, 0];
  return cuts.map((upTo) => {
    let written = '';
    for (let line = lines[next]; line !== undefined && line.start < upTo; line = lines[next]) {
      if (next > 0 && line.start >= from) written += ' ';
      written += text.slice(Math.max(line.start, from), Math.min(line.end, upTo));
      if (line.end > upTo) break;
      next++;
    }
    from = upTo;
    return { written, upTo };
  });
}
