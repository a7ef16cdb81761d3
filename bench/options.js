/** What `npm run bench` takes, and what it means when nothing is said. */
import { parseArgs } from 'node:util';

export const USAGE = `Times the bundled program as a user runs it, beside the bare cost of the same file work and beside its peers.

Usage: npm run bench -- [sizes…] [options]          (needs \`npm run build\` first)

  sizes…            Numbers of agents for the builds. Default: 1000. The goals are for 1000.

      --quick       Tiny sizes, one run each, peers only with --peers: to see that the bench itself works.
      --full        5, 100, 1000 and 10000 agents, more runs, every peer at every size up to 1000.
      --only <text> Only cases whose name contains this.
      --runs <n>    Runs of each case. Default: 5.
      --disk        On the disk instead of the memory file system.
      --in <folder> In a new folder below this one, on whatever it lies.
      --peers <folder>  Install the peers there, or use those that are there. Default: a folder that goes away.
      --no-peers    Leave agentloom and rulesync out: nothing is installed, and no network is needed.
      --write       Put the table into docs/performance.md.
      --paper <file>    Put it into this file instead.
  -h, --help        Print this help.
`;

/**
 * @typedef {object} Options
 * @property {boolean} withPeers whether to install and run other programs
 * @property {readonly number[]} sizes agents in the builds
 * @property {number} most agents of the biggest project
 * @property {number} few agents of the smallest project that is watched
 * @property {number} base agents of the projects that others are compared with
 * @property {number} using agents that use the fragment which is edited
 * @property {number} runs of each case
 * @property {number} starts runs of commands that do nothing else
 * @property {number} slowRuns runs of what takes half a minute
 * @property {number} edits in watch, after those that warm up
 */

/** Throws the error of `parseArgs` for options that it does not know. */
export function readOptions(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      runs: { type: 'string' },
      disk: { type: 'boolean', default: false },
      in: { type: 'string' },
      peers: { type: 'string' },
      'no-peers': { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      paper: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const sizes = positionals.map(Number).filter((size) => size > 0);
  return {
    ...values,
    withPeers: !values['no-peers'] && (!values.quick || values.peers !== undefined),
    ...scaleOf(values),
    ...(sizes.length > 0 ? { sizes } : {}),
    ...(values.runs ? { runs: Number(values.runs) } : {}),
  };
}

function scaleOf({ quick, full }) {
  const one = { sizes: [1000], few: 5, base: 1000, most: 10_000, using: 100, runs: 5, starts: 21, slowRuns: 1, warmUps: 10, edits: 40 };
  if (quick) return { ...one, sizes: [3], few: 2, base: 3, most: 6, using: 2, runs: 1, starts: 1, warmUps: 1, edits: 2 };
  if (full) return { ...one, sizes: [5, 100, 1000, 10_000], runs: 7, starts: 41, slowRuns: 3 };
  return one;
}
