/** What is ours while a build runs: the manifests of all folders, kept up to date. */
import type { Manifest, ManifestEntry } from './manifest.js';

export interface Ownership {
  /** By folder. */
  readonly manifests: ReadonlyMap<string, Manifest>;
  /** How many outputs were taken over so far: they lay there already, and no manifest knew them. */
  readonly adopted: number;
  /** Notes what an output is now; nothing for one that is not ours any more. */
  note(folder: string, key: string, entry: ManifestEntry | undefined): void;
  /** What was noted since it was last asked for, by folder. */
  takeNotes(): ReadonlyMap<string, ReadonlyMap<string, ManifestEntry | null>>;
}

/** @param manifests as they are on the disk; they are changed */
export function createOwnership(manifests: ReadonlyMap<string, Map<string, ManifestEntry>>): Ownership {
  let adopted = 0;
  let notes = new Map<string, Map<string, ManifestEntry | null>>();
  return {
    manifests,
    get adopted() {
      return adopted;
    },
    note(folder, key, entry) {
      const manifest = manifests.get(folder);
      if (entry?.adopted && !manifest?.has(key)) adopted++;
      if (isSameEntry(manifest?.get(key), entry)) return;
      if (entry) manifest?.set(key, entry);
      else manifest?.delete(key);
      const ofFolder = notes.get(folder) ?? new Map<string, ManifestEntry | null>();
      notes.set(folder, ofFolder.set(key, entry ?? null));
    },
    takeNotes() {
      const taken = notes;
      notes = new Map();
      return taken;
    },
  };
}

function isSameEntry(a: ManifestEntry | undefined, b: ManifestEntry | undefined): boolean {
  if (!a || !b) return a === b;
  const { part: _, ...others } = { ...a, ...b };
  return Object.keys(others).every((key) => a[key as keyof ManifestEntry] === b[key as keyof ManifestEntry]) && a.part?.id === b.part?.id;
}
