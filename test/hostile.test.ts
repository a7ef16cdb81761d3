/** Bad input: each piece is reported at its place, the other agents compile, nothing is thrown, and nothing takes long. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../src/cli/main.js';
import { type Compilation, compile } from '../src/compile.js';
import { formatPretty } from '../src/diagnostics/format/pretty.js';
import type { Diagnostic } from '../src/diagnostics/report.js';
import type { FragmentFile } from '../src/stages/merge/fragments.js';
import { claudeCode } from '../src/targets/claude-code.js';
import { TARGETS as ALL_TARGETS } from '../src/targets/index.js';
import { SIX } from './read-sample.js';

/** What is wrong with a source is wrong for every target; these are of every kind. */
const TARGETS = ALL_TARGETS.filter(({ name }) => SIX.includes(name));

/** A bound that a slow machine keeps and a quadratic pass does not. */
const SOON = 20_000;

const GOOD = { path: 'agents/good.md', content: '---\nname: good\ndescription: Good.\n---\nGood work.\n' };

const agent = (header: string, body = 'Do the work.\n'): string => `---\nname: bad\ndescription: D.\n${header}---\n${body}`;
/** A directive makes the compiler build the Markdown tree. */
const DIRECTIVE = '<!-- @only cursor -->\n\nx\n\n<!-- @end -->\n\n';

function compileBad(content: string | Uint8Array, fragments: readonly FragmentFile[] = []): Compilation {
  return compile({ agents: [{ path: 'agents/bad.md', content }, GOOD], fragments }, TARGETS);
}

const errors = ({ diagnostics }: Compilation): Diagnostic[] => diagnostics.filter(({ severity }) => severity === 'error');
const outputs = ({ files }: Compilation, source: string): number => files.filter((file) => file.source === source).length;
const placeOf = ({ file, place }: Diagnostic): string => {
  const start = place && ('start' in place ? place.start : place);
  return `${file}:${start?.line}:${start?.column}`;
};

/** The bad agent has no output, and an error of this code says where and what to do; the good one has all. */
function expectRefused(result: Compilation, code: string, place?: string): void {
  const found = errors(result).find((one) => one.code === code);
  expect(found?.code ?? errors(result).map((one) => one.code)).toEqual(code);
  if (!found) return;
  expect(placeOf(found)).toMatch(/^agents\/bad\.md:[1-9]\d*:[1-9]\d*$/);
  if (place !== undefined) expect(placeOf(found)).toBe(`agents/bad.md:${place}`);
  expect(found.help).not.toBe('');
  expect(result.failed).toEqual(['agents/bad.md']);
  expect(outputs(result, 'agents/bad.md')).toBe(0);
  expect(outputs(result, 'agents/good.md')).toBe(TARGETS.length);
}

function expectBuilt(result: Compilation): void {
  expect(errors(result).map(({ code, reason }) => `${code}: ${reason}`)).toEqual([]);
  expect(outputs(result, 'agents/bad.md')).toBe(TARGETS.length);
  expect(outputs(result, 'agents/good.md')).toBe(TARGETS.length);
}

/** Compiled or refused, but not thrown. */
function expectAnswer(result: Compilation): void {
  expect(outputs(result, 'agents/good.md')).toBe(TARGETS.length);
  expect(outputs(result, 'agents/bad.md') === TARGETS.length).toBe(errors(result).length === 0);
}

describe('a file that is no agent', () => {
  it.each([
    ['no front matter', 'Just text.\n', 'front-matter-missing', '1:1'],
    ['a blank line before the front matter', '\n---\nname: a\n---\n', 'front-matter-missing', '1:1'],
    ['an empty file', '', 'source-empty', '1:1'],
    ['white space', ' \n\t\r\n', 'source-empty', '1:1'],
    ['a byte order mark alone', '\ufeff', 'source-empty', '1:1'],
    ['front matter that is never closed', '---\nname: a\ndescription: D.\n', 'front-matter-unclosed', '1:1'],
    ['empty front matter', '---\n---\nBody.\n', 'name-missing', '1:1'],
    ['a list for front matter', '---\n- a\n---\nBody.\n', 'front-matter-invalid', '2:1'],
    ['no name', '---\ndescription: D.\n---\nBody.\n', 'name-missing', '1:1'],
    ['an empty name', '---\nname:\ndescription: D.\n---\nBody.\n', 'name-missing', '2:1'],
    ['a name of blanks', '---\nname: "  "\ndescription: D.\n---\nBody.\n', 'name-invalid', '2:7'],
    ['a number for a name', '---\nname: 12\ndescription: D.\n---\nBody.\n', 'structure-invalid', '2:7'],
    ['a list for a name', '---\nname: [a]\ndescription: D.\n---\nBody.\n', 'structure-invalid', '2:7'],
    ['no description', '---\nname: a\n---\nBody.\n', 'description-missing', '1:1'],
    ['an empty description', '---\nname: a\ndescription: " "\n---\nBody.\n', 'description-missing', '3:1'],
    ['a map for a description', '---\nname: a\ndescription: { a: b }\n---\nBody.\n', 'structure-invalid', '3:14'],
    ['a key twice', '---\nname: a\ndescription: D.\nname: b\n---\nBody.\n', 'key-duplicate', '4:1'],
    ['a tool list of the wrong shape', agent('tools: 5\n'), 'tools-invalid', '4:8'],
    ['a tool map of the wrong shape', agent('tools:\n  bash: [a]\n'), 'tools-invalid', '5:9'],
  ])('%s', (_, content, code, place) => {
    expectRefused(compileBad(content), code, place);
  });
});

