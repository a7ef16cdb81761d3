/** Every byte of an output has one origin: the author's file, a fragment, or the compiler. Looked at in all samples. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compile.js';
import { TARGETS } from '../../src/targets/index.js';
import { readSample, sampleNames } from '../read-sample.js';

/** Texts without what merging may change: indentation, bullets, checkboxes, line ends. */
const bare = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^(?:[-*+] )?(?:\[[ xX]\] )?/, ''))
    .join('\n');

/** Whether a stretch is what a target writes for what stands at its origin. The text goes on for what a pattern looks ahead at. */
const isRewritten = (said: string, written: string, target: string): boolean =>
  (TARGETS.find(({ name }) => name === target)?.body.rewrites ?? []).some(({ pattern, replacement }) =>
    written.replaceAll(pattern, replacement).startsWith(said),
  );

describe.each(sampleNames)('%s', (name) => {
  const { folder, sources, targets, options } = readSample(name);
  const { files } = compile(sources, targets, options);
  const texts = new Map<string, string>();
  const textOf = (file: string): string => {
    const known = texts.get(file) ?? readFileSync(path.join(folder, file), 'utf8').replace(/^\ufeff/, '');
    texts.set(file, known);
    return known;
  };

  test('a piece says what stands at its origin', () => {
    for (const { path: output, target, source, pieces } of files) {
      for (const { text, origin } of pieces) {
        if (!origin) continue;
        const written = textOf(origin.path).slice(origin.start, origin.end);
        if (text === written || isRewritten(text, textOf(origin.path).slice(origin.start, origin.end + 2), target)) continue;
        expect(origin.path, output).not.toBe(source);
        expect(bare(text), output).toBe(bare(written));
      }
    }
  });

  test("the author's stretches keep their order and do not overlap", () => {
    for (const { path: output, source, pieces } of files) {
      let at = 0;
      for (const { origin } of pieces) {
        if (origin?.path !== source) continue;
        expect(origin.start, output).toBeGreaterThanOrEqual(at);
        at = origin.end;
      }
    }
  });

  test('between two stretches the compiler puts marks of headings and lists, and white space', () => {
    for (const { path: output, pieces } of files) {
      const [first, last] = [pieces.findIndex(({ origin }) => origin), pieces.findLastIndex(({ origin }) => origin)];
      for (const { text, origin } of pieces.slice(first, last)) {
        if (!origin) expect(text, output).toMatch(/^(?:\s|<!-- -->)*(?:#{1,6}|[-*+]|\d+[.)])?\s*$/);
      }
    }
  });
});
