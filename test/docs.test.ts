import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeTarget, fileRows, overviewRows, toolRows } from '../src/cli/commands/targets.js';
import { type Code, RULES } from '../src/diagnostics/rules.js';
import { TARGETS } from '../src/targets/index.js';

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

/** The page of targets, from the same data as `polyagent targets`. */
function targetsPage(): string {
  const described = TARGETS.map(describeTarget);
  const table = ([head = [], ...rows]: readonly (readonly string[])[]): string[] =>
    [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  const notes = described.flatMap(({ title, alwaysOn, alsoReads, rewritesBody, expandsInBody }) => [
    ...(alwaysOn.length > 0 ? [`- ${title} gives every agent: ${alwaysOn.join(', ')}.`] : []),
    ...(alsoReads.length > 0 ? [`- ${title} also reads the files of: ${alsoReads.join(', ')}.`] : []),
    ...rewritesBody.map(({ pattern, why }) => `- For ${title}, \`${pattern}\` in a prompt is written differently: ${why}.`),
    ...expandsInBody.map(({ pattern, why }) => `- ${title} expands \`${pattern}\` in a prompt: ${why}.`),
  ]);
  return [
    '# Targets',
    '',
    "What each target can express. `npm run docs` makes this page from the targets' data; `polyagent targets` prints the same, and",
    '`polyagent targets <name>` the keys of one. A field without a key there is reported as dropped. To add one of your own, see',
    '[adding-a-target.md](adding-a-target.md); how they are proven, see [conformance.md](conformance.md).',
    '',
    '## Fields',
    '',
    ...table(overviewRows(described)),
    '',
    '## Files',
    '',
    ...table(fileRows(described)),
    '',
    '## Tools',
    '',
    'The ids that a portable tool has there. `●`: it is there, and no list can name it. `–`: the assistant has no such tool, or',
    'gives it to no subagent.',
    '',
    ...table(toolRows(described)),
    '',
    '## Worth knowing',
    '',
    ...notes,
    '',
  ].join('\n');
}

test('docs/targets.md says what the targets say', async () => {
  await expect(targetsPage()).toMatchFileSnapshot('../docs/targets.md');
});
