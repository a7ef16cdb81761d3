/**
 * A folder of test/samples is a test: its agents are compiled for every target, and each output and the report are
 * compared with `expected/`. `npx vitest run test/samples.test.ts -u` writes them anew.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile } from '../src/compile.js';
import { formatPretty } from '../src/diagnostics/format/pretty.js';
import { filesBelow } from './project-files.js';
import { readSample, sampleNames } from './read-sample.js';

describe.each(sampleNames)('%s', (name) => {
  const { folder, sources, targets, options } = readSample(name);
  const { files, diagnostics } = compile(sources, targets, options);
  const outputs = new Map(files.map(({ variant, target, path: file, content }) => [path.posix.join(variant ?? '', target, file), content]));
  outputs.set('report.txt', formatPretty(diagnostics, { color: false, width: 100, verbose: true }));

  test.each([...outputs.keys()])('%s', async (output) => {
    const file = path.join(folder, 'expected', output);
    const content = outputs.get(output) ?? '';
    await expect(content).toMatchFileSnapshot(file);
    // The matcher takes CRLF for LF; we do not.
    if (existsSync(file)) expect(lineEnds(content)).toEqual(lineEnds(readFileSync(file, 'utf8')));
  });

  test('nothing more is expected', () => {
    expect(filesBelow(path.join(folder, 'expected')).filter((file) => !outputs.has(file))).toEqual([]);
  });
});

function lineEnds(text: string): { crlf: number; lf: number } {
  const crlf = text.split('\r\n').length - 1;
  return { crlf, lf: text.split('\n').length - 1 - crlf };
}
