/**
 * The bundle of a config, kept with the state of every file that it was made from: while none of them has changed, the
 * bundler is not even loaded. One file holds both, so that they are of one time whoever writes them.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { writeWhole } from '../write.js';
import { hashOf, shortHashOf } from './inputs.js';

/** What a bundle was made from. */
export interface Ingredients {
  /** The modules in it: SHA-256 by absolute path. */
  readonly modules: ReadonlyMap<string, string>;
  /** Files that say what imports mean, and places where one would be taken before the one that was: absolute paths. */
  readonly settings: readonly string[];
}

export interface KeptBundle {
  /** The file to import. */
  readonly file: string;
  /** The absolute paths of the modules in it. */
  readonly modules: readonly string[];
}

/** Counts up when what stands in the file changes. */
const FORMAT = 1;

const state = v.record(v.string(), v.nullable(v.string()));
const HEAD = v.object({ format: v.literal(FORMAT), key: v.string(), bundle: v.string(), modules: state, settings: state });

/**
 * Gives a bundle that still is what bundling would make.
 * @param key all that it depends on beside files
 */
export function readBundle(folder: string, key: string): KeptBundle | undefined {
  const file = fileOf(folder, key);
  try {
    const text = readFileSync(file, 'utf8');
    const end = text.indexOf('\n');
    const head = v.parse(HEAD, JSON.parse(text.slice(COMMENT.length, end)));
    const states = [...Object.entries(head.modules), ...Object.entries(head.settings)];
    const isSame = head.key === key && head.bundle === hashOf(text.slice(end + 1)) && states.every(([one, hash]) => stateOf(one) === hash);
    return isSame ? { file, modules: Object.keys(head.modules) } : undefined;
  } catch {
    // Not there, broken, of another version: whatever it is, bundling needs it for nothing.
    return undefined;
  }
}

/** Keeps a bundle; gives its file, or nothing where none can be written. */
export function keepBundle(folder: string, key: string, bundle: string, { modules, settings }: Ingredients): string | undefined {
  const file = fileOf(folder, key);
  const states = Object.fromEntries(settings.map((one) => [one, stateOf(one)]));
  const head: v.InferOutput<typeof HEAD> = {
    format: FORMAT,
    key,
    bundle: hashOf(bundle),
    modules: Object.fromEntries(modules),
    settings: states,
  };
  try {
    writeWhole(file, `${COMMENT}${JSON.stringify(head)}\n${bundle}`, new Set());
    return file;
  } catch {
    return undefined;
  }
}

const COMMENT = '// ';

const fileOf = (folder: string, key: string): string => path.join(folder, `config-${shortHashOf(key)}.mjs`);

/** The hash of a file; `null` when none can be read there. */
function stateOf(file: string): string | null {
  try {
    return hashOf(readFileSync(file));
  } catch {
    return null;
  }
}
