import { defineConfig } from 'vitest/config';
import { viteHandlebars } from './scripts/handlebars-plugin.js';

export default defineConfig({
  plugins: [viteHandlebars],
  test: { include: ['test/**/*.test.ts'], testTimeout: 30_000, globalSetup: ['test/cache-dir.ts'] },
});
