/** build.config.ts → Config, checked. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import { nearest } from '../diagnostics/nearest.js';
import { RULES } from '../diagnostics/rules.js';
import type { Config } from './define-config.js';
import { UsageError } from './usage-error.js';

/** A config with the folder that its paths are relative to. */
export interface LoadedConfig {
  readonly config: Config;
  readonly root: string;
  /** The file it came from; absent when there is none. */
  readonly file?: string;
}

const NAMES = ['build.config.ts', 'build.config.mts', 'build.config.js', 'build.config.mjs'];

const texts = v.union([v.string(), v.array(v.string())]);
const SCHEMA = v.strictObject({
  agents: v.optional(texts),
  fragments: v.optional(texts),
  templates: v.optional(v.string()),
  outDir: v.optional(v.string()),
  targets: v.optional(
    v.array(
      v.union([
        v.string(),
        v.strictObject({
          name: v.string(),
          outDir: v.optional(v.string()),
          manifest: v.optional(v.record(v.string(), v.unknown())),
        }),
        v.looseObject({ name: v.string(), fields: v.looseObject({}) }),
      ]),
    ),
  ),
  variants: v.optional(v.record(v.string(), v.union([v.literal(false), v.record(v.string(), v.unknown())]))),
  outline: v.optional(
    v.union([
      v.array(v.string()),
      v.array(v.strictObject({ sections: v.array(v.string()), folder: v.optional(v.string()), tag: v.optional(v.string()) })),
    ]),
  ),
  models: v.optional(v.record(v.string(), v.record(v.string(), v.string()))),
  rules: v.optional(v.record(v.string(), v.picklist(['off', 'info', 'warning', 'error']))),
  sourceMaps: v.optional(v.boolean()),
  parser: v.optional(v.picklist(['remark', 'satteri'])),
});

/**
 * Loads the config of a folder, or the one that is named. Without one the defaults hold.
 * Throws a UsageError for a config that does not run or says what no config may say.
 */
export async function loadConfig(cwd: string, named?: string): Promise<LoadedConfig> {
  const file =
    named === undefined ? NAMES.map((name) => path.join(cwd, name)).find((candidate) => existsSync(candidate)) : path.resolve(cwd, named);
  if (file === undefined) return { config: {}, root: cwd };
  if (!existsSync(file)) throw new UsageError(`There is no config ${named}`, 'Check the path after --config.');
  const config = checkConfig(await run(file), path.relative(cwd, file));
  return { config, root: path.dirname(file), file };
}

/** Bundles a config and imports it. esbuild is loaded here and nowhere else: it alone takes 24 ms. */
async function run(file: string): Promise<unknown> {
  const { build } = await import('esbuild');
  const folder = mkdtempSync(path.join(tmpdir(), 'polyagent-config-'));
  const bundle = path.join(folder, 'config.mjs');
  try {
    const result = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'silent',
      define: { 'import.meta.url': JSON.stringify(pathToFileURL(file).href), 'import.meta.dirname': JSON.stringify(path.dirname(file)) },
      plugins: [
        {
          name: 'polyagent',
          setup: ({ onResolve }) => onResolve({ filter: /^polyagent$/ }, () => ({ path: ownLibrary(), external: true })),
        },
      ],
    });
    writeFileSync(bundle, result.outputFiles[0]?.text ?? '');
    const module: { default?: unknown } = await import(pathToFileURL(bundle).href);
    return module.default;
  } catch (error) {
    throw new UsageError(`${path.basename(file)} does not run: ${reasonOf(error)}`, 'Mend the config, or name another one with --config.');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

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

const OUTLINE_KEYS = ['sections', 'folder', 'tag'];

/** What is wrong with `outline`, in words; the schema knows only that it is none of several shapes. */
function checkOutline(outline: unknown, file: string): void {
  if (outline === undefined || v.is(SCHEMA.entries.outline, outline)) return;
  const rules: unknown[] = Array.isArray(outline) ? outline : [];
  const strange = rules.flatMap((rule) => (rule !== null && typeof rule === 'object' ? Object.keys(rule) : [])).find(isNoOutlineKey);
  const near = strange === undefined ? undefined : nearest(strange, OUTLINE_KEYS);
  throw new UsageError(
    strange === undefined
      ? `${file}: \`outline\` is no list of titles or of rules`
      : `${file} has an unknown key \`${strange}\` in \`outline\``,
    `${near ? `Did you mean \`${near}\`? ` : ''}Write \`['Title', …]\`, or rules \`[{ sections: ['Title', …], folder: 'agents/web', tag: 'service' }]\`; \`folder\` and \`tag\` may be left out.`,
  );
}

const isNoOutlineKey = (key: string): boolean => !OUTLINE_KEYS.includes(key);

function checkConfig(config: unknown, file: string): Config {
  if (config === null || typeof config !== 'object' || Array.isArray(config)) {
    throw new UsageError(
      `${file} exports no config`,
      "Write `export default defineConfig({ … })` with `import { defineConfig } from 'polyagent'`.",
    );
  }
  checkOutline('outline' in config ? config.outline : undefined, file);
  const result = v.safeParse(SCHEMA, config);
  if (!result.success) {
    const [issue] = result.issues;
    const key = issue.path?.map((part) => String(part.key)).join('.') ?? '';
    const near = nearest(key, Object.keys(SCHEMA.entries));
    const unknown = issue.type === 'strict_object' && issue.expected === 'never';
    throw new UsageError(
      unknown ? `${file} has an unknown key \`${key}\`` : `${file}: \`${key}\` is wrong: ${issue.message}`,
      near && unknown ? `Did you mean \`${near}\`?` : `Keys: ${Object.keys(SCHEMA.entries).join(', ')}.`,
    );
  }
  const codes = Object.keys(RULES);
  for (const code of Object.keys(result.output.rules ?? {})) {
    if (codes.includes(code)) continue;
    const near = nearest(code, codes);
    throw new UsageError(
      `${file}: there is no diagnostic \`${code}\``,
      near ? `Did you mean \`${near}\`?` : 'See docs/diagnostics.md for the codes.',
    );
  }
  return config;
}
