/** The stages of the compiler, which the package does not offer one by one. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { esbuildHandlebars } from '../scripts/handlebars-plugin.js';

/**
 * Bundles modules of the source and loads them.
 * @param {Readonly<Record<string, string>>} names the name that is wanted of each module, by its path in `src`
 */
export async function loadStages(names) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const contents = Object.entries(names)
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
