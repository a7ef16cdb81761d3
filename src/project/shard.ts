/** `2/8` → the part of a build that one of several machines does. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Target } from '../targets/target.js';
import type { ManifestEntry } from './manifest.js';
import { oncePer } from './once-per.js';
import { slashed } from './paths.js';
import { UsageError } from './usage-error.js';

/**
 * One share of so many. A source is in the share that its path from the project's root says, whatever others there are: a
 * new agent moves no other one. What stands once for a target is in the share that the name of the target says.
 */
export interface Shard {
  /** As the command line says it. */
  readonly text: string;
  /** Whether the files that an agent has for itself are in it. */
  hasAgent(file: string): boolean;
  /** Whether what stands once for a target is in it: the file that its agents share, or a manifest. */
  hasTarget(name: string): boolean;
  /** Whether it says what becomes of an entry of a manifest in a folder. */
  hasEntry(folder: string, entry: ManifestEntry): boolean;
}

/** Throws a UsageError for what is no share. */
export function readShard(text: string, { root, cwd }: { readonly root: string; readonly cwd: string }): Shard {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text)?.map(Number) ?? [];
  if (!index || !count || index > count)
    throw new UsageError(`--shard is \`${text}\``, 'Say which share of how many: from 1/8 to 8/8 they are the whole.');
  const has = (name: string): boolean => (numberOf(name) % count) + 1 === index;
  // By composed letters: disks differ in how they keep a name.
  const hasAgent = (file: string): boolean => has(slashed(path.relative(root, path.resolve(cwd, file))).normalize('NFC'));
  return {
    text,
    hasAgent,
    hasTarget: has,
    hasEntry: (folder, { part, target, source }) => (part ? has(target) : hasAgent(path.resolve(folder, source))),
  };
}

/** The targets for which a build makes the outputs of each agent, by its path. */
export function targetsByAgent(shard: Shard | undefined, targets: readonly Target[]): (file: string) => readonly Target[] {
  if (!shard) return () => targets;
  const together = targets.filter(({ name, shared }) => shared && shard.hasTarget(name));
  const all = targets.filter((target) => !target.shared || together.includes(target));
  return oncePer((file) => (shard.hasAgent(file) ? all : together));
}

/** A number that a name always has, as evenly spread as a hash is. */
const numberOf = (name: string): number => createHash('sha256').update(name).digest().readUInt32BE();
