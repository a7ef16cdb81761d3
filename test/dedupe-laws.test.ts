/** What finding and taking out promise for every text: by random ones, by the corpus, and by what is made to be slow. */
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Compilation, compile } from '../src/compile.js';
import { type Extraction, extract } from '../src/dedupe/extract.js';
import { findRepeats } from '../src/dedupe/find.js';
import { nameFor, referenceTo } from '../src/dedupe/reference.js';
import type { Repeat } from '../src/dedupe/repeat.js';
import { gather } from '../src/dedupe/similar.js';
import { repeatedStretches } from '../src/dedupe/stretches.js';
import { createReport } from '../src/diagnostics/report.js';
import type { FragmentFile } from '../src/stages/merge/fragments.js';
import type { Document } from '../src/stages/parse/document.js';
import { parse } from '../src/stages/parse/parse.js';
import { claudeCode } from '../src/targets/claude-code.js';
import { TARGETS } from '../src/targets/index.js';
import type { Target } from '../src/targets/target.js';
import { SIX } from './read-sample.js';

const documentsOf = (texts: ReadonlyMap<string, string>): Document[] =>
  [...texts].flatMap(([path, content]) => parse({ path, content }, createReport()) ?? []);

const compileOne = (targets: readonly Target[], path: string, content: string, fragment?: FragmentFile): Compilation =>
  compile({ agents: [{ path, content }], fragments: fragment ? [fragment] : [] }, targets);

/** Takes a repeat out, trying one target only. */
function takeOut(repeat: Repeat, texts: ReadonlyMap<string, string>): Extraction {
  const name = nameFor(repeat.title);
  return extract(repeat, {
    name,
    path: `fragments/${name}.md`,
    texts,
    compile: (path, text, fragment) => compileOne([claudeCode], path, text, fragment),
  });
}

/** Paths of agents that do not compile to what they did, for any of the targets. */
function spoilt({ changed, fragment }: Extraction, texts: ReadonlyMap<string, string>, targets: readonly Target[]): string[] {
  const contents = ({ files }: Compilation): string => JSON.stringify(files.map(({ path, content }) => [path, content]));
  return changed
    .filter(({ path, text }) => {
      const before = compileOne(targets, path, texts.get(path) ?? '');
      return before.files.length === 0 || contents(before) !== contents(compileOne(targets, path, text, fragment));
    })
    .map(({ path }) => path);
}

describe('repeated stretches', () => {
  const rows = fc.array(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 7 }), { maxLength: 5 });

  it('are all that cannot be longer without losing an occurrence', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const found = repeatedStretches(given).map(({ length, occurrences }) => {
          const [first] = occurrences();
          return first ? given[first.row]?.slice(first.at, first.at + length).join('') : undefined;
        });
        expect(found.sort()).toEqual(maximalStretches(given).sort());
      }),
      { numRuns: 500 },
    );
  });
});

/** The same by trying every stretch. */
function maximalStretches(rows: readonly (readonly string[])[]): string[] {
  const at = new Map<string, Set<string>>();
  const texts = rows.map((row) => row.join(''));
  for (const [row, text] of texts.entries())
    for (let from = 0; from < text.length; from++)
      for (let to = from + 1; to <= text.length; to++) {
        const stretch = text.slice(from, to);
        at.set(stretch, (at.get(stretch) ?? new Set()).add(`${row}:${from}`));
      }
  const counts = (stretch: string): number => at.get(stretch)?.size ?? 0;
  return [...at.keys()].filter(
    (stretch) =>
      counts(stretch) > 1 &&
      ['a', 'b', 'c'].every((more) => counts(more + stretch) < counts(stretch) && counts(stretch + more) < counts(stretch)),
  );
}

