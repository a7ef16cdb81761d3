/**
 * Times merging apart from parsing, in one process: agents with ten fragments each, five to eight of which have something
 * for their sections.
 *
 *   npm run bench:merge             250 to 2,000 agents
 *   npm run bench:merge -- 50 100   other numbers
 *
 * Machines differ, so what counts are the ratios of one run: the trees take most of the time, an agent takes the same
 * among many as among few, and fragments that nobody uses take nothing. Each fragment is parsed once.
 */
import { agentText, fragmentText, sectionText, titles } from './agents.js';
import { cpuTime, loadStages } from './stages.js';

const { createReport, parse, createPackages, createShelf, compose, normalize, createLibrary, createMerge } = await loadStages();

const OTHERS = ['licences', 'wording'];
const NAMES = [...titles, ...OTHERS];
const FRAGMENTS = NAMES.map((name) => ({
  name,
  path: `fragments/${name}.md`,
  content: OTHERS.includes(name) ? fragmentText(name) : sectionText(name),
}));
const UNUSED = FRAGMENTS.map((file) => ({ ...file, name: `unused-${file.name}`, path: `unused/${file.path}` }));
const RUNS = 3;

const sizes = process.argv.slice(2).map(Number).filter(Boolean);
const counts = sizes.length > 0 ? sizes : [250, 500, 1000, 2000];
const middle = counts[Math.floor(counts.length / 2)];

measure(Math.min(200, middle), FRAGMENTS);
const rows = counts.map((count) => ({ case: `${count} agents`, ...best(count, FRAGMENTS) }));
rows.push({ case: `${middle} agents, twice the fragments`, ...best(middle, [...FRAGMENTS, ...UNUSED]) });
console.table(rows);

/** The quickest of some runs: the others were disturbed. */
function best(count, files) {
  const runs = Array.from({ length: RUNS }, () => measure(count, files)).sort((a, b) => a.trees + a.merge - b.trees - b.merge);
  const { trees, merge: itself, parsed } = runs[0];
  return {
    'trees, ms': Math.round(trees),
    'merge, ms': Math.round(itself),
    'merge / trees': (itself / trees).toFixed(2),
    'ms an agent': ((trees + itself) / count).toFixed(2),
    'fragments parsed': parsed,
  };
}

/** Parses and merges some agents; the time that their trees take, and the rest of merging. */
function measure(count, files) {
  const report = createReport();
  const sources = Array.from({ length: count }, (_, n) => ({ path: `${n}.md`, content: agentText(n, NAMES) }));
  const packages = createPackages();
  const shelf = createShelf([], packages, report);
  const editions = sources.map((source) => {
    const [edition] = compose(parse(source, report), { shelf, variants: {}, taken: [], config: '', report }).editions;
    return { edition, agent: normalize(edition, [], report) };
  });
  const trees = new Set();
  let parsing = 0;
  const timed = (document) => ({
    ...document,
    tree() {
      const start = cpuTime();
      const tree = document.tree();
      parsing += cpuTime() - start;
      return tree;
    },
  });
  const library = createLibrary(files, packages, ['claude-code'], report);
  const counted = {
    ...library,
    find(...use) {
      const found = library.find(...use);
      trees.add(found.fragment.document.tree());
      return found;
    },
  };
  const merge = createMerge(counted, { targets: ['claude-code'], variants: ['default'] }, report);
  const start = cpuTime();
  for (const { agent, edition } of editions) {
    merge(agent, { ...edition, document: timed(edition.document) }).bodyFor('claude-code');
    edition.document.forget();
  }
  return { trees: parsing, merge: cpuTime() - start - parsing, parsed: trees.size };
}
