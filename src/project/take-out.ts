/** Writes a fragment that was taken out of agents, and the agents with a reference to it. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { realOf } from './paths.js';
import { codeOf } from './system-error.js';
import { writeWhole } from './write.js';

/** A source that is to be replaced. */
export interface Replacement {
  /** Absolute. */
  readonly file: string;
  /** What was read, and must be there still. */
  readonly before: Uint8Array;
  readonly after: string;
}

export interface TakeOutResult {
  /** Whether the fragment was written. */
  readonly written: boolean;
  /** Sources that were left alone, by path, with the reason. */
  readonly failures: ReadonlyMap<string, string>;
}

/** With fewer a fragment saves nothing. */
export const FEWEST_AGENTS = 2;

/**
 * Writes the fragment first: an agent never refers to one that is not there. A source that is not what was read is left
 * alone, and when fewer than two would be replaced nothing is written.
 */
export function takeOut(
  fragment: { readonly file: string; readonly content: string },
  replacements: readonly Replacement[],
): TakeOutResult {
  const failures = new Map<string, string>();
  const made = new Set<string>();
  for (const one of replacements) if (!isAsRead(one)) failures.set(one.file, CHANGED);
  if (replacements.length - failures.size < FEWEST_AGENTS) return { written: false, failures };
  if (existsSync(fragment.file)) {
    for (const { file } of replacements) failures.set(file, 'a file of the name of the fragment has appeared');
    return { written: false, failures };
  }
  writeWhole(fragment.file, fragment.content, made);
  for (const one of replacements.filter(({ file }) => !failures.has(file))) {
    try {
      if (!isAsRead(one)) {
        failures.set(one.file, CHANGED);
        continue;
      }
      // Through a link: what it leads to is the source.
      const real = realOf(one.file);
      writeWhole(real, one.after, made, statSync(real).mode);
    } catch (error) {
      failures.set(one.file, `it cannot be written (${codeOf(error)})`);
    }
  }
  return { written: true, failures };
}

const CHANGED = 'it was changed meanwhile';

function isAsRead({ file, before }: Replacement): boolean {
  try {
    return readFileSync(path.resolve(file)).equals(before);
  } catch {
    return false;
  }
}
