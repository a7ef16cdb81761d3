/** A project that is built again and again. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { type BuildResult, buildProject } from './build.js';
import type { CompiledProject } from './compile-project.js';
import { placesToLook } from './discover.js';
import { LOCK } from './lock.js';
import { MANIFEST } from './manifest.js';
import { isInside, realOf } from './paths.js';
import { type BuildOptions, readSettings, type Settings } from './settings.js';

export interface Session {
  /**
   * Builds what has changed. Throws a UsageError when nothing can be built: there are no agents.
   * @param changed absolute paths that may have changed, come or gone; absent: anything may have
   */
  update(changed?: ReadonlySet<string>): Promise<BuildResult>;
  /** The same object as before when nothing in it is new. */
  watched(): Watched;
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

/** Opens a project. Throws a UsageError for wrong use or a wrong config. Each update is a whole build. */
export async function openSession(options: BuildOptions): Promise<Session> {
  const settings = await readSettings(options);
  const isApart = apartFrom(settings);
  let watched = watchedOf(settings);
  let sources = new Set<string>();
  const outputs = new Set<string>();
  const removed = new Set<string>();

  function learn(project: CompiledProject, result: BuildResult): void {
    const next = watchedOf(settings, project);
    if (JSON.stringify(next) !== JSON.stringify(watched)) watched = next;
    sources = new Set(project.agentPaths.map(realOf));
    for (const { path: file } of result.files) outputs.add(path.resolve(settings.cwd, file));
    for (const file of result.removed.map((one) => path.resolve(settings.cwd, one))) {
      outputs.delete(file);
      removed.add(file);
    }
  }

  return {
    configFiles: settings.configFiles,
    watched: () => watched,
    async update() {
      const { project, result } = await buildProject(settings);
      learn(project, result);
      return result;
    },
    isOwn(file) {
      const real = path.join(realOf(path.dirname(file)), path.basename(file));
      if (isBookkeeping(path.basename(file)) || isApart(real)) return true;
      return !sources.has(real) && (outputs.has(real) || (removed.has(real) && !existsSync(real)));
    },
    close: async () => undefined,
  };
}

/** Whether a file of this name is one that a build writes for itself. */
const isBookkeeping = (name: string): boolean => name === MANIFEST || name.startsWith(LOCK) || /^\..+\.\d+\.tmp$/.test(name);

/** Tells whether a path lies in the output folder, when that holds outputs only. */
function apartFrom(settings: Settings): (file: string) => boolean {
  const places = [...placesToLook(settings, []).whole, settings.templates.folder];
  const isShared = places.some((place) => isInside(realOf(place), settings.outDir));
  return (file) => !isShared && isInside(file, settings.outDir);
}

function watchedOf(settings: Settings, project?: CompiledProject): Watched {
  const { whole, bases } = placesToLook(settings, project?.agentPaths ?? []);
  const isFile = (place: string): boolean => statSync(place, { throwIfNoEntry: false })?.isFile() === true;
  const folders = [...whole.filter((place) => !isFile(place)), settings.templates.folder];
  const read = project ? [...(project.sources.fragments ?? []), ...(project.sources.bases ?? [])] : [];
  const files = [
    ...whole.filter(isFile),
    ...(project?.agentPaths ?? []),
    ...(project?.packageFiles ?? []),
    ...read.map((source) => path.resolve(settings.cwd, source.path)),
  ];
  const isFollowed = (file: string): boolean => !/[/\\]node_modules[/\\]/.test(file) && folders.some((folder) => isInside(file, folder));
  return { files: [...new Set(files)].filter((file) => !isFollowed(file)), folders, bases };
}
