import { defineConfig } from 'polyagent';

export default defineConfig({ targets: ['claude-code', 'claude-plugin', 'agents-md'] });
