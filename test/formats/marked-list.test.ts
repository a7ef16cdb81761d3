/** A section that is found without parsing it is the one that the parser finds. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { markedList } from '../../src/formats/parts/marked-list.js';

const { read } = markedList('Agents');
const BEGIN = '<!-- polyagent:begin -->';
const END = '<!-- polyagent:end -->';

const line = fc.constantFrom(
  ...[
    '',
    '',
    'Text',
    '# A',
    '---',
    '```',
    '~~~',
    '> quote',
    '> ```',
    '- item',
    '- ```',
    '    code',
    '<div>',
    '</div>',
    '<!--',
    '-->',
    '<script>',
  ],
  ...['[a]: <', '`', '|a|b|', '\ttab', '1. one', '   - ***'],
);
const item = fc.constantFrom(
  ...[
    '- **a**: does',
    '- **b** `code',
    '- **c** <!-- x',
    '- **d** ```',
    '- ***',
    '- **e**\r',
    '## Agents',
    '### More',
    '',
    '',
    '- **a**',
    '# ',
  ],
);
const frame = fc.constantFrom(BEGIN, BEGIN, BEGIN, BEGIN, ` ${BEGIN}`, `a ${BEGIN}`, `${BEGIN} a`, `${BEGIN}\n${BEGIN}`);
const file = fc
  .tuple(
    fc.array(line, { maxLength: 4 }),
    frame,
    fc.array(fc.oneof({ weight: 20, arbitrary: item }, line), { maxLength: 5 }),
    fc.array(line, { maxLength: 3 }),
    fc.constantFrom('\n', '\n', '\r\n'),
  )
  .map(([before, begin, inner, after, eol]) => [...before, begin, ...inner, END, ...after].join(eol));

const outcome = (text: string): unknown => {
  try {
    return read(text);
  } catch (error) {
    return String(error);
  }
};

it('a section is found without the parser where the parser finds it', () => {
  let found = 0;
  fc.assert(
    fc.property(file, (text) => {
      const now = outcome(text);
      if (now instanceof Map && now.size > 0) found++;
      // With a blank behind the second comment the parser is asked.
      expect(now).toEqual(outcome(text.replace(END, `${END} `)));
    }),
    { numRuns: 4000 },
  );
  expect(found).toBeGreaterThan(200);
});
