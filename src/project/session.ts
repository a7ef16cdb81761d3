/** A project that is built again and again: what one build knows, the next one need not find out. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createTreeMemory } from '../markdown/tree-memory.js';
import { createInputs } from './cache/inputs.js';
import { looksTheSame } from './cache/looks.js';
import { isSame, ownStampAt } from './cache/stamps.js';
import type { CarriedOut } from './carry-out.js';
import { placesToLook } from './discover.js';
import { updateSome } from './edit.js';
import { withoutCleared } from './former-places.js';
import { keep, recall, wholeOutputs } from './keep.js';
import { withLock } from './lock.js';
import { sharedFilesIn } from './manifest.js';
import { isOwnFile } from './own-files.js';
import { isInside, pathFrom, realOf } from './paths.js';
import { type BuildOptions, readSettings, type Settings } from './settings.js';
import { type BuildResult, type BuiltFile, type Live, manifestStamps, resultOf, update } from './update.js';
import { createWriter } from './write.js';

export interface Session {
  /**
   * Builds what has changed. Throws a UsageError when nothing can be built: there are no agents.
   * @param changed absolute paths that may have changed, come or gone; absent: anything may have
   */
  update(changed?: ReadonlySet<string>): Promise<BuildResult>;
  /** The same object as before when nothing in it is new. */
  watched(): Watched;
  /** The config; absent when there is none. */
  readonly config: string | undefined;
  /** Files of the config, and places where one may come: when one changes, the session must be opened anew. */
  readonly configFiles: readonly string[];
  /** Whether a path is an output, a manifest, a lock or a draft of ours, whose change is our own doing. */
  isOwn(file: string): boolean;
  close(): Promise<void>;
}

/** Absolute paths whose change makes another result, there already or not. */
export interface Watched {
  /** Files outside of the folders. */
  readonly files: readonly string[];
  /** Folders in which files may come and go, below them too. */
  readonly folders: readonly string[];
  /** Folders in which only files count whose name begins with `_`: the bases above the sources. */
  readonly bases: readonly string[];
}

/** After so many small builds the manifests are written. Until then their journals say what is new. */
const MOST_EDITS = 200;

