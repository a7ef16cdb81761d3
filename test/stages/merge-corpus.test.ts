/** Our fragments, merged into agents of other people: what stands in them stays, and nothing becomes a part of it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { outlineOf } from '../../src/stages/merge/outline.js';
import { expectGrown, type MergedAgent, mergeInto, nodesOf, ownText } from './read-merged.js';

const ROOT = path.join(import.meta.dirname, '../..');
const CORPUS = path.join(ROOT, '../shared/corpus');
/** Every tenth: all of them take a minute and more. `EVERY=1` takes all. */
const EVERY = Number(process.env.EVERY ?? 10);
const FOLDER = path.join(ROOT, 'agents/fragments');

const fragments = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.md'))
  .map((file) => readFileSync(path.join(FOLDER, file), 'utf8').replace(/^---\n[\s\S]*?\n---\n/, ''))
  // Loose text needs a place.
  .filter((text) => /^## /m.test(text));

/** The text below the front matter. */
const bodyOf = (text: string): string => text.replace(/^\ufeff?(?:---\r?\n[\s\S]*?\r?\n---[ \t]*\r?\n)?/, '');

function agents(): { file: string; body: string }[] {
  if (!existsSync(CORPUS)) return [];
  return readdirSync(CORPUS, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .sort()
    .filter((_, index) => index % EVERY === 0)
    .map((file) => ({ file, body: bodyOf(readFileSync(path.join(CORPUS, file), 'utf8')) }))
    .filter(({ body }) => !/<!--\s*@|\ufffd/.test(body));
}

/** The fragments, each with the title of another section of an agent. */
function underTitlesOf(body: string): string[] {
  const titles = outlineOf(nodesOf(body)).sections.flatMap(function titlesOf({ title, children }): string[] {
    return [title.replace(/\s+/g, ' '), ...children.flatMap(titlesOf)];
  });
  return fragments.map((text, index) => text.replace(/^## .*$/m, () => `## ${titles[(index * 3) % titles.length] || 'Other'}`));
}

/** `undefined` for an agent that is refused, for hidden characters or a fence that nobody closes: that is tested elsewhere. */
function merge(body: string, parts: readonly string[]): MergedAgent | undefined {
  try {
    return mergeInto(body, parts, { eol: body.includes('\r\n') ? '\r\n' : '\n' });
  } catch {
    return undefined;
  }
}

const found = agents();
const skipped = found.length > 0 ? '' : ' (skipped: shared/corpus is absent)';

test.skipIf(found.length === 0)(`agents of other people take our fragments${skipped}`, { timeout: 300_000 }, () => {
  let merged = 0;
  for (const { file, body } of found) {
    const parts = underTitlesOf(body);
    const once = merge(body, parts);
    if (!once) continue;
    merged++;
    expect(ownText(once), file).toBe(body);
    expectGrown(body, once.body, parts);
    expect(merge(once.body, parts)?.body, file).toBe(once.body);
  }
  expect(merged).toBeGreaterThan(found.length / 2);
});