describe('names', () => {
  const named = (name: string): string => `---\nname: ${JSON.stringify(name)}\ndescription: D.\n---\nBody.\n`;

  it.each([
    '../../x',
    '..',
    '/etc/passwd',
    'C:\\x',
    '..\\..\\x',
    'a/../../b',
    'CON',
    'nul',
    'Com1',
    'COM¹',
    'LPT9',
    'prn',
    '🎉',
    '---',
    'a\nb',
    'a\u0000b',
    '\u001b[31mx',
    'x'.repeat(300),
  ])('%j is refused', (name) => {
    expectRefused(compileBad(named(name)), 'name-invalid', '2:7');
  });

  it.each(['con.md', '.hidden', '$&', "a$'b", '{id}', '$1x', 'Über Agent', 'a'.repeat(200), 'constructor', '__proto__x', 'null', '1'])(
    '%j gives files with plain names',
    (name) => {
      const { files } = compileBad(named(name));
      for (const file of files.filter(({ source }) => source === 'agents/bad.md')) {
        const target = TARGETS.find((one) => one.name === file.target);
        const id = file.path.slice(
          target?.path.indexOf('{id}'),
          (target?.path.indexOf('{id}') ?? 0) + file.path.length - (target?.path.length ?? 0) + 4,
        );
        expect(id).toMatch(/^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*$/u);
        expect(file.path).toBe(target?.path.split('{id}').join(id));
      }
    },
  );

  it('that differ only by case, or by how they are encoded, are refused, both', () => {
    for (const [one, two] of [
      ['Reviewer', 'reviewer'],
      ['caf\u00e9', 'cafe\u0301'],
      ['a b', 'a-b'],
    ] as const) {
      const agents = [
        { path: 'agents/1.md', content: named(one) },
        { path: 'agents/2.md', content: named(two) },
      ];
      const result = compile({ agents: [...agents, GOOD] }, TARGETS);
      expect(errors(result).map(({ code }) => code)).toEqual(['name-duplicate', 'name-duplicate']);
      expect(errors(result).map(placeOf)).toEqual(['agents/1.md:2:7', 'agents/2.md:2:7']);
      expect(result.failed).toEqual(['agents/1.md', 'agents/2.md']);
      expect(result.files.map(({ source }) => source)).toEqual(TARGETS.map(() => 'agents/good.md'));
    }
  });
});

