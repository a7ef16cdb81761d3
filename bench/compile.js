/**
 * Times the stages of compiling in one process, for all targets: microseconds for an agent, and for each of its outputs.
 *
 *   npm run bench:compile             1,000 agents that need no tree
 *   npm run bench:compile -- 200      another number
 *   npm run bench:compile -- 200 --fragments   three fragments each, so that every agent has a tree
 *
 * One run is cold, as a build is: what the engine needs to warm up is in it.
 */
import { agentText, fragmentText } from './agents.js';
import { cpuTime, loadStages } from './stages.js';

const stages = await loadStages({
  'stages/lower/lower': 'lower',
  'stages/lower/losses': 'reportLosses',
  'stages/emit/emit': 'emit',
  'targets/index': 'TARGETS',
});

const count = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 1000);
const names = process.argv.includes('--fragments') ? ['security', 'testing', 'delivery'] : [];
const files = names.map((name) => ({ name, path: `fragments/${name}.md`, content: fragmentText(name) }));
const sources = Array.from({ length: count }, (_, n) => ({ path: `${n}.md`, content: Buffer.from(agentText(n, names)) }));

const { createReport, createPackages, createShelf, createLibrary, createMerge, TARGETS } = stages;
const targets = TARGETS.map(({ name }) => name);
const report = createReport();
const packages = createPackages();
const shelf = createShelf([], packages, report);
const context = { shelf, variants: {}, taken: [], config: '', report };
const merge = createMerge(createLibrary(files, packages, targets, report), { targets, variants: ['default'] }, report);

const spent = new Map();
const outputs = sources.flatMap((source) => {
  const document = timed('parse', () => stages.parse(source, report));
  const [edition] = timed('compose', () => stages.compose(document, context).editions);
  const agent = timed('normalize', () => stages.normalize(edition, targets, report));
  const prompts = timed('merge', () => {
    const { bodyFor } = merge(agent, edition);
    return TARGETS.map((target) => bodyFor(target.name));
  });
  document.forget();
  const lowering = { models: {}, source: document.source, report, unusable: [] };
  const lowered = timed('lower', () => TARGETS.map((target, index) => stages.lower(agent, prompts[index], target, lowering)));
  timed('losses', () => stages.reportLosses(agent, lowered, document.source, report));
  return timed('emit', () => lowered.map((one) => stages.emit(one, document, { templates: {}, root: '' }, report)));
});

const whole = [...spent.values()].reduce((sum, ms) => sum + ms, 0);
console.table(
  [...spent, ['all', whole]].map(([stage, ms]) => ({
    stage,
    ms: Math.round(ms),
    'µs an agent': Math.round((ms * 1000) / count),
    'µs an output': ((ms * 1000) / outputs.length).toFixed(1),
  })),
);

/** What a stage makes, its work counted. */
function timed(stage, run) {
  const start = cpuTime();
  const made = run();
  spent.set(stage, (spent.get(stage) ?? 0) + cpuTime() - start);
  return made;
}
