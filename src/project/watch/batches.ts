/** Gathers changes: what belongs together is built together. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

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
/** So many files a person saves at once. More are the work of a program, such as Git, which may pause in between. */
const FEW = 3;
/** A burst is waited for longer with each file that is more than few, up to the most. */
const QUIET_MS_PER_FILE = 5;
const MOST_QUIET_MS = 100;
/** Changes that do not end are built all the same: few files sooner than a burst. */
const MOST_MS = 1000;
const MOST_MS_OF_BURST = 2000;
/** A writer has emptied a file, and not filled it yet. One that stays empty for so long is meant to be. */
const EMPTY_MS = 200;
/** How long Git is waited for. `git commit` is at work for as long as somebody writes its message: then single saves are not to wait. */
const GIT_MS = 500;
const GIT_MS_OF_BURST = 5000;
/** After so long it is looked again whether a batch can be read. */
const LOOK_MS = 20;

/**
 * Hands batches out, one at a time: changes during one go into the next.
 * @param gitAtWork for how many milliseconds Git has been changing files
 */
export function createBatches(build: (batch: Batch) => Promise<void>, gitAtWork: () => number | undefined = () => undefined): Batches {
  let batch: Batch | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let closed = false;
  /** The last look was in vain. */
  let isLate = false;

  function add(change: (batch: Batch) => void): void {
    batch ??= { files: new Set(), folders: new Set(), since: performance.now() };
    change(batch);
    if (!running) schedule(batch);
  }

  function schedule(batch: Batch): void {
    if (closed) return;
    clearTimeout(timer);
    const more = sizeOf(batch) - FEW;
    const quiet = Math.min(MOST_QUIET_MS, QUIET_MS + Math.max(0, more) * QUIET_MS_PER_FILE);
    const most = more > 0 ? MOST_MS_OF_BURST : MOST_MS;
    timer = setTimeout(hand, Math.max(0, Math.min(quiet, batch.since + most - performance.now())));
  }

  /** Whether somebody is in the middle of writing. Of one who never comes to an end that is no longer asked. */
  function isUnfinished(batch: Batch): boolean {
    const waited = performance.now() - batch.since;
    const patience = sizeOf(batch) > FEW ? GIT_MS_OF_BURST : GIT_MS;
    if (waited < patience && (gitAtWork() ?? patience) < patience) return true;
    return waited < MOST_MS && [...batch.files, ...filesBelow(batch.folders)].some(isBeingFilled);
  }

  function hand(): void {
    const taken = batch;
    if (!taken) return;
    if (isUnfinished(taken)) {
      isLate = true;
      timer = setTimeout(hand, LOOK_MS);
      return;
    }
    // What was written last is told of in a moment.
    if (isLate) {
      isLate = false;
      schedule(taken);
      return;
    }
    batch = undefined;
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

const sizeOf = ({ files, folders }: Batch): number => files.size + folders.size;

/** Whether a file is empty that was not a moment ago, or was not there. */
function isBeingFilled(file: string): boolean {
  try {
    const stat = statSync(file);
    return stat.isFile() && stat.size === 0 && Math.abs(Date.now() - stat.mtimeMs) < EMPTY_MS;
  } catch {
    return false;
  }
}

/** What lies in folders that came. */
const filesBelow = (folders: ReadonlySet<string>): string[] => [...folders].flatMap((folder) => entriesBelow(folder) ?? []);

/** The absolute paths of all that lies in a folder and is none; `undefined` when the folder is gone. */
export function entriesBelow(folder: string): string[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
  } catch {
    return undefined;
  }
}
