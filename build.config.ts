import { defineConfig } from 'polyagent';

/** Compiles this repository's own agents. */
export default defineConfig({
  agents: 'agents',
  outDir: 'dist/agents',
});
