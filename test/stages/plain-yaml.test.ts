/** Front matter that is read without the parser is what the parser reads, ranges included. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPlainYaml } from '../../src/stages/parse/plain-yaml.js';
import { readByParser } from '../../src/stages/parse/yaml-values.js';

const key = fc.constantFrom('name', 'description', 'tools', 'a', 'x-y', '_z', 'true', 'Null', 'k k', '"q"', '<<', '0');
const word = fc.oneof(
  fc.constantFrom(
    ...['Read', 'true', 'False', 'null', 'yes', 'NaN', '1', '007', '0.5', '1.', '1e3', '-1', '0x1F', '~', '.inf', '2026-01-01'],
  ),
  fc.constantFrom(
    ...['Bash(git *)', 'mcp__a__b', 'a: b', 'a:b', 'a:', 'a #b', 'a#b', '#a', '- a', '-a', '? a', '*a', '&a b', '!t a', '@a/b', '%a', '`a'],
  ),
  fc.constantFrom(
    ...[
      '"a"',
      '"a: b"',
      '"a\\n\\"b\\""',
      '"\\u0041"',
      '"\\x41"',
      '"\\/\\t"',
      '"a" b',
      '"a',
      "'a'",
      "'it''s'",
      "'a' ",
      '""',
      "''",
      '|',
      '>-',
      '{a: b}',
    ],
  ),
  fc.constantFrom(
    ...['[]', '[a]', '[a, b c]', '[ a ,b ]', '[a, ]', '[a: b]', '["a"]', '[a]]', '[a b', '[true, 1]', '[a, Bash(git *)]', '[a-b/c.d@e]'],
  ),
  fc.string({ unit: fc.constantFrom(...'aZ0-: #,.[]{}\'"\\&*!|>%@`\t\u0085\u00a0\u2028\ufeff\ud800é🦊'), maxLength: 8 }),
);
const blanks = fc.constantFrom('', ' ', '  ', '\t');
const line = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(key, fc.constantFrom(': ', ':  ', ':', ' : ', ':\t'), word, blanks).map((parts) => parts.join('')) },
  { weight: 2, arbitrary: fc.tuple(key, fc.constantFrom(':', ': '), blanks).map((parts) => parts.join('')) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom('', '  ', '  ', '    ', '\t'), fc.constantFrom('- ', '-   ', '-', '- - '), word, blanks)
      .map((parts) => parts.join('')),
  },
  fc.constantFrom('', '  ', '# comment', '  # comment', '---', '...', '  more text', 'text', '\t'),
);
/** Lines that go well together. */
const usual = fc.oneof(
  fc.constantFrom(
    ...[
      'Read',
      'git diff',
      'Bash(git *)',
      'a:b',
      'a#b',
      'é 🦊',
      'No',
      '0',
      '12',
      '0.70',
      'true',
      '"a: #b\\n\\"c\\""',
      "'a: b'",
      '"\u00a0"',
    ],
  ),
  fc.constantFrom('[a]', '[a, b c]', '[ a ,b ]', '[Bash(git *), a/b@c-d.e]'),
);
const usualList = fc
  .tuple(
    fc.constantFrom('', ' ', '  ', '    '),
    fc.array(fc.tuple(fc.constantFrom('- ', '-   '), usual, fc.constantFrom('', ' ')), { minLength: 1, maxLength: 3 }),
  )
  .map(([indent, items]) => ['', ...items.map((item) => indent + item.join(''))]);
const usualEntry = fc.oneof(
  fc.tuple(fc.constantFrom(' ', '   '), usual, fc.constantFrom('', '  ')).map((parts) => [parts.join('')]),
  usualList,
  usual.map((value) => [` ${value}`, '', '  ']),
);
const lines = fc.tuple(fc.array(usualEntry, { maxLength: 4 }), fc.option(line, { freq: 1 }), fc.nat(9)).map(([entries, odd, at]) => {
  const all = entries.flatMap(([first, ...more], index) => [`k${index}:${first}`, ...more]);
  return odd === null ? all : all.toSpliced(at % (all.length + 1), 0, odd);
});
const yaml = fc
  .tuple(fc.oneof(lines, fc.array(line, { maxLength: 5 })), fc.constantFrom('\n', '\n', '\r\n'), fc.boolean())
  .map(([all, eol, open]) => all.join(eol) + (open ? '' : eol));

describe('plain YAML', () => {
  it('is what the parser reads', () => {
    let read = 0;
    fc.assert(
      fc.property(yaml, fc.nat(100), (text, base) => {
        const value = readPlainYaml(text, base);
        if (!value) return;
        read++;
        expect({ value, flow: false, commented: [], unquoted: [] }).toEqual(readByParser(text, base));
      }),
      { numRuns: 20_000 },
    );
    expect(read).toBeGreaterThan(1000);
  });

  it.each([
    'name: a\ndescription: "Use: \\"this\\".\\nFor that."\ntools: Read, Bash(git *)\nmodel: opus\n',
    "name: a\r\ntools:\r\n  - Read\r\n  - 'Edit'\r\nmaxTurns: 3\r\n",
    'tools: [Read, Edit]\n\nbackground: true\ntemperature: 0.5\n',
  ])('is what people write: %j', (text) => {
    expect(readPlainYaml(text, 4)).toBeDefined();
  });

  it.each(['a: b\na: c\n', 'a:\n', 'a: b\n  c\n', 'a: >\n  b\n', 'a:\n  b: c\n', '', 'a: *b\n'])('%j is left to the parser', (text) => {
    expect(readPlainYaml(text, 0)).toBeUndefined();
  });
});
