/** Files that others write to as well: our parts come, change and go, and what is not ours stays to the byte. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { jsonKeys } from '../src/formats/parts/json-keys.js';
import { markedList } from '../src/formats/parts/marked-list.js';
import { changed, type PartsFormat } from '../src/formats/parts/parts.js';
import { yamlList } from '../src/formats/parts/yaml-list.js';

interface Kind {
  readonly title: string;
  readonly format: PartsFormat;
  /** Files of others, to which we add. */
  readonly files: readonly string[];
  readonly part: (name: string, text: string) => string;
  readonly refused: readonly string[];
}

const mode = (name: string, text: string): string =>
  `slug: ${name}\nroleDefinition: |-\n  ${text.replaceAll('\n', '\n  ')}\ngroups:\n  - read\n`;

const KINDS: readonly Kind[] = [
  {
    title: 'a list in a YAML file',
    format: yamlList('customModes', 'slug'),
    files: [
      'customModes:\n  - slug: theirs\n    name: Theirs # a comment\n    groups: [read]\n\n  # the second\n  - slug: other\n    roleDefinition: |-\n      Two\n      lines\n',
      'customModes:\n- slug: theirs\n  groups:\n  - read\nsettings:\n  a: 1\n',
      '# modes of the team\nsettings: {a: 1}\n',
      'customModes:\r\n  - slug: theirs\r\n    groups: [read]\r\n',
      'customModes:\n  -\n    slug: theirs\n    groups: [read]\n',
      '\ufeffcustomModes:\n  - slug: theirs\n    groups: [read]\n',
      '{\n  "customModes": [\n    { "slug": "theirs", "groups": ["read"] },\n    { "slug": "other", "groups": [] }\n  ]\n}\n',
      '{"customModes":[{"slug":"theirs","groups":["read"]}],"a":1}',
      '{"customModes":[\n  {"slug":"theirs"},\n\n  {"slug":"other"}\n]}\n',
      'customModes: [ # about theirs\n  {slug: theirs}, # trailing\n  # about other\n  {slug: other}\n]\n',
    ],
    part: mode,
    refused: [
      ...['a: [b', '- a\n- b\n', 'customModes: 5\n', '{"a": 1}', 'customModes: null\n', 'a: 1\n...\n'],
      'customModes:\n  - slug: twice\n  - slug: twice\n',
    ],
  },
  {
    title: 'a section of a Markdown file',
    format: markedList('Agents'),
    files: [
      '# Project\n\nBuild with make.\n',
      '# Project\r\n\r\nText.\r\n',
      '\ufeff# Project\n\nText.\n',
      '\ufeff# Project\r\n\r\nText.\r\n',
      'Text.\n\n```md\n<!-- polyagent:begin -->\n```\n',
      '# A\n\n- **b** no\n',
    ],
    part: (name, text) => `- **${name}**: ${text.replaceAll('\n', ' ')}\n`,
    refused: [
      '<!-- polyagent:begin -->\n',
      '<!-- polyagent:end -->\n\n<!-- polyagent:begin -->\n',
      '<!-- polyagent:begin -->\n\n<!-- polyagent:begin -->\n\n<!-- polyagent:end -->\n',
      '# A\n\n```sh\nmake\n',
      '<!-- polyagent:begin -->\n- **a** x\n- **a** y\n<!-- polyagent:end -->\n',
    ],
  },
  {
    title: 'the keys of a JSON file',
    format: jsonKeys,
    files: ['{\n  "version": "1",\n  "list": [1,2]\n}\n', '{"version":"1"}', '{\n\t"version": "1"\n}\n'],
    part: (_, text) => JSON.stringify(text),
    refused: ['[1]', '{"a":', 'text'],
  },
];

describe.each(KINDS)('$title', ({ format, files, part, refused }) => {
  const names = fc.uniqueArray(fc.constantFrom('alpha', 'beta', 'gamma', 'delta'), { minLength: 1 });
  const texts = fc.constantFrom('One.', 'Two\nlines', 'Says: "x" — and more', '# no comment', 'Line\n\n  indented');
  const wanted = fc.tuple(names, fc.array(texts, { minLength: 4, maxLength: 4 })).map(([some, said]) => {
    const entries = some.sort().map((name, index): [string, string] => [name, part(name, said[index] ?? '')]);
    return new Map(entries);
  });
  const gone = (parts: ReadonlyMap<string, string>): Map<string, undefined> => new Map([...parts.keys()].map((name) => [name, undefined]));

  it('takes parts in, and says them', () => {
    fc.assert(
      fc.property(fc.constantFrom('', ...files), wanted, (file, parts) => {
        const before = format.read(file);
        const after = format.read(changed(format, file, parts));
        for (const [name, content] of parts) expect(after.get(name)).toBe(format.said(content));
        for (const [name, said] of before) expect(after.get(name)).toBe(said);
        expect(after.size).toBe(before.size + parts.size);
      }),
    );
  });

  it('leaves everything else to the byte when parts come and go', () => {
    fc.assert(
      fc.property(fc.constantFrom(...files), wanted, wanted, (file, first, second) => {
        const once = changed(format, file, first);
        const twice = changed(
          format,
          once,
          new Map<string, string | undefined>([...gone(first), ...second].sort(([a], [b]) => (a < b ? -1 : 1))),
        );
        const none = changed(format, twice, gone(second));
        expect(withoutFrame(none)).toBe(withoutFrame(file));
      }),
    );
  });

  it('writes the same file however it got there', () => {
    fc.assert(
      fc.property(fc.constantFrom('', ...files), wanted, wanted, (file, first, second) => {
        const all = new Map<string, string | undefined>([...gone(first), ...second].sort(([a], [b]) => (a < b ? -1 : 1)));
        expect(format.read(changed(format, changed(format, file, first), all))).toEqual(format.read(changed(format, file, second)));
        expect(changed(format, changed(format, file, second), second)).toBe(changed(format, file, second));
      }),
    );
  });

  it('leaves nothing behind in a file that is ours alone', () => {
    fc.assert(
      fc.property(wanted, (parts) => {
        const file = changed(format, '', parts);
        expect(format.isEmpty(file)).toBe(false);
        expect(format.isEmpty(changed(format, file, gone(parts)))).toBe(true);
      }),
    );
    for (const file of files) expect(format.isEmpty(file)).toBe(false);
  });

  it('says why a file cannot be shared', () => {
    for (const file of refused)
      expect(() => changed(format, file, new Map([['alpha', part('alpha', 'One.')]])), file).toThrow(/^it |must be|^nothing/);
  });
});

/** A list that was not there stays as an empty one. */
const withoutFrame = (file: string): string => file.replace(/\r?\n?customModes: \[\]\r?\n?$/, '\n').replace(/^\n$/, '');

it('a part of JSON keeps every letter', () => {
  const text = 'He said “so” — 日本 🚀';
  const file = changed(yamlList('customModes', 'slug'), '{"customModes": []}', new Map([['a', `slug: a\nname: "${text}"\n`]]));
  expect(file).toMatch(/^[ -~]*$/);
  expect(parse(file).customModes[0].name).toBe(text);
});
