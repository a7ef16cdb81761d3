/** YAML that is written without the nodes of the package `yaml` is what that package writes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Document, stringify, visit } from 'yaml';
import { FORMATS } from '../../src/formats/index.js';
import type { Json } from '../../src/ir.js';

const LAYOUT = { lineWidth: 0, blockQuote: false, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER, minContentWidth: 0 } as const;

/** Words of YAML, numbers, indicators, and what needs an escape, beside any text. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(...'abYn-:# ,.()*/@+_0123\\"\'\n\r\t\u0000\u0007\u001b\u007f\u0085\u00a0\u2028\ufeff\ud800é🦊{}[]&|>%`?~'),
    maxLength: 12,
  }),
  fc.constantFrom(
    '',
    'true',
    'No',
    'null',
    'NULL',
    '~',
    '1',
    '0x1f',
    '1e3',
    '.inf',
    'NaN',
    '<<',
    'a-',
    'a - b',
    'a: b',
    'a:',
    'a #b',
    '---',
    '- a',
    '? a',
  ),
  fc.string({ unit: 'grapheme-ascii', minLength: 1000, maxLength: 1100 }),
);

const { value } = fc.letrec<{ value: Json; list: Json; map: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  map: fc.dictionary(text, tie('value'), { maxKeys: 4 }),
}));

/** Only text without an anchor may be plain, and only where that says the same to every reader. */
const SAFE = /^(?!(?:true|false|yes|no|on|off|null|y|n)$)[A-Za-z](?:[\w ,.()*/@+]|-(?!--)|:(?=\S))*(?<! )$/i;

const escapeOf = (unit: number): string =>
  unit <= 0xff ? `\\x${unit.toString(16).padStart(2, '0')}` : `\\u${unit.toString(16).padStart(4, '0')}`;
const printable = (yaml: string): string => yaml.replaceAll(/[\u007f-\u009f\ufeff\ufffe\uffff]/g, (char) => escapeOf(char.charCodeAt(0)));

function byNodes(key: string, of: Json): string {
  const document = new Document({ [key]: of }, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string') node.type = SAFE.test(node.value) ? 'PLAIN' : 'QUOTE_DOUBLE';
    },
  });
  return printable(document.toString(LAYOUT).trimEnd());
}

test('lists and maps', () => {
  fc.assert(
    fc.property(fc.constantFrom('tools', 'a b', 'x-'), value, (key, of) => {
      fc.pre(of === null || typeof of === 'object');
      expect(FORMATS.yaml.entry(key, of, {})).toBe(byNodes(key, of));
    }),
    { numRuns: 2000 },
  );
});

test('text', () => {
  fc.assert(
    fc.property(text, (of) => {
      const expected = SAFE.test(of) ? of : printable(stringify(of, { ...LAYOUT, defaultStringType: 'QUOTE_DOUBLE' }).trimEnd());
      expect(FORMATS.yaml.entry('key', of, {})).toBe(`key: ${expected}`);
    }),
    { numRuns: 5000 },
  );
});

test('a prompt', () => {
  const prompt = fc.oneof(
    text,
    fc.array(fc.oneof(text, fc.constantFrom('', '', '# A', '- b', '  c', 'd ')), { maxLength: 6 }).map((lines) => `${lines.join('\n')}\n`),
  );
  fc.assert(
    fc.property(prompt, (of) => {
      const document = new Document({ k: of });
      visit(document, {
        Scalar: (key, node) => {
          if (key === 'value') node.type = printable(of) === of ? 'BLOCK_LITERAL' : 'QUOTE_DOUBLE';
        },
      });
      const byPackage = document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER });
      expect(`k: ${FORMATS.yaml.text(of, {})}\n`).toBe(printable(byPackage));
    }),
    { numRuns: 5000 },
  );
});
