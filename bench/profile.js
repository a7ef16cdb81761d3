/**
 * Says what the time of builds is made of: whose code the processor is in, in a profile by V8 of a bundle with source maps.
 *
 *   npm run bench:profile             1,000 agents
 *   npm run bench:profile -- 100      another number
 *   npm run bench:profile -- --write  puts the table into docs/performance.md, or where --paper says
 *
 * A profiled build takes longer than one that is not; the shares are what counts.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { timeByPart } from './cpu-profile.js';
import { describeRun } from './machine.js';
import { writeBlock } from './paper.js';
import { middle } from './processes.js';
import { createPrograms, TWELVE } from './programs.js';
import { agentFile, FRAGMENTS, makeProject, makeScratch } from './projects.js';
import { ms, toMarkdown } from './rows.js';

const BUNDLE = fileURLToPath(new URL('../scripts/bundle.js', import.meta.url));

/** What is profiled: a build of a new project, or of one that was built before. */
const CASES = [
  { name: 'first, no fragments' },
  { name: 'first, three fragments each', fragments: FRAGMENTS },
  { name: 'unchanged', again: () => {} },
  { name: 'one file changed', again: (project, round) => appendFileSync(agentFile(project, 0), `\nChanged in round ${round}.\n`) },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '3' },
    write: { type: 'boolean' },
    paper: { type: 'string' },
    disk: { type: 'boolean', default: false },
    in: { type: 'string' },
  },
});
const count = Number(positionals[0] ?? 1000);
const runs = Number(values.runs);
const scratch = makeScratch(values);
try {
  const bundle = path.join(scratch.folder, 'bundle');
  const { status, stderr } = spawnSync(process.execPath, [BUNDLE, '--maps', bundle], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The bundle could not be made:\n${stderr}`);
  const programs = createPrograms(scratch.folder, bundle);
  const profiled = CASES.map((one) => ({ name: one.name, ...profile(programs, one) }));
  const text = `${describeRun(scratch.fileSystem, [])}\n\n${count} agents × 12 targets. The middle of ${runs} runs, in milliseconds.\n\n${table(profiled)}`;
  console.log(text);
  if (values.write) writeBlock('profile', text, values.paper && path.resolve(values.paper));
} finally {
  scratch.remove();
}

/** Builds some times without the profiler, and as often with it. */
function profile(programs, { fragments, again }) {
  const plain = [];
  const parts = [];
  const made = () => makeProject(scratch.fresh('project'), count, { fragments });
  const kept = again && made();
  if (kept) programs.build(kept, TWELVE);
  for (let round = 0; round < runs; round++) {
    const project = () => {
      again?.(kept, plain.length + parts.length);
      return kept ?? made();
    };
    plain.push(programs.build(project(), TWELVE));
    const into = scratch.fresh('profile');
    programs.profile(project(), TWELVE, into);
    parts.push(timeByPart(readdirSync(into).map((file) => path.join(into, file))));
  }
  return { whole: middle(plain), nothing: programs.nothing(), parts };
}

function table(profiled) {
  const columns = ['part', ...profiled.map(({ name }) => name)];
  const names = [...new Set(profiled.flatMap(({ parts }) => parts.flatMap((sums) => [...sums.keys()])))];
  const line = (part, cell) => ({ part, ...Object.fromEntries(profiled.map((one) => [one.name, cell(one)])) });
  const sum = (sums) => [...sums.values()].reduce((a, b) => a + b, 0);
  const middleOf = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
  const spent = ({ parts }, name) => middleOf(parts.map((sums) => sums.get(name) ?? 0));
  const heaviest = names
    .map((name) => ({ name, most: Math.max(...profiled.map((one) => spent(one, name))) }))
    .filter(({ most }) => most >= 1);
  return toMarkdown(columns, [
    line('**whole process, not profiled**', ({ whole }) => ms(whole.ms)),
    line('of which `node -e 0`', ({ nothing }) => ms(nothing.ms)),
    line('**in the profile**', ({ parts }) => middleOf(parts.map(sum)).toFixed(0)),
    ...heaviest
      .sort((a, b) => b.most - a.most)
      .map(({ name }) =>
        line(name, (one) => {
          const part = spent(one, name);
          return part < 0.5 ? '–' : `${part.toFixed(0)} (${((100 * part) / middleOf(one.parts.map(sum))).toFixed(0)} %)`;
        }),
      ),
  ]);
}
