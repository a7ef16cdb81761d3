/** A prompt that is a value of the header: its bytes are the format's, and each stretch of them is told from where it is. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { compile } from '../../src/compile.js';
import { FORMATS } from '../../src/formats/index.js';
import type { Body, Origin, Piece } from '../../src/ir.js';
import { piecesOfWritten } from '../../src/stages/emit/written-value.js';
import { TARGETS } from '../../src/targets/index.js';

const PLACE: Origin = { kind: 'template', path: 'templates/x.hbs', start: 0, end: 8 };

/** A body of these texts, each from the same file, behind one another. Those at odd places were written for what is there. */
function bodyOf(texts: readonly string[], made = false): Body {
  let at = 0;
  return texts
    .filter((text) => text !== '')
    .map((text, index): Piece => {
      const origin: Origin = { kind: 'agent', path: 'a.md', start: at, end: at + text.length };
      at = origin.end;
      return { text, origin, ...(made && index % 2 === 1 && { written: true }) };
    });
}

const joined = (pieces: readonly Piece[]): string => pieces.map(({ text }) => text).join('');

const NASTY = [
  ...['a', 'b c', ' ', '  ', '\t', '\n', '\n\n', '\r\n', '\r', '"', '""', '"""', "'", "''", "'''", '\\', '\\n', '\\u0041', '\\U0001F600'],
  ...['{{x}}', '{{', '}}', '\0', '\0v0\0', '\0t0,1\0', '\u0007', '\u0085', '\u2028', '\ue000', '\uf8ff', '\u{10fffd}', '\ufeff', '\ufffe'],
  ...[
    '😀',
    '\ud83d',
    '\ude00',
    '|',
    '|-\n',
    '>',
    '- ',
    '# ',
    ': ',
    '---',
    '\u00a0',
    '\u2014',
    '`',
    '*',
    '<!-- x -->',
    '\n  x',
    ' \n',
    '\u007f',
  ],
];

const texts = fc.array(
  fc.array(fc.constantFrom(...NASTY), { maxLength: 5 }).map((parts) => parts.join('')),
  { maxLength: 8 },
);

describe.each(Object.entries(FORMATS))('in %s', (name, format) => {
  const escapes = fc.constantFrom(undefined, /-(?=--)/g, /[\u00a0\u2014]/g, /b c/g);

  test('the pieces are the value, each is of its stretch, and together they are of all stretches', () => {
    fc.assert(
      fc.property(texts, escapes, fc.boolean(), (list, pattern, made) => {
        const body = bodyOf(list, made);
        const text = joined(body);
        const value = format.text(text, { escapes: pattern });
        const pieces = piecesOfWritten(value, body, PLACE);
        expect(joined(pieces)).toBe(value);
        const own = pieces.filter(({ origin }) => origin.kind === 'agent');
        expect(own.length > 0 || text.trim() === '' || value.length < 3, value).toBe(true);
        const isQuoted = name !== 'bare-lines' && value.startsWith('"');
        let at = 0;
        for (const piece of own) {
          const { origin, written } = piece;
          const stretch = text.slice(origin.start, origin.end);
          if (!written) expect(piece.text).toBe(stretch);
          // A piece that was written for a whole one comes from all of that.
          if (made) continue;
          expect(origin.start).toBeGreaterThanOrEqual(at);
          expect(text.slice(at, origin.start), 'nothing but white space is left out').toMatch(name === 'bare-lines' ? /^\s*$/ : /^$/);
          expect(says(piece.text, stretch, isQuoted), `${JSON.stringify(piece.text)} for ${JSON.stringify(stretch)}`).toBe(true);
          at = origin.end;
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('a prompt of a mebibyte in ten thousand pieces is done soon', () => {
    const body = bodyOf(Array.from({ length: 10_000 }, (_, n) => `- item "${n}" says \\ ${'x'.repeat(85)}\n`));
    const started = performance.now();
    const pieces = piecesOfWritten(format.text(joined(body), {}), body, PLACE);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(pieces.length).toBeGreaterThanOrEqual(10_000);
  });
});

/** Whether a written text, which may be part of a value in double quotes, says a stretch of the source. */
function says(text: string, stretch: string, isQuoted: boolean): boolean {
  if (text === stretch) return true;
  if (isQuoted && text.includes('\\')) {
    // Half of a letter cannot be read by itself.
    if (/\p{Cs}/u.test(stretch) || /^\\?$/.test(text)) return true;
    return (
      parse(`"${text.replaceAll(/[\r\n]/g, (end) => (end === '\n' ? '\\n' : '\\r')).replaceAll(/(?<!\\)((?:\\\\)*)"/g, '$1\\"')}"`) ===
      stretch
    );
  }
  // Blanks in front of a line; the last line end, which is the entry's own; white space that a bare line loses.
  return text.trim() === stretch.trim().replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

test('every target gets any prompt with its bytes and origins', () => {
  fc.assert(
    fc.property(texts, (list) => {
      const prompt = `Work.\n${list.join('')}`;
      const { files, textOf } = compile({ agents: [{ path: 'a.md', content: `---\nname: a\ndescription: D.\n---\n${prompt}` }] }, TARGETS);
      for (const { pieces, content, path } of files) {
        expect(joined(pieces), path).toBe(content);
        for (const { text, origin, written } of pieces)
          if (!written) expect(text, path).toBe(textOf(origin.path)?.text.slice(origin.start, origin.end));
      }
    }),
    { numRuns: 60 },
  );
});