describe('texts that are alike', () => {
  const word = fc.constantFrom('one', 'two', 'three', 'four');
  const text = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));

  it('are gathered around leaders that are not alike themselves', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), fc.constantFrom(0.5, 0.7, 0.9), (texts, atLeast) => {
        const gathered = gather(texts, atLeast);
        expect(gathered.flatMap(({ leader, others }) => [leader, ...others.map(({ index }) => index)]).sort()).toEqual(
          texts.map((_, index) => index).sort(),
        );
        const leaders = gathered.map(({ leader }) => texts[leader] ?? '');
        for (const [index, one] of leaders.entries())
          for (const other of leaders.slice(index + 1)) expect(likeness(one, other)).toBeLessThan(atLeast);
        for (const { leader, others } of gathered)
          for (const { index, likeness: found } of others) {
            expect(found).toBeCloseTo(likeness(texts[leader] ?? '', texts[index] ?? ''));
            expect(found).toBeGreaterThanOrEqual(atLeast);
          }
      }),
      { numRuns: 500 },
    );
  });

  it('are told by their signs in scripts without spaces', () => {
    const [one, other] = ['最終メッセージとして返す進捗', '最終メッセージとして返す結果'];
    expect(gather([one, other], 0.7)).toEqual([{ leader: 0, others: [{ index: 1, likeness: 10 / 12 }] }]);
  });
});

function likeness(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => {
    const words = text.split(' ');
    return new Set(words.flatMap((_, at) => (at === 0 || at + 3 <= words.length ? [words.slice(at, at + 3).join(' ')] : [])));
  });
  const shared = [...(a ?? [])].filter((shingle) => b?.has(shingle)).length;
  return (2 * shared) / ((a?.size ?? 0) + (b?.size ?? 0));
}

