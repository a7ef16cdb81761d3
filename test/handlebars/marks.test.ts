/** A template with marks makes what it makes without them, and each part of that is told from where it is. */
import fc from 'fast-check';
import Handlebars from 'handlebars';
import { expect, test } from 'vitest';
import { markOf, type Part, partsOf, withMarks } from '../../src/handlebars/marks.js';

const OPTIONS = { strict: true, noEscape: true, knownHelpersOnly: true };

interface Values {
  readonly [name: string]: string | readonly string[];
}

/** What a template makes of values, with marks: in parts, and joined. */
function fill(text: string, values: Values): { parts: readonly Part[]; joined: string } {
  const list: string[] = [];
  const mark = (value: string): string => (value === '' ? '' : markOf(list.push(value) - 1));
  const marked = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? mark(value) : value.map(mark)]),
  );
  const parts = partsOf(withMarks(Handlebars.create()).compile(text, OPTIONS)(marked), text);
  return { parts, joined: parts.map((part) => (part.kind === 'value' ? list[part.index] : part.text)).join('') };
}

const plain = (text: string, values: Values): string => Handlebars.create().compile(text, OPTIONS)(values);

test.each([
  ['lines of their own', 'a\n{{#each list}}\n  {{this}},\n{{/each}}\n"x": {{one}}\n}'],
  ['line ends of Windows', 'a\r\n{{#each list}}\r\n{{this}}\r\n{{/each}}\r\nq {{~one~}}  \r\n\r\n z\r\n'],
  ['braces that are text', 'a \\{{one}} c {{one}} e\\\\{{one}} g \\{{h}} \\{{i}}{{one}}'],
  ['comments', '{{!-- c --}}\n\n {{! d }}  \nx{{{one}}}{{&one}}'],
  ['choices', '{{#if none}}\n a\n{{else if one}}\n b\n{{else}}\n c\n{{/if}}\n{{#unless none}}d{{/unless}}'],
  ['a block of raw text', '{{{{if one}}}} {{x}} \\{{y}}\n {{{{/if}}}} z'],
  ['white space only', '{{one}}\n \n\t\n{{~#if one}}  \n\n  {{/if}}\n\n{{#if one}}\n\n{{/if}}\n'],
])('%s', (_, text) => {
  const values = { one: 'V{{x}}\0t0,1\0', none: '', list: ['A', '', 'B\n'] };
  const { parts, joined } = fill(text, values);
  expect(joined).toBe(plain(text, values));
  for (const part of parts) {
    expect(part.kind).not.toBe('made');
    const there = text.slice(part.start, part.end);
    if (part.kind === 'text') expect(part.text).toBe(there);
    else expect(there).toMatch(/^\{\{[^}]*\}\}\}?$/);
  }
});

test('what a helper prints is told at its braces', () => {
  const text = '{{#each list}}{{@index}}: {{this}}\n{{/each}}';
  const { parts, joined } = fill(text, { list: ['a', 'b'] });
  expect(joined).toBe('0: a\n1: b\n');
  expect(parts.filter(({ kind }) => kind === 'made').map(({ start, end }) => text.slice(start, end))).toEqual(['{{@index}}', '{{@index}}']);
});

test('the lines of a partial that stands indented are told from the partial', () => {
  const text = '{{#*inline "p"}}\nx\ny {{one}}\n{{/inline}}\nBegin\n  {{> p}}\n';
  const { parts, joined } = fill(text, { one: 'V' });
  expect(joined).toBe(plain(text, { one: 'V' }));
  expect(joined).toBe('Begin\n  x\n  y V\n');
  expect(parts.filter(({ kind }) => kind === 'made').length).toBeGreaterThan(0);
});

test('the names in error messages are at their lines', () => {
  expect(() => fill('a\n{{two}}', { one: '' })).toThrow(/"two" not defined in .* - 2:2/);
});

test('any template', () => {
  const text = fc.constantFrom(
    'a',
    ' ',
    '\n',
    '\r\n',
    '\n\n',
    '  \n',
    '\t',
    'é',
    '😀',
    '"',
    '}',
    '\\',
    '\0',
    '\0v0\0',
    '\0t0,1\0',
    '-\n',
    ' x ',
  );
  const name = fc.constantFrom('one', 'none', 'many');
  const stripped = fc.tuple(fc.constantFrom('', '~'), fc.constantFrom('', '~'));
  const { template } = fc.letrec<{ template: string; item: string }>((tie) => ({
    template: fc.array(tie('item'), { maxLength: 6 }).map((items) => items.join('')),
    item: fc.oneof(
      { maxDepth: 3 },
      { arbitrary: text, weight: 4 },
      fc.tuple(stripped, name).map(([[open, close], of]) => `{{${open}${of}${close}}}`),
      fc.constantFrom('{{! c }}', '{{~!-- c --~}}', '{{{one}}}', '\\{{one}}'),
      fc
        .tuple(stripped, stripped, tie('template'))
        .map(([[a, b], [c, d], inner]) => `{{${a}#each list${b}}}${inner}{{this}}{{${c}/each${d}}}`),
      fc
        .tuple(stripped, name, tie('template'), stripped, tie('template'))
        .map(([[a, b], of, yes, [c, d], no]) => `{{${a}#if ${of}${b}}}${yes}{{${c}else${d}}}${no}{{/if}}`),
    ),
  }));
  const value = fc.constantFrom('V', '\0v1\0', '{{one}}', 'a\nb\n', '\\');
  fc.assert(
    fc.property(template, value, fc.array(value, { maxLength: 3 }), (source, one, list) => {
      // Inside of a list its items are the context, so that names are not defined there.
      const values = { one, none: '', many: one + one, list };
      let expected: string;
      try {
        expected = plain(source, values);
      } catch {
        expect(() => fill(source, values)).toThrow();
        return;
      }
      const { parts, joined } = fill(source, values);
      expect(joined).toBe(expected);
      expect(parts.filter(({ kind }) => kind === 'made')).toEqual([]);
      for (const part of parts) if (part.kind === 'text') expect(source.slice(part.start, part.end)).toBe(part.text);
    }),
    { numRuns: 500 },
  );
});
