/**
 * Bundles the program and the library into dist/. Everything but esbuild is bundled, so that an install is one package.
 *
 *   node scripts/bundle.js --maps <folder>   only the program, into this new folder, with source maps: to be profiled
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { esbuildHandlebars } from './handlebars-plugin.js';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

const { maps } = parseArgs({ options: { maps: { type: 'string' } } }).values;

const shared = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  // Their builds as modules: the main ones ask for `require`.
  alias: {
    yaml: path.join(root, 'node_modules/yaml/browser/index.js'),
    'jsonc-parser': path.join(root, 'node_modules/jsonc-parser/lib/esm/main.js'),
  },
  define: { __VERSION__: JSON.stringify(version), __BUILD__: JSON.stringify(stateOfCode()) },
  plugins: [esbuildHandlebars],
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

if (maps === undefined) rmSync(path.join(root, 'dist'), { recursive: true, force: true });
const { metafile } = await build({
  ...shared,
  ...(maps !== undefined && { outdir: path.resolve(maps), sourcemap: true, sourcesContent: false }),
  entryPoints: { cli: 'src/cli/cli.ts', index: 'src/index.ts', worker: 'src/project/workers/worker.ts' },
  // Split: what a command does not need is not read.
  splitting: true,
  chunkNames: 'chunk-[hash]',
  platform: 'node',
  target: 'node20',
  external: ['esbuild', 'satteri'],
});
if (maps === undefined) {
  // The same library for browsers and their workers, which have no document. An import of a module of Node's fails here.
  await build({ ...shared, entryPoints: { browser: 'src/index.ts' }, platform: 'browser', conditions: ['worker'], target: 'es2022' });
  writeFileSync(path.join(root, 'dist/LICENSES.txt'), licenses(Object.keys(metafile.inputs)));
}

/** The licences of the packages in the bundle, which their terms ask to be kept with it. */
function licenses(inputs) {
  const packages = new Set(inputs.flatMap((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []));
  const texts = [...packages].sort().map((folder) => {
    const { name, version: of, license } = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
    const file = ['license', 'LICENSE', 'LICENSE.md', 'license.md', 'LICENSE.txt']
      .map((base) => path.join(root, folder, base))
      .find((base) => existsSync(base));
    return `${name} ${of} (${license})\n\n${file ? readFileSync(file, 'utf8').trim() : 'The package carries no licence text.'}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** A hash of all that the bundle is made from: what one compiler kept for its next run is nothing to another. */
function stateOfCode() {
  const hash = createHash('sha256');
  const files = ['src', 'templates'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name)),
  );
  for (const file of [...files.sort(), path.join(root, 'package-lock.json')]) {
    hash.update(`${path.relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}
