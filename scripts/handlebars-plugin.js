/**
 * `*.hbs` as a module: the template is compiled when polyagent is built, so that running it needs no template compiler.
 * Serves esbuild (the bundle) and Vite (the tests) alike.
 */
import { readFile } from 'node:fs/promises';
import Handlebars from 'handlebars';

/** `strict`: a misspelt name fails. `noEscape`: Markdown is no HTML. `knownHelpersOnly`: a name is never a call. */
export const TEMPLATE_OPTIONS = { strict: true, noEscape: true, knownHelpersOnly: true };

const precompile = (source) => `export default ${Handlebars.precompile(source, TEMPLATE_OPTIONS)};`;

/** For `build({ plugins })` of esbuild. */
export const esbuildHandlebars = {
  name: 'handlebars',
  setup(build) {
    build.onLoad({ filter: /\.hbs$/ }, async ({ path }) => ({ contents: precompile(await readFile(path, 'utf8')), loader: 'js' }));
  },
};

/** For `plugins` of Vite. */
export const viteHandlebars = {
  name: 'handlebars',
  transform: (source, id) => (id.endsWith('.hbs') ? { code: precompile(source), map: null } : undefined),
};
