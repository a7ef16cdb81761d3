/** The stages of the compiler, which the package does not offer one by one. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { esbuildHandlebars } from '../scripts/handlebars-plugin.js';

/** What every bench of stages needs: the way of an agent up to its merged prompt. The name that is wanted of each module. */
const TO_MERGE = {
  'diagnostics/report': 'createReport',
  'stages/parse/parse': 'parse',
  'stages/compose/packages': 'createPackages',
  'stages/compose/bases': 'createShelf',
  'stages/compose/compose': 'compose',
  'stages/normalize/normalize': 'normalize',
  'stages/merge/fragments': 'createLibrary',
  'stages/merge/merge': 'createMerge',
};

/**
 * Bundles modules of the source and loads them.
 * @param {Readonly<Record<string, string>>} [more] what is wanted beside the stages up to merging: a name by the module's path in `src`
 */
export async function loadStages(more = {}) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const contents = Object.entries({ ...TO_MERGE, ...more })
    .map(([file, name]) => `export { ${name} } from './src/${file}.ts';`)
    .join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, sourcefile: 'stages.ts' },
    absWorkingDir: path.resolve(root),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
    alias: { yaml: path.join(root, 'node_modules/yaml/browser/index.js') },
    plugins: [esbuildHandlebars],
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

/** Milliseconds of work so far: unlike the clock it does not count what others do on the machine. */
export function cpuTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
