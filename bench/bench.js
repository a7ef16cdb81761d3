/**
 * Times the bundled program as a user runs it: whole processes, beside the bare file work, beside Node that does nothing,
 * and beside peers. Machines differ and are shared, so what counts are the ratios of one run.
 *
 *   npm run bench -- --help
 */
import path from 'node:path';
import { buildCases } from './cases/builds.js';
import { peakMemory, scale } from './cases/scale.js';
import { startUp } from './cases/start-up.js';
import { editAgent, editFragment } from './cases/watch.js';
import { describeRun } from './machine.js';
import { readOptions, USAGE } from './options.js';
import { writeBlock } from './paper.js';
import { installPeers } from './peers.js';
import { Interrupted } from './processes.js';
import { createPrograms, hasBundle } from './programs.js';
import { makeScratch } from './projects.js';
import { COLUMNS, skipped, toMarkdown } from './rows.js';

/** Says how far the bench is, apart from what it finds. */
const say = (text) => console.error(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${text}`);

const options = readOptions(process.argv.slice(2));
if (options.help) {
  process.stdout.write(USAGE);
} else if (!hasBundle()) {
  console.error('There is no dist/cli.js. Run `npm run build` first.');
  process.exitCode = 2;
} else {
  await bench().catch((error) => {
    if (!(error instanceof Interrupted)) throw error;
    process.exitCode = 130;
  });
}

async function bench() {
  const scratch = makeScratch(options);
  // Gigabytes in memory would stay behind.
  process.on('SIGINT', () => {
    scratch.remove();
    process.exit(130);
  });
  try {
    const programs = createPrograms(scratch.folder);
    const peers = options.withPeers
      ? installPeers(path.resolve(options.peers ?? path.join(scratch.folder, 'peers')), programs.env, say)
      : {};
    const cases = [
      startUp,
      ...options.sizes.flatMap(buildCases),
      editAgent(options.few),
      editAgent(options.most),
      editFragment,
      scale,
      peakMemory,
    ];
    const rows = [];
    for (const one of cases.filter(({ name }) => name.includes(options.only))) {
      say(one.name);
      rows.push(...(await attempt(one, { options, programs, peers, scratch })));
      scratch.clear();
    }
    const named = Object.values(peers).flatMap((peer) => peer?.name ?? []);
    const text = `${describeRun(scratch.fileSystem, named)}\n\n${toMarkdown(COLUMNS, rows)}`;
    console.log(text);
    if (options.write) writeBlock(scratch.fileSystem === 'tmpfs' ? 'memory' : 'disk', text, options.paper && path.resolve(options.paper));
  } finally {
    scratch.remove();
  }
}

/** A case that fails is a row that says so, and a failed bench in the end. */
async function attempt(one, context) {
  try {
    return await one.run(context);
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    say(error.stack);
    process.exitCode = 1;
    return [skipped(one.name, 'it failed')];
  }
}
