/** The benches run from end to end. What they measure is not looked at: a clock has no place in a test. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'polyagent-bench-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (bench: string, args: readonly string[], env = process.env): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [fileURLToPath(new URL(`../bench/${bench}`, import.meta.url)), ...args], { encoding: 'utf8', env });

/** The cells of a Markdown table without its head. */
const cells = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );

/** A place for a table in a paper, with what stands there. */
const place = (name: string, text: string): string => `<!-- ${name}: written by the bench -->\n\n${text}\n\n<!-- end of ${name} -->\n`;

/** A paper with places for all tables. */
function makePaper(): string {
  const file = path.join(folder, 'paper.md');
  writeFileSync(file, `# Paper\n\n${['memory', 'disk', 'profile'].map((name) => place(name, 'old')).join('\n')}`);
  return file;
}

it('whole builds are timed beside the floors, and the table goes into the paper', { timeout: 120_000 }, () => {
  const file = makePaper();
  const { status, stdout, stderr } = run('bench.js', ['--quick', '--in', folder, '--write', '--paper', file]);
  expect(`${status}`, stderr).toBe('0');
  const rows = cells(stdout);
  expect(rows.map(([name, , beside, , goal]) => `${name} | ${beside?.split(' ')[0]} | ${goal}`).join('\n')).toMatchInlineSnapshot(`
    "\`--version\` | \`node | ≤ 1.30 ×
    \`--help\` | \`node | ≤ 1.30 ×
    3 × agentloom’s 7 targets, first | agentloom | –
    3 × agentloom’s 7 targets, first | *write* | –
    3 × agentloom’s 7 targets, unchanged | agentloom | –
    3 × agentloom’s 7 targets, unchanged | *stat* | –
    3 × all targets, first | *write* | –
    3 × all targets, first, per file | rulesync | –
    3 × all targets, unchanged | *stat* | –
    3 × all targets, unchanged, per file | rulesync | –
    3 × all targets, one file changed | *stat* | –
    3 × 12, first | *write* | –
    3 × 12, one file changed | *stat* | –
    3 × 12, three fragments each, first | *write* | –
    3 × 12, three fragments each, unchanged | *stat* | –
    3 × 12, three fragments each, one file changed | *stat* | –
    3 × 12, three fragments each, native parser, first | – | –
    one edit in watch, 2 × 12, p50 | – | ≤ 20 ms
    one edit in watch, 2 × 12, p95 | – | ≤ 45 ms
    one edit in watch, 6 × 12, p50 | – | ≤ 20 ms
    one edit in watch, 6 × 12, p95 | – | ≤ 45 ms
    a fragment of 2 agents edited in watch, 3 × 12, p50 | – | ≤ 300 ms
    6 × 12, first, per file | 3 | ≤ 1.20 ×
    3 × 12, first, peak memory | – | ≤ 160 MiB
    3 × 12, three fragments each, first, peak memory | – | ≤ 160 MiB
    3 × all targets, first, peak memory | – | ≤ 160 MiB
    6 × 12, first, peak memory | – | ≤ 400 MiB"
  `);
  expect(rows.filter((row) => row.at(-1) === 'skipped: it failed')).toEqual([]);
  expect(rows.flat().filter((cell) => cell.includes('NaN'))).toEqual([]);
  // The folder for temporary files may be on a memory file system too.
  const written = readFileSync(file, 'utf8');
  expect([place('memory', stdout.trim()), place('disk', stdout.trim())].filter((block) => written.includes(block))).toHaveLength(1);
  expect(written.match(/^old$/gm)).toHaveLength(2);
});

it('a peer that cannot be installed is named and left out', { timeout: 120_000 }, () => {
  writeFileSync(path.join(folder, 'npm'), '#!/bin/sh\necho "npm error network" >&2\nexit 1\n');
  chmodSync(path.join(folder, 'npm'), 0o755);
  const { status, stdout, stderr } = run('bench.js', ['--quick', '--only', '3 × 7', '--peers', path.join(folder, 'peers')], {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
  });
  expect(`${status}`, stderr).toBe('0');
  expect(stderr).toContain('agentloom@0.1.13 could not be installed, and is left out. Is there a network? npm error network');
  expect(cells(stdout).map((row) => row.at(-1))).toEqual(['skipped: it is not there', '–', 'skipped: it is not there', '–']);
});

it('a profile says in whose code the time of a build went', { timeout: 120_000 }, () => {
  const file = makePaper();
  const { status, stdout, stderr } = run('profile.js', ['2', '--runs', '1', '--write', '--paper', file]);
  expect(`${status}`, stderr).toBe('0');
  const parts = cells(stdout).map(([name]) => name);
  expect(parts).toEqual(
    expect.arrayContaining(['Markdown trees (remark, micromark)', 'stage lower', 'file calls (Node)', 'garbage collection']),
  );
});

it('merging is timed apart from parsing, and every fragment is parsed once', { timeout: 120_000 }, () => {
  const { status, stdout, stderr } = run('merge.js', ['4', '8']);
  expect(`${status}${stderr}`).toBe('0');
  const parsed = stdout.split('\n').flatMap((line) => /'(\d+ agents.*?)'.* (\d+) +│$/.exec(line)?.slice(1) ?? []);
  expect(parsed).toEqual(['4 agents', '10', '8 agents', '10', '8 agents, twice the fragments', '10']);
});

it.each(['--plain', '--fragments'])('each stage of compiling is timed: %s', { timeout: 60_000 }, (kind) => {
  const { status, stdout, stderr } = run('compile.js', ['2', kind]);
  expect(`${status}${stderr}`).toBe('0');
  expect(stdout.match(/'\w+'(?= +│ +\d+ +│)/g)).toEqual([
    "'parse'",
    "'compose'",
    "'normalize'",
    "'merge'",
    "'lower'",
    "'losses'",
    "'emit'",
    "'all'",
  ]);
});
