import { defineConfig } from 'vitest/config';
import { viteHandlebars } from './scripts/handlebars-plugin.js';

export default defineConfig({
  plugins: [viteHandlebars],
  // As a bundle, so that builds keep what they know; each run of the tests has a cache of its own.
  define: { __BUILD__: JSON.stringify('test') },
  test: { include: ['test/**/*.test.ts'], testTimeout: 30_000, globalSetup: ['test/cache-dir.ts'] },
});
