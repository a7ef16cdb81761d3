import { UsageError } from '../../project/usage-error.js';
import type { Update } from '../../project/watch/watch.js';

/** Tells of what happens during a watch. */
export interface Teller {
  updated(update: Update): void;
  /** @param changed absolute paths */
  configBroken(error: UsageError, changed: readonly string[]): void;
  /** Changes in a folder are not seen. */
  unseen(error: UsageError): void;
  /** Another build is waited for, in words. */
  waiting(line: string): void;
  /** A command is about to write to the terminal. */
  hookStarting(): void;
  /** @param result the exit code, a signal, or why it did not start */
  hookEnded(result: number | string): void;
  /** Packages were installed, and a new process takes over. */
  restarting(): void;
  ended(): void;
}

/** Outputs that a build changed, relative to the working folder. */
export interface Changes {
  readonly written: readonly string[];
  readonly removed: readonly string[];
}

/** What a build changed on the disk. */
export function changesOf({ outcome }: Update): Changes {
  if (outcome instanceof UsageError) return { written: [], removed: [] };
  return { written: outcome.files.filter(({ action }) => action !== 'unchanged').map((file) => file.path), removed: outcome.removed };
}
