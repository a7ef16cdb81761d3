/**
 * `test/rules/<code>.md` is the smallest project that shows a diagnostic, `<code>.txt` what a person then sees. How a case is
 * written says transcript.ts.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RULES } from '../src/diagnostics/rules.js';
import { SIX } from './read-sample.js';
import { play, readSteps } from './transcript.js';

const FOLDER = path.join(import.meta.dirname, 'rules');
const codes = Object.keys(RULES);
const cases = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.md'))
  .map((file) => file.slice(0, -'.md'.length));

test('every diagnostic has a case, and every case a diagnostic', () => {
  expect(cases.toSorted()).toEqual(codes.toSorted());
  const transcripts = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));
  expect(transcripts.map((file) => file.slice(0, -'.txt'.length)).filter((code) => !cases.includes(code))).toEqual([]);
});

describe('a case shows its diagnostic', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'polyagent-rules-'));
    // A few targets, so that a message is about one thing. A config of a case's own is preferred.
    writeFileSync(path.join(folder, 'build.config.mjs'), `export default { targets: ${JSON.stringify(SIX)} };\n`);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test.each(cases)('%s', async (code) => {
    const transcript = await play(readSteps(readFileSync(path.join(FOLDER, `${code}.md`), 'utf8')), folder, ['--verbose']);
    expect(transcript).toContain(`[${code}]`);
    await expect(transcript).toMatchFileSnapshot(path.join(FOLDER, `${code}.txt`));
  });
});
