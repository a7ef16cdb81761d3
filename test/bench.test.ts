/** The benchmarks run. What they measure is not looked at: a clock has no place in a test. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const run = (bench: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [fileURLToPath(new URL(`../bench/${bench}`, import.meta.url)), ...args], { encoding: 'utf8' });

it('merging is timed apart from parsing, and every fragment is parsed once', { timeout: 60_000 }, () => {
  const { status, stdout, stderr } = run('merge.js', '4', '8');
  expect(`${status}${stderr}`).toBe('0');
  const parsed = stdout.split('\n').flatMap((line) => /'(\d+ agents.*?)'.* (\d+) +│$/.exec(line)?.slice(1) ?? []);
  expect(parsed).toEqual(['4 agents', '10', '8 agents', '10', '8 agents, twice the fragments', '10']);
});

it.each(['--plain', '--fragments'])('each stage of compiling is timed: %s', { timeout: 60_000 }, (kind) => {
  const { status, stdout, stderr } = run('compile.js', '2', kind);
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

it('whole builds are timed beside the bare file work', { timeout: 60_000 }, () => {
  const { status, stdout, stderr } = run('bench.js', '2');
  expect(`${status}${stderr}`).toBe('0');
  expect(stdout).toContain('2 agents × all, 3 fragments each: unchanged');
});
