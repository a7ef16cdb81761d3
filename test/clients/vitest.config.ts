import { defineConfig } from 'vitest/config';
import { viteHandlebars } from '../../scripts/handlebars-plugin.js';

/** `npm run test:clients` runs the openly licensed programs; `npm run test:clients -- cursor` whatever is named. */
const named = process.argv.slice(2).some((word) => !word.startsWith('-') && word !== 'run' && !word.endsWith('vitest.config.ts'));

export default defineConfig({
  plugins: [viteHandlebars],
  test: {
    root: new URL('.', import.meta.url).pathname,
    include: named ? ['{open,proprietary}/*.client.ts'] : ['open/*.client.ts'],
    reporters: ['default', new URL('table.ts', import.meta.url).pathname],
    fileParallelism: false,
  },
});
