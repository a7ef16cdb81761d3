/** A thread that compiles stretches of agents: see crew.ts. It reads, and writes no output. */
import { workerData } from 'node:worker_threads';
import { createReport } from '../../diagnostics/report.js';
import { createInputs } from '../cache/inputs.js';
import { createLooks } from '../cache/looks.js';
import { textOf } from '../content.js';
import { hashesOf, makeUnit, type Product, type ProductFile, type Workshop } from '../make-unit.js';
import type { SeenElsewhere } from '../prepare.js';
import { createProjectCompiler, keyOf } from '../project-compiler.js';
import { readSettings } from '../settings.js';
import { targetsByAgent } from '../shard.js';
import { loadTemplates } from '../templates.js';
import { loadMapMaker } from '../update.js';
// A thread has all that a build has, so that the code of a build need not be in more files.
import '../keep.js';
import { type AgentToMake, type Answer, type Assignment, createQueue, STRETCH } from './messages.js';

await work(workerData as Assignment);

async function work({ agents, port, ...assignment }: Assignment): Promise<void> {
  const bench = await createBench(assignment);
  const queue = createQueue(assignment.queue);
  for (let stretch = 0; bench && stretch * STRETCH < agents.length; stretch++) {
    queue.wait(stretch, assignment.ahead);
    if (!queue.take(stretch)) continue;
    const products = agents.slice(stretch * STRETCH, (stretch + 1) * STRETCH).map(bench.make);
    const answer: Answer = { stretch, products, seen: bench.takeSeen() };
    port.postMessage(answer, buffersIn(products));
  }
  port.close();
}

/** What the first thread need not do. */
function toBytes(file: ProductFile): ProductFile {
  const content = new TextEncoder().encode(textOf(file.content));
  return { ...file, content, hashes: hashesOf({ ...file, content }, true) };
}

/** Memory that goes to the first thread without a copy. */
function buffersIn(products: readonly (Product | undefined)[]): ArrayBuffer[] {
  const files = products.flatMap((product) => product?.files ?? []);
  return files.flatMap(({ content }) => (typeof content === 'string' ? [] : [content.buffer as ArrayBuffer]));
}

interface Bench {
  make(agent: AgentToMake): Product | undefined;
  /** What was read and looked at beside agents, when it has become more. */
  takeSeen(): SeenElsewhere | undefined;
}

type Order = Pick<Assignment, 'options' | 'key' | 'files' | 'variants' | 'keepsFates'>;

async function createBench({ options, key, files, variants, keepsFates }: Order): Promise<Bench | undefined> {
  const settings = await readSettings(options);
  const templates = await loadTemplates(settings, createReport(settings.rules));
  if (keyOf(settings, templates, files) !== key) return undefined;
  const mapsOf = await loadMapMaker(settings, templates);
  const [shared, looks] = [createInputs(new Map()), createLooks()];
  const { renewCompiler, textOf, hasAskedPackages } = createProjectCompiler(settings, templates, files, shared, looks);
  const targets = settings.targets.map(({ target }) => target);
  const workshop: Workshop = {
    compiler: renewCompiler(),
    inputs: createInputs(new Map()),
    variants,
    targetsFor: targetsByAgent(settings.shard, targets),
    linked: { variants: [], findings: [], failed: new Set(), isWithheld: () => false },
    textOf,
  };
  let told = '';
  return {
    make({ path, file, hash }) {
      const { compiler, inputs } = workshop;
      const input = inputs.read(file);
      if (input.hash !== hash || !input.content) return undefined;
      const read = compiler.read({ path, content: input.content });
      const made = makeUnit({ card: { path }, file, hash, take: () => read }, workshop, { mapsOf, keepsFates });
      return { ...made, files: made.files.map(toBytes) };
    },
    takeSeen() {
      const { listed, asked, closed } = looks;
      const size = [shared.records.size, listed.length, asked.size, closed.size].join();
      if (size === told) return undefined;
      told = size;
      return { inputs: shared.records, looks: { listed, asked, closed }, packages: hasAskedPackages() };
    },
  };
}
