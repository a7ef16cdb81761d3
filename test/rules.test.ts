/**
 * `test/rules/<code>.md` is the smallest project that shows a diagnostic, `<code>.txt` what a person then sees.
 *
 * A case is a text of several files. Lines of these forms part it; what stands before the first one says what it shows.
 *
 *     === agents/a.md              a file
 *     === agents/a.md base64       its bytes
 *     === agents/a.md x 3000       a file whose last line is repeated
 *     === agents/a.md -> b.md      a symbolic link
 *     $ polyagent build …          a command, run on the files written so far
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { main } from '../src/cli/main.js';
import { RULES } from '../src/diagnostics/rules.js';
import { SIX } from './read-sample.js';

const FOLDER = path.join(import.meta.dirname, 'rules');
const codes = Object.keys(RULES);
const cases = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.md'))
  .map((file) => file.slice(0, -'.md'.length));

/** What a case does, one after the other. */
type Step =
  | { readonly kind: 'file'; readonly path: string; readonly content: Uint8Array | string }
  | { readonly kind: 'link'; readonly path: string; readonly to: string }
  | { readonly kind: 'command'; readonly line: string };

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
    const transcript = await play(readSteps(readFileSync(path.join(FOLDER, `${code}.md`), 'utf8')), folder);
    expect(transcript).toContain(`[${code}]`);
    await expect(transcript).toMatchFileSnapshot(path.join(FOLDER, `${code}.txt`));
  });
});

function readSteps(text: string): Step[] {
  const steps: Step[] = [];
  const [, ...parts] = text.split(/^(?==== |\$ polyagent )/m);
  for (const part of parts) {
    const end = part.indexOf('\n');
    const [first, rest] = [part.slice(0, end), part.slice(end + 1)];
    if (first.startsWith('$ ')) {
      steps.push({ kind: 'command', line: first.slice('$ '.length) });
      continue;
    }
    const [, file = '', , to, , times] = /^=== (\S+)( -> (\S+))?( base64| x (\d+))?$/.exec(first) ?? [];
    if (to !== undefined) steps.push({ kind: 'link', path: file, to });
    else if (first.endsWith(' base64')) steps.push({ kind: 'file', path: file, content: Buffer.from(rest, 'base64') });
    else if (times !== undefined) {
      // The last line is the one that is repeated.
      const lines = rest.trimEnd().split('\n');
      const last = `${lines.pop()}\n`;
      steps.push({ kind: 'file', path: file, content: lines.map((line) => `${line}\n`).join('') + last.repeat(Number(times)) });
    } else steps.push({ kind: 'file', path: file, content: rest });
  }
  return steps;
}

async function play(steps: readonly Step[], folder: string): Promise<string> {
  let transcript = '';
  for (const step of steps) {
    if (step.kind === 'command') transcript += await run(step.line, folder);
    else {
      const file = path.join(folder, step.path);
      mkdirSync(path.dirname(file), { recursive: true });
      if (step.kind === 'link') symlinkSync(step.to, file);
      else writeFileSync(file, step.content);
    }
  }
  return transcript;
}

async function run(line: string, folder: string): Promise<string> {
  let printed = '';
  const output = { write: (text: string) => (printed += text) };
  const [, ...argv] = line.split(' ');
  const exit = await main([...argv, '--verbose'], { cwd: folder, stdout: output, stderr: output, env: {} });
  const normal = printed.replaceAll(folder, '<folder>').replaceAll(/in \d+ ms$/gm, 'in 0 ms');
  return `$ ${line}\n${normal}(exit code ${exit})\n`;
}
