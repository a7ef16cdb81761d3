/** Every byte of an output has one origin: the author's file, a fragment, or a template. Looked at in all samples. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compile.js';
import type { Piece } from '../../src/ir.js';
import { readSample, sampleNames } from '../read-sample.js';

describe.each(sampleNames)('%s', (name) => {
  const { folder, sources, targets, options } = readSample(name);
  const { files } = compile(sources, targets, options);
  const texts = new Map<string, string>();
  const textOf = (file: string): string => {
    const known = texts.get(file) ?? readFileSync(path.join(folder, file), 'utf8').replace(/^\ufeff/, '');
    texts.set(file, known);
    return known;
  };
  const stretchOf = ({ origin }: Piece): string => textOf(origin.path).slice(origin.start, origin.end);

  test('a piece is what stands at its origin, or was made for it', () => {
    for (const { path: output, pieces } of files) {
      for (const piece of pieces) {
        expect(piece.text, output).not.toBe('');
        if (piece.written) continue;
        expect(piece.text, output).toBe(stretchOf(piece));
      }
    }
  });

  test("the author's stretches keep their order and do not overlap", () => {
    for (const { path: output, source, pieces } of files) {
      let at = 0;
      for (const { origin } of pieces.filter((piece) => !piece.written && piece.origin.path === source)) {
        expect(origin.start, output).toBeGreaterThanOrEqual(at);
        at = origin.end;
      }
    }
  });

  test('in a body, fragments get nothing but other marks of headings, lists, tables and code, and white space', () => {
    for (const { path: output, pieces } of files) {
      for (const { text } of pieces.filter(({ written, origin }) => written && origin.kind === 'fragment')) {
        expect(text, output).toMatch(/^(?:\s|<!-- -->|\||`{3,})*(?:#{1,6}|[-*+]|\d+[.)])?\s*(?:(?:\[[ xX]\]|[✅☑✔]\u{fe0f}?) )?$/u);
      }
    }
  });
});
