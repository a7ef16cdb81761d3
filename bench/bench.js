/**
 * Times the bundled program as a user runs it: whole processes, medians, beside the bare cost of the same file work.
 *
 *   npm run bench            5, 100 and 1,000 agents, for six targets and for all of them
 *   npm run bench -- 5 100   other numbers
 *
 * Machines differ and are shared, so what counts are the ratios of one run. Needs `npm run build` first.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { agentText, fragmentText } from './agents.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const FLOOR = fileURLToPath(new URL('floor.js', import.meta.url));
/** The first targets there were, so that figures of different days can be compared. */
const SIX = ['claude-code', 'codex', 'copilot', 'cursor', 'gemini-cli', 'opencode'];
const FRAGMENTS = ['security', 'testing', 'delivery'];
const RUNS = 5;

if (!existsSync(CLI)) {
  console.error('There is no dist/cli.js. Run `npm run build` first.');
  process.exit(2);
}

// A memory file system keeps the disk out of it.
const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const scratch = mkdtempSync(path.join(base, 'polyagent-bench-'));
const sizes = process.argv.slice(2).map(Number).filter(Boolean);
const rows = [];

try {
  const bare = median(() => node(['-e', '0']));
  rows.push({ case: 'node -e 0', ms: round(bare) });
  rows.push({
    case: 'polyagent --version',
    ms: round(median(() => node([CLI, '--version']))),
    'x node': ratio(
      median(() => node([CLI, '--version'])),
      bare,
    ),
  });
  for (const count of sizes.length > 0 ? sizes : [5, 100, 1000]) {
    for (const targets of [SIX, undefined]) for (const withFragments of [false, true]) rows.push(...measure(count, withFragments, targets));
  }
  console.table(rows);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** First and unchanged builds of `count` agents for some targets, or all, with the floor of each in the same minute. */
function measure(count, withFragments, targets) {
  const label = `${count}-${withFragments}-${targets?.length ?? 'all'}`;
  const build = ['build', '--quiet', ...(targets ? ['--to', targets.join(',')] : [])];
  const project = path.join(scratch, label);
  mkdirSync(path.join(project, 'agents/fragments'), { recursive: true });
  for (const name of FRAGMENTS) writeFileSync(path.join(project, 'agents/fragments', `${name}.md`), fragmentText(name));
  for (let n = 0; n < count; n++)
    writeFileSync(path.join(project, 'agents', `agent-${n}.md`), agentText(n, withFragments ? FRAGMENTS : []));

  let outputs = 0;
  const first = [];
  const floor = [];
  for (let run = 0; run < RUNS; run++) {
    // Old outputs are moved aside: deleting thousands of files slows the file system down for what comes after.
    if (existsSync(path.join(project, 'dist'))) renameSync(path.join(project, 'dist'), path.join(scratch, `old-${label}-${run}`));
    first.push(node([CLI, ...build], project));
    outputs = listFiles(path.join(project, 'dist')).length;
    floor.push(node([FLOOR, 'write', project, path.join(scratch, `floor-${label}-${run}`)]));
  }
  const again = median(() => node([CLI, ...build], project));
  const read = median(() => node([FLOOR, 'read', project]));
  const name = `${count} agents × ${targets?.length ?? 'all'}${withFragments ? ', 3 fragments each' : ''}`;
  const each = (ms) => `${((ms * 1000) / outputs).toFixed(0)} µs`;
  const whole = middle(first);
  const write = middle(floor);
  return [
    {
      case: `${name}: first build`,
      files: outputs,
      ms: round(whole),
      'per file': each(whole),
      'floor ms': round(write),
      'x floor': ratio(whole, write),
    },
    {
      case: `${name}: unchanged`,
      files: outputs,
      ms: round(again),
      'per file': each(again),
      'floor ms': round(read),
      'x floor': ratio(again, read),
    },
  ];
}

/** Runs Node and gives the wall time in milliseconds. Exit code 1 is a failed build, and a failed bench. */
function node(args, cwd = scratch) {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - started;
}

function listFiles(folder) {
  return readdirSync(folder, { recursive: true }).filter(
    (file) =>
      statSync(path.join(folder, file)).isFile() && !file.endsWith('.polyagent.json') && readFileSync(path.join(folder, file)).length > 0,
  );
}

function median(run) {
  return middle(Array.from({ length: RUNS }, run));
}

function middle(times) {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
}

function round(ms) {
  return Math.round(ms);
}

function ratio(a, b) {
  return `${(a / b).toFixed(2)} x`;
}
