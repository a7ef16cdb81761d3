/** build.config.ts → what it exports, by way of a bundle. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildOptions, Plugin } from 'esbuild';
import { type Ingredients, keepBundle, readBundle } from './cache/config-bundle.js';
import { hashOf } from './cache/inputs.js';
import { lookupsOf } from './config-lookups.js';
import { UsageError } from './usage-error.js';

export interface RunConfig {
  /** The default export. */
  readonly value: unknown;
  /** The absolute paths of the config and of every module that it imports, those of packages too. */
  readonly modules: readonly string[];
  /** It is one file, and nothing in it looks as if it asked for more: the environment, the disk, the clock. */
  readonly isHermetic: boolean;
}

/**
 * Runs a config, anew each time. Throws a UsageError for one that does not run, with the modules that were read before it
 * failed: a change of one may mend it.
 * @param cache the folder in which its bundle is kept; absent: nowhere
 */
export async function runConfig(file: string, cache: string | undefined): Promise<RunConfig> {
  const key = JSON.stringify([file, optionsFor(file), ownLibrary(), process.env.NODE_PATH]);
  const kept = cache === undefined ? undefined : readBundle(cache, key);
  let modules: readonly string[] = kept?.modules ?? [file];
  try {
    if (kept) return { value: await exportOf(kept.file), modules, isHermetic: isHermetic(readFileSync(kept.file, 'utf8'), modules) };
    const loaded = new Map<string, string>();
    const { text, settings } = await bundle(file, loaded).finally(() => {
      modules = [...new Set([file, ...loaded.keys()])];
    });
    const made = cache === undefined ? undefined : keepBundle(cache, key, text, { modules: loaded, settings });
    return { value: made === undefined ? await exportOfText(text) : await exportOf(made), modules, isHermetic: isHermetic(text, modules) };
  } catch (error) {
    throw new UsageError(
      `${path.basename(file)} does not run: ${reasonOf(error)}`,
      'Mend the config, or name another one with --config.',
      modules,
    );
  }
}

/** Words by which a program asks for something that is not its own. Whatever looks like one counts, but for `web-fetch`, a capability. */
const ASKS =
  /\b(?:process|require|global|globalThis|Date|Intl|performance|crypto|(?<!\bweb-)fetch|eval|Function|random|import\s*\(|import\.meta)\b/;

function isHermetic(bundle: string, modules: readonly string[]): boolean {
  const code = bundle.startsWith('//') ? bundle.slice(bundle.indexOf('\n')) : bundle;
  const imported = [...code.matchAll(/\b(?:from|import)\s*["']([^"']*)["']/g)].map(([, name]) => name);
  // What an import means depends on more than on the file that it means now.
  return modules.length === 1 && imported.every((name) => name === ownLibrary()) && !ASKS.test(code.replaceAll(ownLibrary(), ''));
}

/** Which run of a process it is: a module of one address is run once only, and what a config reads may have changed. */
let runs = 0;

async function exportOf(module: string): Promise<unknown> {
  const { default: value }: { default?: unknown } = await import(`${pathToFileURL(module).href}?${runs++}`);
  return value;
}

async function exportOfText(text: string): Promise<unknown> {
  const folder = mkdtempSync(path.join(tmpdir(), 'polyagent-config-'));
  try {
    const module = path.join(folder, 'config.mjs');
    writeFileSync(module, text);
    return await exportOf(module);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Bundles a config. esbuild is loaded here and nowhere else: it alone takes 24 ms.
 * @param loaded gets the hash of each module as it was bundled, by its absolute path
 */
async function bundle(file: string, loaded: Map<string, string>): Promise<{ text: string; settings: Ingredients['settings'] }> {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({ ...optionsFor(file), write: false, metafile: true, plugins: [pluginFor(loaded)] });
  // Another esbuild may bundle otherwise.
  const esbuild = createRequire(import.meta.url).resolve('esbuild/package.json');
  return { text: outputFiles[0]?.text ?? '', settings: [esbuild, ...lookupsOf(metafile, path.dirname(file))] };
}

const optionsFor = (file: string): BuildOptions => ({
  entryPoints: [file],
  absWorkingDir: path.dirname(file),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'silent',
  define: { 'import.meta.url': JSON.stringify(pathToFileURL(file).href), 'import.meta.dirname': JSON.stringify(path.dirname(file)) },
});

/** Reads the modules, so that the hash of each is of the very bytes that are bundled. */
const pluginFor = (loaded: Map<string, string>): Plugin => ({
  name: 'polyagent',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^polyagent$/ }, () => ({ path: ownLibrary(), external: true }));
    onLoad({ filter: /^/, namespace: 'file' }, ({ path: module }) => {
      const contents = readFileSync(module);
      loaded.set(module, hashOf(contents));
      return { contents, loader: 'default' };
    });
  },
});

/** A config that says `import … from 'polyagent'` gets the polyagent that reads it, installed there or not. */
function ownLibrary(): string {
  return new URL('./index.js', import.meta.url).href;
}

function reasonOf(error: unknown): string {
  if (error !== null && typeof error === 'object' && 'errors' in error && Array.isArray(error.errors)) {
    const [first] = error.errors as { text: string; location?: { line: number; column: number } | null }[];
    if (first) return `${first.text}${first.location ? ` (line ${first.location.line}, column ${first.location.column + 1})` : ''}`;
  }
  return error instanceof Error ? error.message : String(error);
}
