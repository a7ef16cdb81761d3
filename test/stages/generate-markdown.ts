/** Markdown as people write it: sections with lists of all styles, tables, code, with line ends of both kinds. */
import fc from 'fast-check';

const titles = ['Checks', 'Steps', 'Tone', 'Security first'];
// A title of a fragment's top section is looked for at every depth, so those below have others.
const subtitles = ['Always', 'Never', 'Afterwards'];

const sentence = fc.constantFrom(
  'Read the plan',
  'Ask **twice**',
  'Never guess',
  'Run `make`',
  'Say why',
  'Stop early',
  'See [the guide](https://x.example)',
);
/** The same sentence as somebody else would write it. */
const variant = fc
  .tuple(sentence, fc.constantFrom('', '.', '!', ';'), fc.boolean())
  .map(([text, end, lower]) => (lower ? text.replace(/^[A-Z]/, (letter) => letter.toLowerCase()) : text) + end);
const led = fc
  .tuple(
    // So few that two fragments say different things by one name.
    fc.constantFrom('**JWT**:', '**JWT** –', '**Note:**', '**jwt**:'),
    fc.constantFrom('short-lived', 'one for each', 'never in logs'),
  )
  .map((parts) => parts.join(' '));
const words = fc.oneof({ arbitrary: variant, weight: 3 }, { arbitrary: led, weight: 2 });

interface ItemShape {
  readonly text: string;
  readonly more: readonly string[];
  readonly below: ListShape | null;
}

interface ListShape {
  readonly marker: string;
  readonly gap: string;
  readonly loose: boolean;
  readonly checkbox: string;
  readonly nesting: string;
  readonly items: readonly ItemShape[];
}

const code = fc
  .tuple(fc.constantFrom('', 'sh', 'ts'), fc.constantFrom('make', 'make\n  test', 'a\n\nb', '- no item\n# no title'))
  .map(([info, text]) => `\`\`\`${info}\n${text}\n\`\`\``);

const listOf = (depth: number): fc.Arbitrary<ListShape> =>
  fc.record({
    marker: fc.constantFrom('-', '*', '+', '-', '1.', '1)', '1.1.', '7.', '9.'),
    gap: fc.constantFrom(' ', ' ', ' ', '   ', '\t'),
    loose: fc.boolean(),
    checkbox: fc.constantFrom('', '', '', '[ ] ', '[x] ', '✅ ', '✔️ '),
    nesting: fc.constantFrom('', '', '    ', '\t'),
    items: fc.array(
      fc.record({
        text: words,
        more: fc.oneof(
          { arbitrary: fc.constant([]), weight: 5 },
          {
            arbitrary: fc.array(fc.oneof(variant, code, fc.constant('    indented()\n\nBehind it.')), { minLength: 1, maxLength: 2 }),
            weight: 1,
          },
        ),
        below: depth < 2 ? fc.option(fc.oneof({ arbitrary: listOf(depth + 1), weight: 1 }), { freq: 2, nil: null }) : fc.constant(null),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  });

function printList({ marker, gap, loose, checkbox, nesting, items }: ListShape, indent: string): string {
  const parts = items.map(({ text, more, below }, index) => {
    const mark = marker === '1.1.' ? '1.' : marker.replace(/\d+/, (first) => String(Number(first) + index));
    const column = indent.replaceAll('\t', '    ').length + mark.length;
    const pad = ' '.repeat(gap === '\t' ? column + 4 - (column % 4) : column + gap.length);
    const blocks = more.map((block) => `\n\n${block.replaceAll(/^(?=.)/gm, pad)}`).join('');
    // Four columns behind the text begin code.
    const inner = nesting !== '' && indent === '' && pad.length < 4 ? nesting : pad;
    return `${indent}${mark}${gap}${checkbox}${text}${blocks}${below ? `${/^[79]/.test(below.marker) ? '\n\n' : '\n'}${printList(below, inner)}` : ''}`;
  });
  return parts.join(loose ? '\n\n' : '\n');
}

const list = listOf(0).map((shape) => printList(shape, ''));

const table = fc
  .record({
    header: fc.constantFrom(['Code', 'Meaning'], ['code', '*Meaning*'], ['Method', 'Path', 'Use'], ['Method', 'Use', 'Path']),
    rows: fc.array(
      fc.tuple(fc.constantFrom('200', '`404`', 'GET', ''), fc.constantFrom('fine', 'a \\| b', 'gone', ''), fc.constantFrom('x', 'yes')),
      {
        maxLength: 3,
      },
    ),
    bars: fc.constantFrom('| ', '|', ''),
  })
  .map(({ header, rows, bars }) => {
    const between = bars === '|' ? '|' : ' | ';
    const line = (cells: readonly string[]): string => {
      const text = cells.slice(0, header.length).join(between);
      return bars === '' && cells[0] !== '' && cells[header.length - 1] !== ''
        ? text
        : `${bars || '| '}${text}${bars === '|' ? '|' : ' |'}`;
    };
    return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
  });

const block: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: list, weight: 6 },
  {
    arbitrary: fc.tuple(fc.constantFrom('Always:', 'Never:', 'Before you start'), list).map(([text, items]) => `${text}\n\n${items}`),
    weight: 3,
  },
  { arbitrary: sentence.map((text) => `${text}.`), weight: 2 },
  { arbitrary: sentence.map((text) => `> ${text}\n>\n> - quoted`), weight: 1 },
  { arbitrary: code, weight: 2 },
  { arbitrary: fc.constantFrom('    indented()\n\nBehind it.', '    make\n\nBehind it.'), weight: 1 },
  { arbitrary: table, weight: 3 },
  { arbitrary: fc.constantFrom('<!-- a comment -->', '<!-- -->', '<div>\nHTML\n</div>', '***'), weight: 1 },
);

const blocks = fc.array(block, { maxLength: 3 }).map((parts) => parts.join('\n\n'));

const sectionOf = (depth: number): fc.Arbitrary<string> =>
  fc
    .record({ title: fc.constantFrom(...(depth === 2 ? titles : subtitles)), gap: fc.constantFrom('\n\n', '\n\n', '\n'), blocks })
    .map((section) => `${'#'.repeat(depth)} ${section.title}${section.gap}${section.blocks}`.trimEnd());

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

const section = fc
  .record({ top: sectionOf(2), below: fc.uniqueArray(sectionOf(3), { maxLength: 1, selector: firstLine }) })
  .map(({ top, below }) => [top, ...below].join('\n\n'));

const sections = fc.uniqueArray(section, { minLength: 1, maxLength: 2, selector: firstLine }).map((parts) => parts.join('\n\n'));

const eol = fc.constantFrom('\n', '\n', '\r\n');

/** A fragment: sections. */
export const fragment: fc.Arbitrary<string> = fc
  .record({ sections, eol, end: fc.constantFrom('\n', '') })
  .map((made) => `${made.sections}${made.end}`.replaceAll('\n', made.eol));

/** The text of an agent. */
export const body: fc.Arbitrary<string> = fc
  .record({ intro: blocks, sections, eol, end: fc.constantFrom('\n', '', '\n\n') })
  .map((made) => `${[made.intro, made.sections].filter((part) => part !== '').join('\n\n')}${made.end}`.replaceAll('\n', made.eol));