describe('bytes', () => {
  const bytes = (...parts: (string | number[])[]): Uint8Array => Buffer.concat(parts.map((part) => Buffer.from(part as string)));

  it.each([
    ['a lone continuation byte', [0x80]],
    ['Latin-1', [0xe9, 0x20]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a character that is cut off at the end', [0xf0, 0x9f, 0x98]],
    ['a code point beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ])('that are not UTF-8 are named: %s', (_, wrong) => {
    // The emoji is two UTF-16 units and four bytes: the place counts the former, the byte number the latter.
    const before = '---\nname: bad\ndescription: D.\n---\né😀';
    const result = compileBad(bytes(before, wrong));
    expectRefused(result, 'source-not-utf8', '5:4');
    expect(errors(result)[0]?.data.byte).toBe(Buffer.byteLength(before));
    expect(errors(result)[0]?.data.hex).toBe(wrong[0]?.toString(16));
  });

  it.each([
    ['UTF-16 LE', Buffer.from(`\ufeff${agent('')}`, 'utf16le')],
    ['UTF-16 BE', Buffer.from(`\ufeff${agent('')}`, 'utf16le').swap16()],
  ])('of %s are refused at the first byte', (_, content) => {
    expectRefused(compileBad(content), 'source-not-utf8', '1:1');
  });

  it('of UTF-16 without a mark are refused', () => {
    expectRefused(compileBad(Buffer.from(agent(''), 'utf16le')), 'front-matter-missing', '1:1');
  });

  it('of a byte order mark are kept for Claude Code and left out where the loader chokes on them', () => {
    const result = compileBad(bytes([0xef, 0xbb, 0xbf], agent('')));
    expectBuilt(result);
    for (const { target, content } of result.files.filter(({ source }) => source === 'agents/bad.md'))
      expect([target, content.startsWith('\ufeff')]).toEqual([target, target === 'claude-code']);
  });

  it('of a byte order mark do not move what a message points at', () => {
    const result = compileBad(bytes([0xef, 0xbb, 0xbf], '---\nname: ../x\ndescription: D.\n---\nBody.\n'));
    expectRefused(result, 'name-invalid', '2:7');
  });

  it.each(['\r\n', '\n'])('%j: line ends stay as they are, in every target', (eol) => {
    const body = ['# Title', '', '- a', '', '```', 'x', '```', ''].join(eol);
    const result = compileBad(
      agent('')
        .replaceAll('\n', eol)
        .replace(/Do the work\.\s*$/, () => body),
    );
    expectBuilt(result);
    for (const { target, content } of result.files.filter(({ source }) => source === 'agents/bad.md')) {
      if (target === 'codex') continue;
      expect([target, content.endsWith(body)]).toEqual([target, true]);
      if (eol === '\r\n') expect([target, /[^\r]\n/.test(content)]).toEqual([target, false]);
    }
  });

  it('of lone CR as line ends are no front matter, as in every loader', () => {
    expectRefused(compileBad(agent('').replaceAll('\n', '\r')), 'front-matter-missing', '1:1');
  });

  it('of lone CR inside a body stay', () => {
    const result = compileBad(agent('', 'a\rb\rc'));
    expectBuilt(result);
    for (const { target, content } of result.files.filter((file) => file.source === 'agents/bad.md' && file.target !== 'codex'))
      expect([target, content.endsWith('a\rb\rc')]).toEqual([target, true]);
  });
});

describe('size', () => {
  it('20 MB are refused', { timeout: SOON }, () => {
    expectRefused(compileBad(agent('', 'word '.repeat(4_000_000))), 'source-too-large', '1:1');
  });

  it('a line of a million characters compiles', { timeout: SOON }, () => {
    expectBuilt(compileBad(agent('', 'x'.repeat(1_000_000))));
  });

  it('a mistake far out on a long line is shown on a line that fits the terminal', { timeout: SOON }, () => {
    const result = compileBad(agent(`tools: [${'Read, '.repeat(5_000)}5]\n`));
    expectRefused(result, 'tools-invalid', '4:30009');
    const text = formatPretty(result.diagnostics, { color: false, width: 80, verbose: false });
    for (const line of text.split('\n').filter((one) => / \| /.test(one))) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('5,000 agents compile', { timeout: 3 * SOON }, () => {
    const agents = Array.from({ length: 5_000 }, (_, index) => ({
      path: `agents/${index}.md`,
      content: `---\nname: a${index}\ndescription: D.\n---\nB.\n`,
    }));
    const result = compile({ agents }, TARGETS);
    expect(result.files.length).toBe(agents.length * TARGETS.length);
    expect(result.failed).toEqual([]);
  });

  it('2,000 agents of one name are refused', { timeout: SOON }, () => {
    const agents = Array.from({ length: 2_000 }, (_, index) => ({
      path: `agents/${index}.md`,
      content: `---\nname: a\ndescription: D.\n---\nB.\n`,
    }));
    const result = compile({ agents }, TARGETS);
    expect(result.failed.length).toBe(agents.length);
    const text = formatPretty(result.diagnostics, { color: false, width: 80, verbose: false });
    expect(text.length).toBeLessThan(20_000);
  });

  it.each([
    ['examples that are never closed', `---\nname: bad\ndescription: "${'<example>'.repeat(80_000)}"\n---\nB`],
    ['blanks in a description', `---\nname: bad\ndescription: "a${' '.repeat(100_000)}b"\n---\nB`],
    [
      'no-break spaces in a description with an example',
      `---\nname: bad\ndescription: "<example>x</example>a${'\u00a0'.repeat(80_000)}b"\n---\nB`,
    ],
    ['blanks in a description that is not YAML', `---\nname: bad\ndescription: a: b${' '.repeat(100_000)}c\n---\nB`],
    [
      'lines that look like keys in a description that is not YAML',
      `---\nname: bad\ndescription: a: b\n${Array.from({ length: 1_500 }, (_, index) => `word${index}: x\n`).join('')}---\nB`,
    ],
    ['a tool word of underscores', agent(`tools: ${'a___'.repeat(60_000)}!\n`)],
    ['tool words that nobody knows', agent(`tools: ${Array.from({ length: 20_000 }, (_, index) => `Foo${index}`).join(', ')}\n`)],
    ['placeholders', agent('', '\u0024{a} '.repeat(100_000))],
    ['directives', agent('', DIRECTIVE.repeat(2_000))],
  ])('many %s take no time to speak of', { timeout: SOON }, (_, content) => {
    expectAnswer(compileBad(content));
  });

  it.each([
    ['invisible characters', agent('', 'x\u200b'.repeat(100_000)), 'hidden-unicode'],
    ['keys', agent(Array.from({ length: 50_000 }, (_, index) => `k${index}: v\n`).join('')), 'front-matter-invalid'],
  ])('many %s are refused', { timeout: SOON }, (_, content, code) => {
    expectRefused(compileBad(content), code);
  });
});

describe('depth', () => {
  const steps = (count: number, line: (indent: string, index: number) => string): string =>
    Array.from({ length: count }, (_, index) => line(' '.repeat(index), index)).join('\n');

  it.each([
    ['brackets in a value', agent(`x: ${'['.repeat(5_000)}${']'.repeat(5_000)}\n`), '4:104'],
    ['braces in a value', agent(`x: ${'{a: '.repeat(5_000)}${'}'.repeat(5_000)}\n`), undefined],
    ['keys', agent(`${steps(1_000, (indent, index) => `${indent}k${index}:`)} x\n`), undefined],
    ['list markers on one line', agent(`x:\n  ${'- '.repeat(5_000)}a\n`), undefined],
    ['brackets in the body', agent('', '['.repeat(5_000)), '5:1001'],
    ['quotes in the body', agent('', `${'> '.repeat(5_000)}a\n`), '5:1'],
    ['lists in the body', agent('', `${steps(1_000, (indent) => `${indent}${indent}- a`)}\n`), undefined],
    ['list markers in the body', agent('', `${'- '.repeat(5_000)}a\n`), '5:1'],
  ])('thousands of %s are refused', { timeout: SOON }, (_, content, place) => {
    expectRefused(compileBad(content), 'nesting-too-deep', place);
  });

  it.each([
    ['lists in quotes', agent('', `${DIRECTIVE}${'- > '.repeat(2_000)}x\n`)],
    ['emphasis', agent('', `${DIRECTIVE}${'*a_ '.repeat(5_000)}x\n`)],
    ['links', agent('', `${DIRECTIVE}${'[a]( '.repeat(10_000)}x\n`)],
    ['complex keys', agent(`${'? '.repeat(3_000)}a\n`)],
    [
      'aliases of aliases',
      agent(`x0: &x0 [a]\n${Array.from({ length: 1_500 }, (_, index) => `x${index + 1}: &x${index + 1} [*x${index}]\n`).join('')}`),
    ],
  ])('thousands of %s are answered', { timeout: SOON }, (_, content) => {
    expectAnswer(compileBad(content));
  });

  it('half-open intervals and other odd brackets of a long table are text', () => {
    expectBuilt(compileBad(agent('', '| [0, 1) | { |\n'.repeat(150))));
  });

  it('a hundred brackets are read', () => {
    expectBuilt(compileBad(agent(`x: ${'['.repeat(99)}${']'.repeat(99)}\n`)));
  });
});

describe('YAML', () => {
  it('a billion laughs are refused', { timeout: SOON }, () => {
    const lines = Array.from(
      { length: 10 },
      (_, index) => `b${index + 1}: &b${index + 1} [${Array.from({ length: 10 }, () => `*b${index}`).join(', ')}]\n`,
    );
    expectRefused(compileBad(agent(`b0: &b0 ha\n${lines.join('')}`)), 'aliases-too-many');
  });

  it.each([
    ['a list that holds itself', 'x: &x [*x]\n'],
    ['a map that holds itself', 'x: &x { a: *x }\n'],
    ['an alias of nothing', 'x: *nobody\n'],
    ['a merge key', 'x: &x { tools: Bash }\n<<: *x\n'],
    ['a tag', 'x: !!js/function "function () {}"\n'],
    ['a binary tag', 'x: !!binary aGk=\n'],
    ['a key that is a list', '? [a, b]\n: c\n'],
    ['a second document', '...\n'],
    ['a directive', '%YAML 1.1\n'],
    ['an anchor on the name', 'x: &a b\ny: *a\n'],
    ['a NUL', 'x: "\\0"\n'],
    ['a raw NUL', 'x: \u0000\n'],
  ])('%s is answered', (_, header) => {
    expectAnswer(compileBad(agent(header)));
  });

  it('a merge key brings in no tools', () => {
    const { files } = compileBad(agent('base: &b { model: opus }\ntools: Read\n<<: *b\n'));
    for (const { content } of files.filter(({ source, target }) => source === 'agents/bad.md' && target !== 'claude-code'))
      expect(content).not.toContain('opus');
  });
});

describe('a tool policy that cannot be read', () => {
  const granted = (header: string, target: string): string | undefined =>
    compileBad(agent(header)).files.find((file) => file.source === 'agents/bad.md' && file.target === target)?.content;

  it.each([
    'tools: Bash(echo $(x) *), Read',
    'tools: [Bash(echo $(x) *), Read]',
    'tools: Bash(a (b) *)',
    'tools: Read, Bash(git *',
    'permission: dney',
    'permission: [deny]',
    'permission: { bash: dney, edit: deny }',
    'permission: { bash: { "*": dney } }',
    'permission: 5',
    'readonly: "true"',
    'readonly: yes',
    'disallowedTools: { Bash: maybe }',
  ])('%s: never grants every tool without a word', (header) => {
    const result = compileBad(agent(`${header}\n`));
    const open = granted(`${header}\n`, 'gemini-cli') === granted('', 'gemini-cli');
    const warned = result.diagnostics.some(
      ({ severity, code }) => severity !== 'info' && code !== 'tools-widened' && code !== 'tools-narrowed',
    );
    expect({ open, warned }).not.toEqual({ open: true, warned: false });
    if (/^(?:tools|permission)/.test(header)) expect(open).toBe(false);
  });

  it('in a merge key grants nothing that its anchor does not', () => {
    const header = 'base: &b { tools: Read }\n<<: *b\n';
    expect(granted(header, 'gemini-cli')).not.toBe(granted('', 'gemini-cli'));
  });

  it('that denies nothing is not said to deny everything', () => {
    const { diagnostics } = compileBad(agent('disallowedTools:\n'));
    expect(diagnostics.map(({ reason }) => reason).join()).not.toContain('gets no tools');
  });

  it('in a map of denials takes away what it names', () => {
    expect(granted('disallowedTools: { Bash: true, Write: false }\n', 'gemini-cli')).toBe(granted('disallowedTools: Bash\n', 'gemini-cli'));
  });

  it('for Claude Code names what `memory` adds to it', () => {
    const { diagnostics } = compileBad(agent('tools: Grep\nmemory: user\n'));
    const widened = diagnostics.find(({ code }) => code === 'tools-widened')?.data.gained;
    expect(widened).toHaveProperty('claude-code');
  });
});

describe('words of JavaScript', () => {
  it.each([
    ...[
      'permissionMode: constructor',
      'permissionMode: __proto__',
      'permission: { constructor: deny }',
      'permission: { toString: { a: deny } }',
    ],
    ...[
      'permission: { __proto__: deny }',
      'model: constructor',
      'model: __proto__',
      'color: constructor',
      'effort: __proto__',
      'mode: toString',
    ],
    ...[
      '__proto__: { name: evil }',
      'constructor: { prototype: { polluted: 1 } }',
      'tools: __proto__, constructor, Read',
      'tools: { __proto__: true }',
    ],
    ...[
      'targets: { __proto__: false }',
      'targets: { codex: { __proto__: { a: 1 } } }',
      'fragments: [constructor, __proto__]',
      'hooks: { __proto__: [] }',
    ],
    ...[
      'mcpServers: [{ __proto__: { command: x } }]',
      'mcpServers: [{ s: { command: x, __proto__: y } }]',
      'handoffs: [{ __proto__: a, label: b, agent: c }]',
    ],
  ])('%s is answered', (header) => {
    expectAnswer(compileBad(agent(`${header}\n`)));
    expect(({} as { polluted?: unknown; name?: unknown }).polluted).toBeUndefined();
    expect(({} as { polluted?: unknown; name?: unknown }).name).toBeUndefined();
  });

  it('in a server are keys that no target has, and say nothing of JavaScript in an output', () => {
    const { files, diagnostics } = compileBad(agent('mcpServers:\n  - s: { command: x, args: [], constructor: y, toString: z }\n'));
    for (const { target, content } of files.filter(({ source }) => source === 'agents/bad.md'))
      expect([target, content.includes('native code')]).toEqual([target, false]);
    expect(diagnostics.map(({ code }) => code)).toContain('field-changed');
  });

  it('as a pattern limit a tool like any other', () => {
    const { files } = compileBad(agent('disallowedTools: Bash(__proto__)\n'));
    expect(files.find(({ source, target }) => source === 'agents/bad.md' && target === 'opencode')?.content).toMatch(/"?__proto__"?: deny/);
  });
});

describe('Handlebars', () => {
  const TRICKS = [
    '{{agent.name}}',
    '{{{body}}}',
    '{{#each header}}x{{/each}}',
    '{{lookup this "constructor"}}',
    '{{constructor.constructor "return process" }}',
    '{{> x}}',
    '{{!-- c --}}',
    '{{body~}}',
    '\\{{x}}',
  ];

  it.each(TRICKS)('%s is text everywhere in an agent', (trick) => {
    const result = compileBad(
      `---\nname: bad\ndescription: ${JSON.stringify(`a ${trick} b`)}\nx: ${JSON.stringify(trick)}\n---\nA ${trick} b.\n`,
    );
    expectBuilt(result);
    for (const { target, content } of result.files.filter(({ source }) => source === 'agents/bad.md'))
      expect([target, content.includes(`A ${trick} b.`)]).toEqual([target, true]);
  });

  it.each(TRICKS)('%s is text in a fragment', (trick) => {
    const fragment = { path: 'agents/fragments/f.md', name: 'f', content: `## Title\n\nA ${trick} b.\n` };
    const result = compileBad(agent('fragments: [f]\n'), [fragment]);
    expectBuilt(result);
    for (const { target, content } of result.files.filter(({ source }) => source === 'agents/bad.md'))
      expect([target, content.includes(`A ${trick} b.`)]).toEqual([target, true]);
  });
});

describe('invisible characters', () => {
  it.each([
    ['a zero width space', 'a\u200bb'],
    ['a zero width joiner between letters', 'a\u200db'],
    ['a run of joiners behind a letter that joins', 'م\u200c\u200d\u200c'],
    ['a word joiner', 'a\u2060b'],
    ['a direction override', 'a\u202egnirts\u202c'],
    ['an isolate', 'a\u2066b\u2069'],
    ['an Arabic letter mark', 'a\u061cb'],
    ['tag letters', 'a\u{e0069}\u{e0067}\u{e006e}'],
    ['tag letters behind a flag that does not exist', '🏴\u{e0064}\u{e0065}\u{e006c}\u{e0065}\u{e0074}\u{e0065}\u{e007f}'],
    ['a byte order mark inside', 'a\ufeffb'],
    ['a soft hyphen', 'a\u00adb'],
    ['variation selectors that spell bytes', '😀\u{e0100}\u{e0142}\u{e0155}'],
    ['a run of the first variation selectors', 'a\ufe00\ufe01\ufe02'],
    ['a Hangul filler', 'a\u3164b'],
    ['a combining grapheme joiner', 'a\u034fb'],
  ])('are refused at their place: %s', (_, text) => {
    expectRefused(compileBad(agent('', `ok\n${text}\n`)), 'hidden-unicode');
  });

  it.each([
    'name: "a\u200bb"\ndescription: D.',
    'name: bad\ndescription: "D\u202e."',
    'name: bad\ndescription: D.\n# \u{e0041}',
    'name: bad\ndescription: D.\nx\u200by: 1',
  ])('are refused in front matter: %j', (header) => {
    expectRefused(compileBad(`---\n${header}\n---\nBody.\n`), 'hidden-unicode');
  });

  it('in a fragment are reported there, and stop the agents that use it', () => {
    const result = compileBad(agent('fragments: [f]\n'), [
      { path: 'agents/fragments/f.md', name: 'f', content: '## Title\n\nA\u200bb.\n' },
    ]);
    expect(errors(result).map(placeOf)).toEqual(['agents/fragments/f.md:3:2']);
    expect(result.failed).toEqual(['agents/bad.md']);
    expect(outputs(result, 'agents/good.md')).toBe(TARGETS.length);
  });

  it.each([
    'می‌خواهم',
    'خانهٔ‌ما',
    'क्‍ष',
    'র‍্য',
    'ශ්‍රී',
    'ക്‍',
    '👨‍👩‍👧‍👦',
    '👩🏽‍💻',
    '👁️‍🗨️',
    '👩‍❤️‍💋‍👨',
    '🐻‍❄️',
    '🏳️‍⚧️',
    '🏳️‍🌈',
    '⛹🏻‍♀️',
    '1️⃣',
    '❤️',
    '🏴󠁧󠁢󠁳󠁣󠁴󠁿',
    '🇩🇪',
    'e\u0301',
    '葛\u{e0100}',
  ])('that spell a word or an emoji are text: %s', (text) => {
    expectBuilt(compileBad(agent('', `${text}\n`)));
  });
});

describe('a fragment or a base that is made to be slow, or to overflow', () => {
  const MANY = 100_000;
  /** Enough for a quadratic search to take a minute. */
  const BLANKS = 300_000;
  const blanks = ' '.repeat(BLANKS);
  const fragment = (content: string): FragmentFile => ({ path: 'agents/fragments/f.md', name: 'f', content });
  const use = (body: string, content: string): Compilation => compileBad(agent('fragments: [f]\n', body), [fragment(content)]);
  const compileOne = (content: string, used: FragmentFile): Compilation =>
    compile({ agents: [{ path: 'agents/bad.md', content }], fragments: [used] }, [claudeCode]);
  const extend = (body: string, base: string): Compilation =>
    compile({ agents: [{ path: 'agents/bad.md', content: agent('', body) }, GOOD], bases: [{ path: 'agents/_base.md', content: base }] }, [
      claudeCode,
    ]);
  const bodyOf = ({ files }: Compilation): string => files[0]?.content.replace(/^---\n[\s\S]*?\n---\n/, '') ?? '';
  const lines = (count: number, line: (n: number) => string): string => Array.from({ length: count }, (_, n) => line(n)).join('\n');

  it.each([
    ['code of many lines', '## A\n\nx\n', `## A\n\n\`\`\`\n${'x\n'.repeat(2 * MANY)}\`\`\`\n`],
    ['code with many blank lines', '## A\n\n```\na\n```\n', `## A\n\n\`\`\`\na${'\n'.repeat(BLANKS)}b\n\`\`\`\n`],
    ['indented code with many backticks', '## A\n\nx\n', `## A\n\n    ${'` '.repeat(2 * MANY)}\n`],
    ['a title on two lines with many blanks', 'x\n', `a${blanks}b\nc\n===\n\nx\n`],
    ['an item that begins with many blanks', '## A\n\n- x\n', `## A\n\n- ${'\u00a0'.repeat(BLANKS)}y **z**\n`],
    ['a tag with many blanks', '## A\n\nx\n', `## A\n\n<a${blanks}\n`],
    ['many tags that are never closed', 'x\n', `## A\n\n${'<a>\n\n'.repeat(4000)}</a>\n`],
    [
      'many tags of many names, closed by others',
      'x\n',
      `## A\n\n${lines(1500, (n) => `<a${n}>\n`)}\n${lines(1500, (n) => `</b${n}>\n`)}\n${lines(1500, (n) => `</a${n}>\n`)}`,
    ],
    ['a comment like a directive with many blanks', 'x\n', `## A\n\n<!-- @x${blanks}\n`],
    ['a directive with many blanks', 'x\n', `## A\n\n<!-- @x${blanks}--> a\n`],
  ])('%s', { timeout: SOON }, (_, body, content) => {
    expectAnswer(use(body, content));
  });

  it('many lists, each beside each of many others', { timeout: 2 * SOON }, () => {
    const lists = (word: string): string => `## A\n\n${lines(4000, (n) => `- ${word} ${n}\n\n<!-- -->\n`)}\n`;
    const built = compileOne(agent('fragments: [f]\n', lists('own')), fragment(lists('other')));
    expect(bodyOf(built).match(/^- /gm)).toHaveLength(8000);
  });

  it('tables with many rows', { timeout: SOON }, () => {
    const table = (from: number): string => `## A\n\n| A | B |\n| - | - |\n${lines(16_000, (n) => `| ${from + n} | x |`)}\n`;
    const built = compileOne(agent('fragments: [f]\n', table(0)), fragment(table(8000)));
    expect(bodyOf(built).match(/^\| \d/gm)).toHaveLength(24_000);
  });

  it('many values in a fragment', { timeout: SOON }, () => {
    const text = `---\nparams: { x: y }\n---\n## A\n\n${lines(60_000, () => '{{x}}')}\n`;
    const built = compileOne(agent('fragments: [f]\n'), fragment(text));
    expect(bodyOf(built).match(/^y$/gm)).toHaveLength(60_000);
  });

  it('many `@super`', { timeout: SOON }, () => {
    const count = 2500;
    const own = lines(count, (n) => `## Part ${n}\n\n<!-- @super -->\n\nOwn ${n}\n`);
    const built = extend(
      own,
      lines(count, (n) => `## Part ${count - 1 - n}\n\nOf the base ${count - 1 - n}\n`),
    );
    expect(errors(built)).toEqual([]);
    expect(bodyOf(built).match(/Of the base (\d+)\n\nOwn \1\n/g)).toHaveLength(count);
  });

  it('two sections of one title in a base: both are where `@super` is', () => {
    const built = extend('## One\n\n<!-- @super -->\n\nOwn.\n', '## One\n\nFirst.\n\n## One\n\nSecond.\n\n## Two\n\nText.\n');
    expect(errors(built)).toEqual([]);
    expect(bodyOf(built)).toBe('## One\n\nFirst.\n\nSecond.\n\nOwn.\n\n## Two\n\nText.\n');
  });
});

describe('what a terminal acts on', () => {
  const ESCAPES = '\u001b[2J\u001b]0;x\u0007\u009b31m\r\u0008\u007f';

  it('does not reach it from a source, in either format', () => {
    const contents = [
      `---\nname: ${JSON.stringify(`x${ESCAPES}`)}\ndescription: D.\n---\n`,
      `---\n${ESCAPES}\n---\n`,
      agent(`tools: "${ESCAPES.replaceAll('\r', '')}"\n`),
      agent(`${ESCAPES.replaceAll('\r', '')}: 1\nmodle: ${ESCAPES.replaceAll('\r', '')}\n`),
      agent(`color: "${ESCAPES.replaceAll('\r', '')}"\nfragments: ["${ESCAPES.replaceAll('\r', '')}"]\n`),
      agent('', `<!-- @only ${ESCAPES.replaceAll('\r', '')} -->\n`),
    ];
    for (const content of contents) {
      const { diagnostics } = compileBad(content);
      expect(diagnostics.length).toBeGreaterThan(0);
      for (const verbose of [true, false])
        expect(formatPretty(diagnostics, { color: false, width: 100, verbose })).not.toMatch(/(?!\n)\p{Cc}/u);
    }
  });

  it('does not reach it from a path', () => {
    const result = compile({ agents: [{ path: `agents/${ESCAPES}.md`, content: '' }] }, TARGETS);
    expect(formatPretty(result.diagnostics, { color: false, width: 100, verbose: true })).not.toMatch(/(?!\n)\p{Cc}/u);
  });
});

describe('a folder with bad agents in it', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'polyagent-hostile-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('builds the good ones, names the bad ones with line and column, and ends with code 1', async () => {
    const files: { readonly [name: string]: string | Uint8Array } = {
      'good.md': GOOD.content,
      'empty.md': '',
      'text.md': 'Text.\n',
      'nameless.md': '---\ndescription: D.\n---\n',
      'outside.md': '---\nname: ../../x\ndescription: D.\n---\nB.\n',
      'latin1.md': Buffer.from('---\nname: a\ndescription: caf\xe9\n---\n', 'latin1'),
      'hidden.md': agent('', 'a\u200bb\n'),
      'deep.md': agent('', '['.repeat(500)),
      'escape.md': agent('tools: 5 # \u001b[31m\n'),
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
    const said = { stdout: '', stderr: '' };
    const output = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (said[name] += text), isTTY: false });
    const code = await main(['build', '.', '--out', 'out', '--verbose'], {
      cwd: folder,
      env: {},
      stdout: output('stdout'),
      stderr: output('stderr'),
    });
    expect(code).toBe(1);
    for (const name of Object.keys(files).filter((one) => one !== 'good.md'))
      expect(said.stderr).toMatch(new RegExp(`^ {2}${name.replace('.', '\\.')}:\\d+:\\d+$`, 'm'));
    expect(said.stderr.match(/^help: /gm)?.length).toBeGreaterThanOrEqual(8);
    expect(said.stderr).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(said.stdout).toContain('1 agent ×');
    expect(readFileSync(path.join(folder, 'out/claude-code/.claude/agents/good.md'), 'utf8')).toBe(GOOD.content);
  });
});
