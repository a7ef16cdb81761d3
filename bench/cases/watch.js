/** Edits while `polyagent watch` runs: from the moment before the file is saved until the last output is on the disk. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { agentText } from '../agents.js';
import { percentile } from '../processes.js';
import { TWELVE } from '../programs.js';
import { agentFile, FRAGMENTS, fragmentFile, makeProject, outputsOf } from '../projects.js';
import { ms, row, skipped } from '../rows.js';

/** Milliseconds after which is given up: the first build, an edit that does not come out, and further edits. */
const PATIENCE = { start: 300_000, edit: 60_000, edits: 120_000 };

/** One agent edited, in a project of some. */
export const editAgent = (count) => ({
  name: `watch, ${count}`,
  async run(bench) {
    const rows = [
      { name: `one edit in watch, ${count} × 12, p50`, share: 0.5, goals: { goal: 20, stretch: 12 } },
      { name: `one edit in watch, ${count} × 12, p95`, share: 0.95, goals: { goal: 45, stretch: 30 } },
    ];
    if (!canWatch(bench)) return rows.map(noWatch);
    const project = makeProject(bench.scratch.fresh('watched'), count);
    const times = await timeEdits(bench, project, bench.options, (outputs, edit) => {
      const n = (edit * 37) % count;
      return {
        file: agentFile(project, n),
        text: (words) => `${agentText(n)}\n${words}\n`,
        outputs: outputs.filter((file) => new RegExp(`[/\\\\]agent-${n}[./\\\\]`).test(file)),
      };
    });
    return rows.map((one) => inMs(one, times));
  },
});

/** A fragment edited that some agents of a project use. */
export const editFragment = {
  name: 'watch, fragment',
  async run(bench) {
    const { base, using, edits } = bench.options;
    const one = {
      name: `a fragment of ${using} agents edited in watch, ${base} × 12, p50`,
      share: 0.5,
      goals: { goal: 300, stretch: 100 },
    };
    if (!canWatch(bench)) return [noWatch(one)];
    const project = makeProject(bench.scratch.fresh('watched'), base, { fragments: FRAGMENTS, using });
    const users = /[/\\]agent-(\d+)[./\\]/;
    const some = { ...bench.options, edits: Math.ceil(edits / 4) };
    const times = await timeEdits(bench, project, some, (outputs) => ({
      file: fragmentFile(project, 'licences'),
      text: (words) => `${FRAGMENTS.licences}- ${words}\n`,
      outputs: outputs.filter((file) => Number(users.exec(file)?.[1] ?? base) < using),
    }));
    return [inMs(one, times)];
  },
};

const noWatch = ({ name, goals }) => skipped(name, 'polyagent has no `watch` yet', { unit: ms, ...goals });

function inMs({ name, share, goals }, times) {
  const value = percentile(times, share);
  return row(name, { polyagent: ms(value), value, unit: ms, ...goals });
}

const canWatch = ({ programs }) => /^ +watch\b/m.test(programs.polyagent('--help').stdout);

/**
 * Edits, waits for what comes out, and waits a moment longer, as people do. Gives the milliseconds of each edit.
 * @param {(outputs: string[], edit: number) => { file: string, text: (words: string) => string, outputs: string[] }} edited
 *   what is edited, its text with some words at its end, and the outputs in which those words must turn up
 */
async function timeEdits({ programs, scratch }, project, { warmUps, edits }, edited) {
  programs.build(project, TWELVE);
  const outputs = outputsOf(project);
  const watcher = await startWatching(programs.watching(TWELVE), scratch.fresh('log'), { cwd: project, env: programs.env });
  try {
    const times = [];
    const until = performance.now() + PATIENCE.edits;
    for (let edit = 0; edit < warmUps + edits && (edit === 0 || performance.now() < until); edit++) {
      const one = edited(outputs, edit);
      const words = `The words of edit ${edit} end here.`;
      const text = one.text(words);
      const files = one.outputs.map((file) => path.join(project, file)).map((file) => ({ file, before: stamp(file) }));
      const started = performance.now();
      writeFileSync(one.file, text);
      const missing = waitFor(files, words);
      if (missing.length > 0)
        throw new Error(`edit ${edit} did not come out in ${missing.length} of ${files.length} files:\n${watcher.said().slice(-1000)}`);
      times.push(performance.now() - started);
      await sleep(100 + (edit % 7) * 13);
    }
    return times.slice(Math.min(warmUps, times.length - 1));
  } finally {
    await watcher.stop();
    scratch.drop(project);
  }
}

/** Looks at files again and again until all of them hold some words. Gives those that do not, when patience is over. */
function waitFor(files, words) {
  const nap = new Int32Array(new SharedArrayBuffer(4));
  const until = performance.now() + PATIENCE.edit;
  let missing = files;
  while (missing.length > 0 && performance.now() < until) {
    missing = missing.filter(({ file, before }) => stamp(file) === before || !holds(file, words));
    // Leaves the other processor alone now and then; a quarter of a millisecond is as exact as this gets.
    if (missing.length > 0) Atomics.wait(nap, 0, 0, 0.25);
  }
  return missing;
}

/** What changes when a file is written or replaced. Asking for it costs less than reading. */
function stamp(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat && `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
}

function holds(file, words) {
  try {
    return readFileSync(file, 'utf8').includes(words);
  } catch {
    return false;
  }
}

/** Starts a command that goes on, and waits until it has said something and is silent again. What it says goes into a file. */
async function startWatching([program, ...args], log, options) {
  const said = () => readFileSync(log, 'utf8');
  const output = openSync(log, 'w');
  const child = spawn(program, args, { ...options, stdio: ['ignore', output, output] });
  closeSync(output);
  const end = new Promise((resolve) => {
    child.on('exit', resolve);
  });
  const running = () => child.exitCode === null && child.signalCode === null;
  const until = Date.now() + PATIENCE.start;
  for (let [length, since] = [0, Date.now()]; running() && Date.now() < until; await sleep(50)) {
    if (said().length > length) [length, since] = [said().length, Date.now()];
    if (length > 0 && Date.now() - since > 700) break;
  }
  if (!running()) throw new Error(`${args.slice(1).join(' ')} ended at once:\n${said().slice(-1000)}`);
  return {
    said,
    async stop() {
      child.kill('SIGINT');
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      await end;
      clearTimeout(late);
    },
  };
}
