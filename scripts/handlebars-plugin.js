/**
 * The module `templates`: every templates/*.hbs by name, compiled when polyagent is built, so that running it needs no
 * template compiler. Serves esbuild (the bundle) and Vite (the tests) alike.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';

/** `strict`: a misspelt name fails. `noEscape`: Markdown is no HTML. `knownHelpersOnly`: a name is never a call. */
const OPTIONS = { strict: true, noEscape: true, knownHelpersOnly: true };

const FOLDER = fileURLToPath(new URL('../templates', import.meta.url));

function moduleText() {
  const names = readdirSync(FOLDER).filter((file) => file.endsWith('.hbs'));
  const entries = names
    .sort()
    .map(
      (file) =>
        `${JSON.stringify(path.basename(file, '.hbs'))}: ${Handlebars.precompile(readFileSync(path.join(FOLDER, file), 'utf8'), OPTIONS)}`,
    );
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
