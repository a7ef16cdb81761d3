import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { hashWithBeginnings, isOurs } from '../../src/project/manifest.js';

const PAGE = 4096;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

it.each([
  ['nothing', ''],
  ['a page', 'a'.repeat(PAGE)],
  ['a byte more', 'a'.repeat(PAGE + 1)],
  ['two pages', 'ab'.repeat(PAGE)],
  ['a character across the end of a page', `${'a'.repeat(PAGE - 1)}é${'b'.repeat(PAGE)}`],
  ['more than is encoded in one place', 'aé😀'.repeat(40_000)],
])('hashes %s, and what a killed build may leave of it', (_, content) => {
  const bytes = Buffer.from(content);
  const { hash, beginnings } = hashWithBeginnings(content);
  expect(hash).toBe(sha256(bytes));
  const pages = Math.max(0, Math.ceil(bytes.length / PAGE) - 1);
  expect(beginnings).toEqual(Array.from({ length: pages }, (_, page) => sha256(bytes.subarray(0, (page + 1) * PAGE))));
  const entry = { hash, pending: beginnings, source: 'a.md', target: 'json' };
  for (let at = 0; at < bytes.length; at += PAGE) expect(isOurs(entry, sha256(bytes.subarray(0, at)), at)).toBe(true);
  expect(isOurs(entry, sha256(Buffer.from('x'.repeat(PAGE))), PAGE)).toBe(false);
});
