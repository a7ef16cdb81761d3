/** build.config.ts → Config, checked. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { nearest } from '../diagnostics/nearest.js';
import { RULES } from '../diagnostics/rules.js';
import { cacheFolder } from './cache/folder.js';
import type { Config } from './define-config.js';
import { runConfig } from './run-config.js';
import { UsageError } from './usage-error.js';

/** A config with the folder that its paths are relative to. */
export interface LoadedConfig {
  readonly config: Config;
  readonly root: string;
  /** The file it came from; absent when there is none. */
  readonly file?: string;
  /** Absolute paths of the files that say what is loaded: the config and what it imports, and places where a config may come. */
  readonly files: readonly string[];
  /** What it says depends on that one file alone, as far as one can see. */
  readonly isHermetic: boolean;
}

/** A config of one of these names is found without being named. */
const CONFIG_NAMES = ['build.config.ts', 'build.config.mts', 'build.config.js', 'build.config.mjs'];

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
 * @param caches whether a bundle of it may be kept and used
 */
export async function loadConfig(cwd: string, named: string | undefined, caches: boolean): Promise<LoadedConfig> {
  const places = configPlaces(cwd, named);
  const file = places.find((place) => named !== undefined || existsSync(place));
  if (file === undefined) return { config: {}, root: cwd, files: places, isHermetic: true };
  if (!existsSync(file)) throw new UsageError(`There is no config ${named}`, 'Check the path after --config.');
  const root = path.dirname(file);
  const { value, modules, isHermetic } = await runConfig(file, caches ? cacheFolder(root) : undefined);
  const files = [...new Set([...places, ...modules])];
  return { config: blaming(files, () => checkConfig(value, path.relative(cwd, file))), root, file, files, isHermetic };
}

/** Does something; a UsageError in it says which files may be to blame. */
export function blaming<T>(files: readonly string[], act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(error.message, error.help, files) : error;
  }
}

/** Absolute paths at which a config is looked for. */
const configPlaces = (cwd: string, named?: string): string[] =>
  named === undefined ? CONFIG_NAMES.map((name) => path.join(cwd, name)) : [path.resolve(cwd, named)];

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
