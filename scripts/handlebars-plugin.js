/**
 * The module `templates`: every templates/*.hbs by name, as text and compiled when polyagent is built, so that running it
 * needs no template compiler. Serves esbuild (the bundle) and Vite (the tests) alike.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import Handlebars from 'handlebars';

/** `strict`: a misspelt name fails. `noEscape`: Markdown is no HTML. `knownHelpersOnly`: a name is never a call. */
const OPTIONS = { strict: true, noEscape: true, knownHelpersOnly: true };

const FOLDER = fileURLToPath(new URL('../templates', import.meta.url));

const { withMarks } = await importTypeScript(new URL('../src/handlebars/marks.ts', import.meta.url));

/** A module of the source without imports. Node 20 runs no TypeScript. */
async function importTypeScript(url) {
  const { code } = transformSync(readFileSync(url, 'utf8'), { loader: 'ts' });
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
}

function moduleText() {
  const handlebars = withMarks(Handlebars.create());
  const names = readdirSync(FOLDER).filter((file) => file.endsWith('.hbs'));
  const entries = names.sort().map((file) => {
    const text = readFileSync(path.join(FOLDER, file), 'utf8');
    const name = JSON.stringify(path.basename(file, '.hbs'));
    return `${name}: { text: ${JSON.stringify(text)}, specification: ${handlebars.precompile(text, OPTIONS)} }`;
  });
  return `export default {\n${entries.join(',\n')}\n};`;
}

/** For `build({ plugins })` of esbuild. */
export const esbuildHandlebars = {
  name: 'handlebars',
  setup(build) {
    build.onResolve({ filter: /^templates$/ }, () => ({ path: 'templates', namespace: 'handlebars' }));
    build.onLoad({ filter: /.*/, namespace: 'handlebars' }, () => ({ contents: moduleText(), loader: 'js' }));
  },
};

/** For `plugins` of Vite. */
export const viteHandlebars = {
  name: 'handlebars',
  enforce: 'pre',
  resolveId: (id) => (id === 'templates' ? '\0templates' : undefined),
  load: (id) => (id === '\0templates' ? moduleText() : undefined),
};
