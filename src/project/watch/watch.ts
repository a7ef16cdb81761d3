/** Builds a project again whenever something changes that it is made of. */
import path from 'node:path';
import { isInside, pathFrom } from '../paths.js';
import { openSession, type Watched } from '../session.js';
import type { BuildOptions } from '../settings.js';
import type { BuildResult } from '../update.js';
import { UsageError } from '../usage-error.js';
import { type Batch, createBatches, entriesBelow } from './batches.js';
import { createFollower } from './follow.js';
import { gitAtWork } from './git.js';
import { installedIn, isInstalled } from './packages.js';

/** One build. */
export interface Update {
  /** Absolute paths of what changed, sorted; none for the first build, and for a look at what may have been missed. */
  readonly changed: readonly string[];
  readonly first: boolean;
  /** The config was read anew. */
  readonly reloaded: boolean;
  /** From the first sign of a change to the last output; of the first build, its own time. */
  readonly ms: number;
  /** What was built, or why nothing could be. */
  readonly outcome: BuildResult | UsageError;
}

export interface WatchListener {
  updated(update: Update): void;
  /**
   * The config was changed and cannot be used, or is gone: what it said before counts on.
   * @param changed absolute paths, sorted
   */
  configBroken(error: UsageError, changed: readonly string[]): void;
  /** A folder cannot be watched: changes there are not seen. */
  unseen(error: UsageError): void;
}

/** Why a watch ended: it was closed, or packages were installed, which only a new process sees. */
export type Ending = 'closed' | 'packages';

export interface Watch {
  /** Settled when nothing runs any more. Fails for a bug of ours. */
  readonly ended: Promise<Ending>;
  /** Ends, when the build that runs is done. */
  close(): void;
}

/** What a watch is made of; tests bring their own. */
export interface Parts {
  readonly open: typeof openSession;
  readonly watch: Parameters<typeof createFollower>[3];
}

/** More changed files than this are not told one by one: of so many events the system may have dropped some. */
const MOST_TOLD = 1000;
/** A file that went between two calls is gone for good after this, or there again. */
const RETRY_MS = 100;
/**
 * On macOS the watches of a process are one stream, which begins anew when a watch is added, without what happened just
 * before (watchpack's `RESCAN_ON_RESTART`, https://github.com/webpack/watchpack).
 */
const SETTLE_MS = process.platform === 'darwin' ? 250 : 0;

