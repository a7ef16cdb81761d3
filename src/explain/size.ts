import type { Piece } from '../ir.js';
import type { Share, Size } from './explanation.js';
import type { Places } from './lines.js';

/** How many bytes a token has, roughly, whatever the model: prose has more, code fewer. */
const BYTES_PER_TOKEN = 4;

const utf8 = new TextEncoder();

export const sizeOf = (text: string): Size => withTokens(utf8.encode(text).length);

const withTokens = (bytes: number): Size => ({ bytes, tokens: Math.round(bytes / BYTES_PER_TOKEN) });

/** Sizes together. */
export const sumOf = (sizes: readonly Size[]): Size => withTokens(sizes.reduce((sum, { bytes }) => sum + bytes, 0));

/** The bytes of a file by where they came from, in the order in which the places are first met. */
export function sharesOf(pieces: readonly Piece[], places: Places): Share[] {
  const shares = new Map<string, { kind: Share['kind']; path: string; bytes: number }>();
  for (const { text, origin } of pieces) {
    const kind = places.isInHeader(origin) ? 'header' : origin.kind;
    const key = `${kind}\0${origin.path}`;
    const share = shares.get(key) ?? { kind, path: origin.path, bytes: 0 };
    share.bytes += utf8.encode(text).length;
    shares.set(key, share);
  }
  return [...shares.values()].map((share) => ({ ...share, ...withTokens(share.bytes) }));
}
