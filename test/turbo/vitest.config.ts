import { defineConfig } from 'vitest/config';

/** `npm run test:turbo` runs the bundled program in the real Turborepo. It needs git, and npm with a registry. */
export default defineConfig({
  test: { root: new URL('.', import.meta.url).pathname, include: ['*.turbo.ts'], testTimeout: 180_000, hookTimeout: 300_000 },
});