/** Starts to watch. Throws a UsageError for wrong use, for a wrong config, and where nothing can be watched. */
export async function watchProject(options: BuildOptions, listener: WatchListener, parts: Partial<Parts> = {}): Promise<Watch> {
  const open = parts.open ?? openSession;
  let session = await open(options);
  /** Files to blame for a config that cannot be used. */
  let blamed: readonly string[] | undefined;
  let last: BuildResult | undefined;
  let followed: Watched | undefined;
  let refused: NodeJS.ErrnoException | undefined;
  let first = true;
  let closing = false;
  let end: (ending: Ending) => void;
  let fail: (error: unknown) => void;
  const ended = new Promise<Ending>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });

  const batches = createBatches(
    (batch) => handle(batch).catch((error: unknown) => void shutDown(() => fail(error))),
    gitAtWork(options.cwd),
  );
  const follower = createFollower(
    options.cwd,
    (file) => session.isOwn(file),
    {
      file: batches.file,
      folder: batches.folder,
      failed: (error) => {
        refused = error;
      },
    },
    parts.watch,
  );

  async function shutDown(settle: () => void): Promise<void> {
    if (closing) return;
    closing = true;
    await batches.close();
    follower.close();
    await session.close();
    settle();
  }

  async function handle(batch: Batch): Promise<void> {
    // Before anything is read: what comes later is seen.
    follower.refresh();
    const files = [...batch.files].filter((file) => !session.isOwn(file));
    const folders = [...batch.folders].filter((folder) => !isOurDoing(folder));
    const changed = [...files, ...folders].sort();
    if (closing || (changed.length === 0 && batch.files.size + batch.folders.size > 0)) return;
    if (files.some((file) => isInstalled(file, options.cwd))) {
      void shutDown(() => end('packages'));
      return;
    }
    const ofConfig = [...session.configFiles, ...(blamed ?? [])];
    // What is to blame for a config may have been mended before it was followed.
    const isConfig = changed.length === 0 ? blamed !== undefined : changed.some((one) => ofConfig.some((file) => isInside(file, one)));
    const reloaded = isConfig && (await reopen(changed));
    if (!isConfig || reloaded || !changed.every((one) => ofConfig.includes(one)))
      await update(batch, changed, folders.length > 0, reloaded);
    follow();
  }

  /** Reads the config again. When it cannot be used, the session stays as it is. */
  async function reopen(changed: readonly string[]): Promise<boolean> {
    try {
      const next = await open(options);
      if (session.config !== undefined && next.config === undefined) throw goneConfig(session.config, options.cwd);
      await session.close();
      session = next;
      blamed = undefined;
      return true;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      blamed = error.files;
      if (changed.length > 0) {
        followed = undefined;
        listener.configBroken(error, changed);
      }
      return false;
    }
  }

  async function update({ since }: Batch, changed: readonly string[], anything: boolean, reloaded: boolean): Promise<void> {
    const started = performance.now();
    const isTold = changed.length > 0 && changed.length <= MOST_TOLD && !anything && !reloaded;
    const outcome = await attempt(isTold ? new Set(changed) : undefined);
    last = outcome instanceof UsageError ? undefined : outcome;
    const told = { changed, first, reloaded, ms: performance.now() - (first ? started : since), outcome };
    first = false;
    if (!closing) listener.updated(told);
  }

  /** Builds; once more when a file went in the middle of it. */
  async function attempt(changed: ReadonlySet<string> | undefined, again = true): Promise<BuildResult | UsageError> {
    try {
      return await session.update(changed);
    } catch (error) {
      if (error instanceof UsageError) return error;
      if (!(error instanceof Error) || typeof (error as NodeJS.ErrnoException).syscall !== 'string') throw error;
      if (!again) return new UsageError(`Nothing can be built: ${error.message}`, 'It is tried again with the next change.');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      return attempt(undefined, false);
    }
  }

  /** Follows what the session is made of by now. */
  function follow(): void {
    const watched = session.watched();
    if (watched === followed) return;
    const isStart = followed === undefined && first;
    followed = watched;
    const files = [...watched.files, ...session.configFiles, ...(blamed ?? []), ...installedIn(options.cwd)];
    const isMore = follower.follow({ ...watched, files });
    // What was read before it was watched may be another by now.
    if (isMore && !isStart) batches.look();
    if (isMore && SETTLE_MS > 0) setTimeout(batches.look, SETTLE_MS).unref();
    if (refused && !isStart) listener.unseen(reasonOf(refused));
  }

  /** Whether a folder came or went by our own outputs: none of the files that are there, or were, is another's. */
  function isOurDoing(folder: string): boolean {
    const entries = entriesBelow(folder);
    // A folder of sources that was missing is there, though empty: it was what nothing could be built without.
    if (!last && entries?.length === 0 && session.watched().folders.includes(folder)) return false;
    if (entries) return entries.every((file) => session.isOwn(file));
    return last?.removed.some((file) => isInside(path.resolve(options.cwd, file), folder)) === true;
  }

  follow();
  if (refused) {
    follower.close();
    await session.close();
    throw reasonOf(refused);
  }
  batches.look();
  return { ended, close: () => void shutDown(() => end('closed')) };
}

/** A config may go for a moment: a stash, a checkout, an editor. Without one every target would be built, into another folder. */
const goneConfig = (file: string, cwd: string): UsageError =>
  new UsageError(`${pathFrom(cwd, file)} is gone`, 'Bring it back; or start the watch anew, to go on without a config.');

function reasonOf({ code, message }: NodeJS.ErrnoException): UsageError {
  if (code === 'ENOSPC')
    return new UsageError(
      'The system gives no more file watches (ENOSPC)',
      'Raise its limit: `sudo sysctl fs.inotify.max_user_watches=524288` until the next start, a line in /etc/sysctl.conf for good; or end other programs that watch.',
    );
  if (code === 'EMFILE' || code === 'ENFILE')
    return new UsageError(
      `Too many files are open to watch any (${code})`,
      'Raise the limits: `ulimit -n 65536`, and on Linux `sudo sysctl fs.inotify.max_user_instances=1024`; or end other programs that watch.',
    );
  return new UsageError(`The folder cannot be watched: ${message}`, 'Make it readable, or name other sources.');
}
