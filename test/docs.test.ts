import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Code, RULES } from '../src/diagnostics/rules.js';

/** What a user sees of a diagnostic in its case: the first message of the code, up to the blank line behind it. */
function example(code: Code): string {
  const transcript = readFileSync(new URL(`rules/${code}.txt`, import.meta.url), 'utf8');
  const start = transcript.search(new RegExp(`^(?:error|warning|info)\\[${code}\\]`, 'm'));
  return transcript.slice(start).split('\n\n')[0]?.trimEnd() ?? '';
}

function page(): string {
  const codes = (Object.keys(RULES) as Code[]).sort();
  const intro = [
    '# Diagnostics',
    '',
    'Every message has a code that does not change. An `error` means that something was not built. A `warning` was built, but',
    'look at it. An `info` says what differs between targets.',
    '',
    '`rules` in build.config.ts sets the severity of a code to `off`, `info`, `warning` or `error`. An error stays an error.',
    'The examples are what the tests see (`test/rules/<code>.md`); `npm run docs` makes this page from them.',
    '',
    ...codes.map((code) => `- [${code}](#${code}) (${RULES[code].severity})`),
  ];
  return [...intro, ...codes.flatMap((code) => ['', `## ${code}`, '', '```text', example(code), '```'])].join('\n').concat('\n');
}

test('docs/diagnostics.md says what the program says', async () => {
  await expect(page()).toMatchFileSnapshot('../docs/diagnostics.md');
});
