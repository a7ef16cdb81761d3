import type { Plugin as EsbuildPlugin } from 'esbuild';

export const TEMPLATE_OPTIONS: { strict: boolean; noEscape: boolean; knownHelpersOnly: boolean };
export const esbuildHandlebars: EsbuildPlugin;
export const viteHandlebars: { name: string; transform(source: string, id: string): { code: string; map: null } | undefined };
