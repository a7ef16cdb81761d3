/** Gathers changes: what belongs together is built together. */
import { statSync } from 'node:fs';

/** Changes that are built together. */
export interface Batch {
  /** Absolute paths of files. */
  readonly files: Set<string>;
  /** Absolute paths of folders that came or went. */
  readonly folders: Set<string>;
  /** When the first of them was seen, on the clock of `performance`. */
  readonly since: number;
}

export interface Batches {
  file(file: string): void;
  folder(folder: string): void;
  /** Asks for a batch, of nothing in particular. */
  look(): void;
  /** Ends, when the batch that is being built is done. */
  close(): Promise<void>;
}

/** An event may come before the writer is done: nothing is read for so long. */
const QUIET_MS = 5;
/** A burst is waited for a little longer with each file, up to the most. */
const QUIET_MS_PER_FILE = 0.25;
const MOST_QUIET_MS = 100;
/** Changes that do not end are built all the same. */
const MOST_MS = 1000;
/** A writer has emptied a file, and not filled it yet. */
const EMPTY_MS = 25;
/** Of more files none is looked at for being empty: they come from no editor. */
const MOST_FROM_EDITOR = 20;

/** Hands batches out, one at a time: changes during one go into the next. */
export function createBatches(build: (batch: Batch) => Promise<void>): Batches {
  let batch: Batch | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let closed = false;
  let waited = false;

  function add(change: (batch: Batch) => void): void {
    batch ??= { files: new Set(), folders: new Set(), since: performance.now() };
    change(batch);
    if (!running) schedule(batch);
  }

  function schedule({ files, folders, since }: Batch): void {
    if (closed) return;
    clearTimeout(timer);
    const quiet = Math.min(MOST_QUIET_MS, QUIET_MS + (files.size + folders.size - 1) * QUIET_MS_PER_FILE);
    timer = setTimeout(hand, Math.max(0, Math.min(quiet, since + MOST_MS - performance.now())));
  }

  function hand(): void {
    const taken = batch;
    if (!taken) return;
    if (!waited && taken.files.size <= MOST_FROM_EDITOR && [...taken.files].some(isEmpty)) {
      waited = true;
      timer = setTimeout(hand, EMPTY_MS);
      return;
    }
    batch = undefined;
    waited = false;
    running = build(taken).finally(() => {
      running = undefined;
      if (batch) schedule(batch);
    });
  }

  return {
    file: (file) => add(({ files }) => files.add(file)),
    folder: (folder) => add(({ folders }) => folders.add(folder)),
    look: () => add(() => undefined),
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}

function isEmpty(file: string): boolean {
  try {
    const stat = statSync(file);
    return stat.isFile() && stat.size === 0;
  } catch {
    return false;
  }
}