/** Opens a project. Throws a UsageError for wrong use or a wrong config. */
export async function openSession(options: BuildOptions): Promise<Session> {
  const read = await readSettings(options);
  const trees = createTreeMemory(read.parser);
  let settings: Settings = { ...read, parser: trees.parse };
  const isApart = apartFrom(settings);
  let watched = watchedOf(settings);
  let live: Live | undefined;
  let known = recall(options);
  let done: CarriedOut | undefined;
  /** Files with parts of ours. */
  let shared = new Set<string>();
  const removed = new Set<string>();
  let edits = 0;
  /** How this session left the manifests. Taken and compared while nobody else writes. */
  let stamps = '';

  function noteStamps(): void {
    settings = withoutCleared(settings);
    stamps = manifestStamps(settings);
  }

  async function updateAll(): Promise<BuildResult> {
    const built: BuiltFile[] = [];
    stamps = '';
    const updated = await update(settings, known, { ...collect(built), onProgress: options.onProgress, onEnd: noteStamps });
    live = updated.live;
    known = live.known;
    done = updated.done;
    edits = 0;
    const next = watchedOf(settings, live);
    if (JSON.stringify(next) !== JSON.stringify(watched)) watched = next;
    shared = sharedIn(live);
    return resultOf(live, updated.done, { files: built });
  }

  /** Builds some agents again. Nothing when more may have changed than they. */
  async function updateFew(changed: ReadonlySet<string>): Promise<BuildResult | undefined> {
    const before = live;
    if (!before) return undefined;
    const built: BuiltFile[] = [];
    const after = await withLock(
      settings.manifestFolders,
      () => {
        if (stamps !== manifestStamps(settings)) return undefined;
        stamps = '';
        const edited = trees.keepDuring(() => updateSome(before, changed, collect(built)));
        noteStamps();
        return edited;
      },
      settings.onWait,
    );
    if (!after) return undefined;
    live = after.live;
    known = live.known;
    if (++edits >= MOST_EDITS) await fold();
    return resultOf(after.live, after.done, { files: built, recent: after.recent });
  }

  /** Says whether all files look as they did when a build left nothing to say against them. */
  function isUnchanged({ prepared, known: now, failed, findings }: Live): boolean {
    const isWrong = failed.size > 0 || findings.some(({ severity }) => severity === 'error') || prepared.looks.closed.size > 0;
    // Of a shared file the parts are known, and not the rest.
    if (isWrong || shared.size > 0 || stamps !== manifestStamps(settings) || !looksTheSame(prepared.looks)) return false;
    const inputs = createInputs(now.inputs);
    if (![...now.inputs].every(([file, { hash }]) => inputs.open(file).hash === hash)) return false;
    for (const [file, { stamp }] of wholeOutputs({ prepared, known: now })) {
      const found = stamp && ownStampAt(file);
      if (!found || !isSame(found, stamp)) return false;
    }
    return true;
  }

  function resultOfNothing(): BuildResult | undefined {
    if (!live || !done || !isUnchanged(live)) return undefined;
    const { added, changed, unchanged } = done.counts;
    return resultOf(
      live,
      { ...done, counts: { added: 0, changed: 0, unchanged: added + changed + unchanged }, adopted: 0, removed: [] },
      {},
    );
  }

  const collect = (built: BuiltFile[]): { readonly onBuilt: (output: { file: string } & Omit<BuiltFile, 'path'>) => void } => ({
    onBuilt: ({ file, ...output }) => {
      if (output.action !== 'unchanged') built.push({ path: pathFrom(settings.cwd, file), ...output });
    },
  });

  /** Writes the manifests, so that the journals can go. */
  async function fold(): Promise<void> {
    const { ownership } = live?.prepared ?? {};
    if (ownership && edits > 0)
      await withLock(settings.manifestFolders, () => {
        if (stamps !== manifestStamps(settings)) return;
        createWriter(settings.manifestFolders, settings.project).finish(ownership, 'manifests');
        noteStamps();
      });
    edits = 0;
  }

  return {
    config: settings.config,
    configFiles: settings.configFiles,
    watched: () => watched,
    async update(changed) {
      const result = changed ? await updateFew(changed) : resultOfNothing();
      const built = result ?? (await updateAll());
      for (const file of built.removed) removed.add(path.resolve(settings.cwd, file));
      return built;
    },
    isOwn(file) {
      const real = path.join(realOf(path.dirname(file)), path.basename(file));
      if (isOwnFile(path.basename(file)) || isApart(real)) return true;
      const isOutput = [...(live?.prepared.ownership.manifests ?? [])].some(([folder, manifest]) => manifest.has(pathFrom(folder, real)));
      return !live?.prepared.realSources().has(real) && (isOutput || shared.has(real) || (removed.has(real) && !existsSync(real)));
    },
    async close() {
      await fold();
      // What others wrote meanwhile, this session does not know.
      if (live && done) keep(live, done, options, false);
    },
  };
}

/** Tells whether a path lies in the output folder, when that holds outputs only. */
function apartFrom(settings: Settings): (file: string) => boolean {
  const places = [...placesToLook(settings, []).whole, settings.templates.folder];
  const isShared = places.some((place) => isInside(realOf(place), settings.outDir));
  return (file) => !isShared && isInside(file, settings.outDir);
}

function sharedIn({ prepared }: Live): Set<string> {
  const { manifests } = prepared.ownership;
  return new Set([...manifests].flatMap(([folder, manifest]) => [...sharedFilesIn(manifest)].map((name) => path.resolve(folder, name))));
}

function watchedOf(settings: Settings, live?: Live): Watched {
  const { whole, bases } = placesToLook(settings, live?.prepared.files.agents ?? []);
  const isFile = (place: string): boolean => existsSync(place) && live?.prepared.files.agents.includes(place) === true;
  const folders = [...whole.filter((place) => !isFile(place)), settings.templates.folder];
  const files = [...whole.filter(isFile), ...(live ? [...live.prepared.files.agents, ...live.prepared.inputs.records.keys()] : [])];
  const isFollowed = (file: string): boolean => !/[/\\]node_modules[/\\]/.test(file) && folders.some((folder) => isInside(file, folder));
  return { files: [...new Set(files)].filter((file) => !isFollowed(file)), folders, bases };
}
