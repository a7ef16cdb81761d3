/** A list that is read without the parser is what the parser reads, and is changed in the same way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readPlainList, readPlainMap } from '../../src/formats/parts/plain-list.js';
import { yamlList } from '../../src/formats/parts/yaml-list.js';

const value = fc.constantFrom(
  ...[
    'a',
    'Use it: now',
    'a:b',
    'a #b',
    'a - b',
    'true',
    'True',
    'null',
    'y',
    '12',
    '~',
    '[]',
    '[a]',
    '{}',
    "'a'",
    'a ',
    ' a',
    '*a',
    '&a b',
  ],
  ...[
    '"a"',
    '"a: b\\n\\"c\\""',
    '"\\u0041"',
    '"\\x41"',
    '"a',
    '"a" b',
    '"\t"',
    '""',
    '|',
    '|-',
    '|+',
    '|2',
    '>',
    '',
    '- a',
    '# a',
    'Straße',
  ],
);
const text = fc.constantFrom(
  ...[
    'text',
    'more text',
    '',
    '',
    ' ',
    '  ',
    '   ',
    '    indented',
    '# Title',
    '- item',
    '```',
    '---',
    '...',
    'a: b',
    '\t',
    'a\t',
    'a  ',
    '|',
    '{{x}}',
  ],
);
const block = fc
  .tuple(fc.constantFrom('|', '|-', '|-', '|+'), fc.array(text, { minLength: 1, maxLength: 5 }))
  .map(([mark, lines]) => ` ${mark}\n${lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}`);
const items = fc.array(value, { minLength: 1, maxLength: 3 }).map((some) => some.map((one) => `\n  - ${one}`).join(''));
const key = fc.constantFrom('slug', 'name', 'groups', 'roleDefinition', 'x-y', 'x_y', 'true', '"q"', 'a b', '0', '__proto__', '<<');
const entry = fc
  .tuple(
    key,
    fc.oneof(
      value.map((one) => ` ${one}`),
      items,
      block,
    ),
  )
  .map((parts) => parts.join(':'));
const usual = fc.constantFrom(
  ...['name: Reviewer', 'groups:\n  - read\n  - "a: b"', 'groups: []', 'sound: true', 'roleDefinition: |\n\n  You look.\n\n    Twice.'],
  ...['roleDefinition: |-\n  You look\n  twice', 'whenToUse: "Use it: now.\\nOr later."'],
);
const map = fc
  .tuple(
    fc.array(fc.oneof({ weight: 8, arbitrary: usual }, entry), { maxLength: 4 }),
    fc.constantFrom('\n', '\n', '\n', '', '\n\n', '\n# end\n', '\n \n'),
  )
  .map(([entries, end]) => entries.join('\n') + end);

const parsed = (yaml: string): unknown => parse(yaml);

describe('a plain list', () => {
  it('has maps that say what the parser reads', () => {
    let read = 0;
    fc.assert(
      fc.property(map, (yaml) => {
        const said = readPlainMap(yaml);
        if (said === undefined) return;
        read++;
        expect(said).toBe(JSON.stringify(parsed(yaml)));
      }),
      { numRuns: 20_000 },
    );
    expect(read).toBeGreaterThan(1000);
  });

  const asItem = (yaml: string, pad: string): string =>
    yaml.replaceAll(/^(?=.)/gm, `${pad}  `).replace(new RegExp(`^${pad}  `), `${pad}- `);
  const files = fc
    .tuple(
      fc.array(map, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('  ', '  ', '    ', ' ', ''),
      fc.constantFrom('', '', '', '# more\n', 'a: b\n'),
    )
    .map(([maps, pad, end]) => `modes:\n${maps.map((one, index) => asItem(`slug: s${index}\n${one}`, pad)).join('')}${end}`);

  it('has items that say what the parser reads', () => {
    let read = 0;
    fc.assert(
      fc.property(files, (yaml) => {
        const list = readPlainList(yaml, 'modes', 'slug');
        if (!list) return;
        read++;
        const { modes } = parsed(yaml) as { modes: { slug: unknown }[] };
        expect(list.items.map(({ said }) => said)).toEqual(modes.map((mode) => JSON.stringify(mode)));
        expect(list.items.map(({ name }) => name)).toEqual(modes.map(({ slug }) => slug));
        expect(list.items.map(({ start, end }) => yaml.slice(start, end)).join('')).toBe(yaml.slice('modes:\n'.length));
      }),
      { numRuns: 20_000 },
    );
    expect(read).toBeGreaterThan(500);
  });

  it('is changed as the parser has it', () => {
    const { edit } = yamlList('modes', 'slug');
    const parts = fc
      .uniqueArray(fc.constantFrom('s0', 's1', 's2', 't'), { maxLength: 4 })
      .chain((names) =>
        fc
          .array(fc.constantFrom('same', 'other', undefined), { minLength: names.length, maxLength: names.length })
          .map((said) => new Map(names.sort().map((name, index) => [name, said[index] && `slug: ${name}\nname: ${said[index]}\n`]))),
      );
    const lists = fc
      .array(fc.constantFrom('name: same', 'name: theirs', 'roleDefinition: |\n  You\n\n  look'), { minLength: 1, maxLength: 3 })
      .map((maps) => `modes:\n${maps.map((one, index) => asItem(`slug: s${index}\n${one}\n`, '  ')).join('')}`);
    fc.assert(
      fc.property(lists, parts, (yaml, wanted) => {
        expect(readPlainList(yaml, 'modes', 'slug')).toBeDefined();
        expect(readPlainList(`${yaml}a: b\n`, 'modes', 'slug')).toBeUndefined();
        expect(`${edit(yaml, wanted)}a: b\n`).toBe(edit(`${yaml}a: b\n`, wanted));
      }),
    );
  });
});
