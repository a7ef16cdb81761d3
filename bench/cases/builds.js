/** One-shot builds of a number of agents: the first one, one with nothing changed, and one with one file changed. */
import { appendFileSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { inTurn, middle, ratio } from '../processes.js';
import { SEVEN, TWELVE } from '../programs.js';
import { agentFile, FRAGMENTS, makeProject, outputsOf, writeList } from '../projects.js';
import { clock, ms, row, skipped } from '../rows.js';

/** The number of agents that the goals are for. */
const GOALS_AT = 1000;

/** The cases for a number of agents. */
export function buildCases(count) {
  const at = (goals) => (count === GOALS_AT ? goals : {});
  return [
    {
      name: `${count} × 7`,
      run(bench) {
        const name = `${count} × agentloom’s 7 targets`;
        const { agentloom } = bench.peers;
        const { first, again } = measure(bench, count, { targets: SEVEN, peer: agentloom, peerRuns: bench.options.runs });
        return [
          ...besidePeer(`${name}, first`, first, agentloom, at({ goal: 1, stretch: 0.6 })),
          beside(`${name}, first`, first, 'write', {}),
          ...besidePeer(`${name}, unchanged`, again, agentloom, at({ goal: 1 / 3 })),
          beside(`${name}, unchanged`, again, 'stat', at({ goal: 1.25, stretch: 1.1 })),
        ];
      },
    },
    {
      name: `${count} × all`,
      run(bench) {
        const name = `${count} × all targets`;
        // It takes some half a minute for 1,000.
        const compared = count <= GOALS_AT;
        const rulesync = compared ? bench.peers.rulesync : undefined;
        const built = measure(bench, count, { peer: rulesync, peerRuns: bench.options.slowRuns });
        return [
          beside(`${name}, first`, built.first, 'write', at({ goal: 2.5, stretch: 1.7 })),
          ...(compared ? perFile(`${name}, first, per file`, built, 'first', rulesync, at({ goal: 1 / 15 })) : []),
          beside(`${name}, unchanged`, built.again, 'stat', {}),
          ...(compared ? perFile(`${name}, unchanged, per file`, built, 'again', rulesync, {}) : []),
          changed(bench, `${name}, one file changed`, built, {}),
        ];
      },
    },
    {
      name: `${count} × 12`,
      run(bench) {
        const built = measure(bench, count, { targets: TWELVE });
        return [
          beside(`${count} × 12, first`, built.first, 'write', {}),
          changed(bench, `${count} × 12, one file changed`, built, at({ goal: 1.3, stretch: 1.15 })),
        ];
      },
    },
    {
      name: `${count} × 12, fragments`,
      run(bench) {
        const name = `${count} × 12, three fragments each`;
        const few = makeProject(bench.scratch.fresh('few'), Math.min(count, 20), { fragments: FRAGMENTS });
        if (isNative(bench.programs.facts(few, TWELVE))) throw new Error('A native parser lies somewhere above the scratch folder');
        const built = measure(bench, count, { targets: TWELVE, fragments: FRAGMENTS });
        return [
          beside(`${name}, first`, built.first, 'write', at({ goal: 14, stretch: 12 })),
          beside(`${name}, unchanged`, built.again, 'stat', {}),
          changed(bench, `${name}, one file changed`, built, {}),
        ];
      },
    },
    {
      name: `${count} × 12, fragments, native parser`,
      run(bench) {
        const name = `${count} × 12, three fragments each, native parser, first`;
        const { nativeParser } = bench.peers;
        const goals = at({ goal: 4, stretch: 2.5 });
        if (!nativeParser) return [skipped(name, 'the parser is not there', goals)];
        const project = makeProject(bench.scratch.fresh('native'), Math.min(count, 20), { fragments: FRAGMENTS });
        link(nativeParser, project);
        if (!isNative(bench.programs.facts(project, TWELVE))) return [skipped(name, 'polyagent does not load it', goals)];
        const built = measure(bench, count, { targets: TWELVE, fragments: FRAGMENTS, modules: nativeParser });
        return [beside(name, built.first, 'write', goals)];
      },
    },
  ];
}

/** Whether a build read its Markdown with the native parser. */
const isNative = ({ libraries }) => libraries.some((file) => /satteri/.test(file));

/** Builds new projects, each with the floor and the peer in turn; then the last of them again, and again. */
function measure({ programs, scratch, options }, count, { targets, fragments, modules, peer, peerRuns = 1 }) {
  let project = scratch.fresh('project');
  let theirs = scratch.fresh('peer');
  const list = scratch.fresh('list');
  const first = inTurn(options.runs, {
    polyagent() {
      scratch.drop(project);
      project = makeProject(scratch.fresh('project'), count, { fragments });
      if (modules) link(modules, project);
      return programs.build(project, targets);
    },
    write() {
      const out = scratch.fresh('floor');
      const time = programs.write(writeList(list, project), out);
      scratch.drop(out);
      return time;
    },
    peer(round) {
      if (!peer || round >= peerRuns) return undefined;
      scratch.drop(theirs);
      theirs = peer.prepare(count, scratch.fresh('peer'));
      return peer.run(theirs);
    },
  });
  const again = inTurn(options.runs, {
    polyagent: () => programs.build(project, targets),
    stat: () => programs.stat(list),
    peer: (round) => (peer && round < peerRuns ? peer.run(theirs) : undefined),
  });
  const peerFiles = peer?.outputs?.(theirs);
  scratch.drop(theirs);
  return { project, count, targets, list, first, again, files: outputsOf(project).length, peerFiles };
}

/** Rebuilds a project after an edit of one agent, another one each time. */
function changed({ programs, options }, name, { project, count, targets, list }, goals) {
  const probe = outputsOf(project).find((file) => /[/\\]agent-0\./.test(file));
  const result = inTurn(options.runs, {
    polyagent(round) {
      const words = `Changed in round ${round}.`;
      appendFileSync(agentFile(project, (round * 7) % count), `\n${words}\n`);
      const time = programs.build(project, targets);
      if (round === 0 && !readFileSync(path.join(project, probe), 'utf8').includes(words)) throw new Error(`${probe} was not rebuilt`);
      return time;
    },
    stat: () => programs.stat(list),
  });
  return beside(name, result, 'stat', goals);
}

function beside(name, measured, floor, goals) {
  return row(name, {
    polyagent: clock(middle(measured.polyagent)),
    beside: `*${floor}* ${clock(middle(measured[floor]))}`,
    value: ratio(measured.polyagent, measured[floor]),
    ...goals,
  });
}

function besidePeer(name, measured, peer, goals) {
  if (!peer) return [skipped(name, 'it is not there', { beside: 'agentloom', ...goals })];
  const value = ratio(measured.polyagent, measured.peer);
  return [
    row(name, { polyagent: clock(middle(measured.polyagent)), beside: `${peer.name} ${clock(middle(measured.peer))}`, value, ...goals }),
  ];
}

/** Beside a peer that writes other files, and more or fewer of them. */
function perFile(name, { files, peerFiles, ...built }, which, peer, goals) {
  if (!peer) return [skipped(name, 'it is not there', { beside: 'rulesync', ...goals })];
  const { polyagent, peer: theirs } = built[which];
  const each = (time, count) => `${((time.ms * 1000) / count).toFixed(0)} µs`;
  return [
    row(name, {
      polyagent: each(middle(polyagent), files),
      beside: `${peer.name} ${each(middle(theirs), peerFiles)} (${ms(middle(theirs).ms)})`,
      value: (ratio(polyagent, theirs) * peerFiles) / files,
      ...goals,
    }),
  ];
}

/** Gives a project packages that are installed elsewhere. What the project keeps beside them stays its own. */
function link(modules, project) {
  for (const name of readdirSync(modules)) {
    if (!name.startsWith('.')) symlinkSync(path.join(modules, name), path.join(project, 'node_modules', name));
  }
}