describe('taking out', () => {
  const sentence = fc.constantFrom(
    'Read the plan before you begin',
    'Ask **twice** when it is dear',
    'Never guess a `name`',
    'Run `make` and look at what it says',
    'Say why:',
    'Stop early, and say so.',
  );
  const list = fc
    .record({ items: fc.uniqueArray(sentence, { minLength: 1, maxLength: 4 }), gap: fc.constantFrom('\n', '\n', '\n\n') })
    .map(({ items, gap }) => items.map((item) => `- ${item}`).join(gap));
  const block = fc.oneof(
    list,
    sentence,
    sentence.map((text) => `> ${text}`),
    sentence.map((text) => `\`\`\`\n${text}\n\`\`\``),
    fc.constant('---'),
    fc.constant('1. Count\n2. Count on'),
    fc.constant('- Outer\n  - Inner of it'),
    fc.constant('<!-- @only claude-code -->\n\nOnly there.\n\n<!-- @end -->'),
  );
  const blocks = fc.uniqueArray(block, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('\n\n'));
  const shared = fc
    .record({ top: blocks, below: fc.option(blocks) })
    .map(({ top, below }) => `${top}${below ? `\n\n### Below\n\n${below}` : ''}`);
  /** How an agent has the shared text: what is before and behind, and its own way of writing. */
  const setting = fc.record({
    before: fc.constantFrom(
      'You help.\n\n## Checks\n\n',
      '# Agent\n\n## Checks\n\n',
      '## First\n\nText.\n\n## 2. Checks!\n\n',
      '## Checks\n',
    ),
    behind: fc.constantFrom('\n', '', '\n\n## Last\n\nMore.\n', '\n\n---\n\n## Last\n', '\n## Close\n', '\n- Read no more\n'),
    bullet: fc.constantFrom('-', '-', '*'),
    eol: fc.constantFrom('\n', '\n', '\r\n'),
    mark: fc.constantFrom('', '', '\ufeff'),
  });
  type Setting = typeof setting extends fc.Arbitrary<infer S> ? S : never;
  const agentWith = (text: string, index: number, { before, behind, bullet, eol, mark }: Setting): string => {
    const body = before + text.replaceAll(/^( *)- /gm, `$1${bullet} `) + behind;
    return mark + `---\nname: agent-${index}\ndescription: Does it.\n---\n${body}`.replaceAll('\n', eol);
  };

  it('keeps every compiled byte, and leaves alone what it cannot keep', { timeout: 120_000 }, () => {
    let taken = 0;
    let alone = 0;
    fc.assert(
      fc.property(shared, fc.array(setting, { minLength: 2, maxLength: 4 }), (text, settings) => {
        const written = new Map(settings.map((one, index) => [`${index}.md`, agentWith(text, index, one)]));
        const documents = documentsOf(written);
        const texts = new Map(documents.map(({ source }) => [source.path, source.text]));
        for (const repeat of findRepeats(documents, { min: 2, near: 100 })) {
          const extraction = takeOut(repeat, texts);
          expect(extraction.changed.length + extraction.left.length).toBe(repeat.agents);
          expect(extraction.left.filter(({ reason }) => reason === '')).toEqual([]);
          expect(spoilt(extraction, texts, [claudeCode])).toEqual([]);
          for (const one of extraction.changed) {
            const [line] = one.text.split('\n').slice(one.line - 1);
            expect(line?.trim()).toBe(referenceTo(extraction.fragment.name));
          }
          taken += extraction.changed.length;
          alone += extraction.left.length;
        }
      }),
      { numRuns: 150, seed: 4 },
    );
    // Both happen, or this has shown nothing.
    expect(taken).toBeGreaterThan(100);
    expect(alone).toBeGreaterThan(100);
  });
});

const shared = (path: string): URL => new URL(`../../shared/${path}`, import.meta.url);
const hasCorpus = existsSync(shared('corpus/MANIFEST.json'));

describe.skipIf(!hasCorpus)(`the corpus${hasCorpus ? '' : ' (skipped: shared/corpus is absent)'}`, () => {
  const targets = TARGETS.filter(({ name }) => SIX.includes(name));

  it('has repeats of every kind, and loses no byte when they are taken out', { timeout: 300_000 }, () => {
    const { entries } = JSON.parse(readFileSync(shared('corpus/MANIFEST.json'), 'utf8')) as { entries: { path: string }[] };
    const files = entries
      .filter(({ path }) => path.endsWith('.md'))
      .map(({ path }) => ({ path, content: readFileSync(shared(`corpus/${path}`)) }));
    const documents = files.flatMap((file) => parse(file, createReport()) ?? []);
    const texts = new Map(documents.map(({ source }) => [source.path, source.text]));
    const repeats = findRepeats(documents, { min: 2, near: 70 });
    const count = (exact: boolean, kind: Repeat['kind']): number =>
      repeats.filter((one) => one.exact === exact && one.kind === kind).length;
    expect(count(true, 'section')).toBeGreaterThanOrEqual(150);
    expect(count(true, 'items')).toBeGreaterThanOrEqual(15);
    expect(count(true, 'paragraph')).toBeGreaterThanOrEqual(20);
    expect(count(true, 'text')).toBeGreaterThanOrEqual(20);
    expect(count(true, 'code')).toBeGreaterThanOrEqual(1);
    expect(count(false, 'section')).toBeGreaterThanOrEqual(20);
    expect(count(false, 'paragraph')).toBeGreaterThanOrEqual(10);
    expect(Math.max(...repeats.map(({ agents }) => agents))).toBeGreaterThanOrEqual(9);

    const extractions = repeats.filter(({ exact }) => exact).map((repeat) => takeOut(repeat, texts));
    const taken = extractions.filter(({ changed }) => changed.length > 1);
    expect(taken.length).toBeGreaterThanOrEqual(85);
    expect(taken.flatMap((extraction) => spoilt(extraction, texts, targets))).toEqual([]);
  });
});

describe('what is made to be slow', () => {
  const SOON = 20_000;
  const find = (...bodies: string[]): Repeat[] => {
    const texts = new Map(bodies.map((body, index) => [`${index}.md`, `---\nname: a${index}\ndescription: D.\n---\n${body}`]));
    return findRepeats(documentsOf(texts), { min: 2, near: 70 });
  };

  it('one item many times is found soon', { timeout: SOON }, () => {
    const items = '- Say the same again and again, and again\n'.repeat(8000);
    expect(find(items, items).length).toBeGreaterThan(0);
  });

  it('many texts that are a little alike are found soon', { timeout: SOON }, () => {
    const text = (n: number): string =>
      Array.from(
        { length: 60 },
        (_, i) => `## Part ${i}\n\nWe look at point ${i} of case ${n} with care, and then we look at number ${(i * n) % 97} of it.\n`,
      ).join('\n');
    expect(find(...Array.from({ length: 150 }, (_, n) => text(n))).length).toBeGreaterThan(0);
  });
});
