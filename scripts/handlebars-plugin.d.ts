import type { Plugin as EsbuildPlugin } from 'esbuild';
import type { Plugin as VitePlugin } from 'vite';

export const esbuildHandlebars: EsbuildPlugin;
export const viteHandlebars: VitePlugin;
