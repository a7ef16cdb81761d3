/** Sums up CPU profiles of V8 by part of the program: whose code the processor was in. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Parts by the module that a function is in: a path in this repository, or the name that Node has for its own. */
const PARTS = [
  [/^node:fs|^node:internal\/fs/, 'file calls (Node)'],
  [/^node:internal\/(?:modules|vm|process\/es)/, 'loading of modules (Node)'],
  [/^node:internal\/crypto/, 'hashes (Node)'],
  [/^node:/, 'other of Node'],
  [
    /node_modules\/(?:micromark|mdast-|unist-|unified|remark-|vfile|decode-named|character-entities|satteri)/,
    'Markdown trees (remark, micromark)',
  ],
  [/node_modules\/(?:yaml|js-yaml|smol-toml|jsonc-parser)\//, 'YAML, TOML, JSON (packages)'],
  [/node_modules\/handlebars\/|^handlebars:|src\/handlebars\//, 'templates (Handlebars)'],
  [/node_modules\/valibot\//, 'checks of schemas (valibot)'],
  [/node_modules\/(?:tinyglobby|picomatch|fdir)\//, 'finding files (tinyglobby)'],
  [/node_modules\//, 'other packages'],
  [/src\/stages\/(\w+)\//, 'stage $1'],
  [/src\/(\w[\w-]*)(?:\/|\.ts$)/, 'src/$1'],
];

/** What V8 calls that which is no function. */
const STATES = {
  '(garbage collector)': 'garbage collection',
  '(program)': 'V8 itself, and native code',
  '(idle)': 'waiting',
  '(root)': 'waiting',
};

/**
 * @param {readonly string[]} files `.cpuprofile`s of a program whose bundle has source maps
 * @returns {Map<string, number>} milliseconds of each part, counted where the processor was and not in those who called
 */
export function timeByPart(files) {
  const sums = new Map();
  const moduleOf = createModules();
  for (const file of files) {
    const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8'));
    const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const parts = new Map();
    const partOf = (id) => {
      if (!parts.has(id)) parts.set(id, findPart(byId.get(id), parents.get(id)));
      return parts.get(id);
    };
    const findPart = ({ callFrame }, parent) => {
      // A native function has no place of its own: its work is that of the function that calls it.
      if (callFrame.url === '') return STATES[callFrame.functionName] ?? (parent === undefined ? STATES['(program)'] : partOf(parent));
      const module = moduleOf(callFrame);
      const [pattern, name] = PARTS.find(([known]) => known.test(module)) ?? [/^.*$/, 'elsewhere'];
      return name.replace('$1', pattern.exec(module)?.[1] ?? '');
    };
    // A delta is the time since the sample before: what a sample found went on until the next.
    samples.forEach((id, i) => {
      const part = partOf(id);
      sums.set(part, (sums.get(part) ?? 0) + (timeDeltas[i + 1] ?? 0) / 1000);
    });
  }
  return sums;
}

/** Finds the module in which a function was written. */
function createModules() {
  const maps = new Map();
  return ({ url, lineNumber, columnNumber }) => {
    if (!url.startsWith('file:')) return url;
    const file = fileURLToPath(url);
    if (!maps.has(file)) maps.set(file, new TraceMap(readFileSync(`${file}.map`, 'utf8')));
    const { source } = originalPositionFor(maps.get(file), { line: lineNumber + 1, column: columnNumber });
    if (source === null) return path.basename(file);
    return source.startsWith('handlebars:') ? source : path.relative(ROOT, path.resolve(path.dirname(file), source));
  };
}
