/** A file that others write to as well, planned part by part: each part of ours has its own entry in the manifest. */
import { lstatSync, readFileSync, type Stats } from 'node:fs';
import path from 'node:path';
import { partsFormat } from '../formats/parts/index.js';
import { changed, type PartsFormat, type PartText, STAYS } from '../formats/parts/parts.js';
import type { Part } from '../stages/emit/emit.js';
import { hashOf } from './cache/inputs.js';
import { isHashOf, keyFor, type Manifest, type ManifestEntry, settled } from './manifest.js';
import { oncePer } from './once-per.js';
import { pathFrom } from './paths.js';
import { unreadable } from './system-error.js';

/** A part that is to be in a shared file. */
export interface SharedPart {
  readonly part: Part;
  readonly source: string;
  readonly target: string;
  readonly variant?: string;
  /** Absent for a part that stays as it is. */
  readonly content?: string;
}

export interface SharedInput {
  /** Absolute. */
  readonly file: string;
  /** The path of the file in the manifest. */
  readonly key: string;
  /** The folder of the manifest. */
  readonly folder: string;
  readonly cwd: string;
  readonly outputs: readonly SharedPart[];
  /** Keys of entries that are not built any more. */
  readonly stale: readonly string[];
  readonly before: Manifest;
  readonly force: boolean;
}

/** Why a file cannot have parts, in words. */
export interface Blocked {
  readonly blocked: string;
}

/** The reason for a file that is a symbolic link. */
export const LINK = 'it is a symbolic link';

export type SharedPlan =
  | Blocked
  | {
      /** The whole file; `undefined` when nothing of ours or others is left in it. */
      readonly content: string | undefined;
      readonly action: 'added' | 'changed' | 'unchanged';
      readonly replaces: ReadonlyMap<string, string>;
      readonly conflicts: readonly PartConflict[];
      /** Somebody edited a part of ours, or has a part where one of ours is to be. */
      readonly edited: boolean;
      /** The first entry that is not built any more and whose part somebody edited. */
      readonly lost: string | undefined;
      /** What becomes of entries of the manifest; `undefined`: it goes. */
      readonly entries: ReadonlyMap<string, ManifestEntry | undefined>;
    };

export interface PartConflict {
  readonly part: string;
  readonly code: 'output-foreign' | 'output-edited' | 'output-hidden' | 'output-left';
  /** The part is not built any more. */
  readonly gone: boolean;
}

/** Plans one shared file. Reads it, changes nothing. */
export function planParts(input: SharedInput): SharedPlan {
  const { file, key, outputs, stale, before, force } = input;
  const kept = outputs[0]?.part.kept ?? before.get(stale[0] ?? '')?.part?.kept;
  if (!kept) return { blocked: 'it has no parts' };
  const format = rememberingFormat(kept);
  const read = readParts(file, kept);
  if ('blocked' in read) return read;
  const { text, now } = read;

  const parts = new Map<string, PartText>();
  const entries = new Map<string, ManifestEntry | undefined>();
  const replaces = new Map<string, string>();
  const conflicts: PartConflict[] = [];
  let edited = false;
  let lost: string | undefined;
  const made = text === undefined || [...before].some(([entryKey, entry]) => entryKey === keyFor(key, entry.part) && entry.made);
  const hiding = kept.by === 'json-keys' && outputs.length > 0 ? kept.hiddenBy?.find((one) => now.has(one)) : undefined;
  if (hiding !== undefined) conflicts.push({ part: hiding, code: 'output-hidden', gone: false });
  for (const { part, content, source, target, variant } of outputs) {
    const entryKey = keyFor(key, part);
    const entry = before.get(entryKey);
    if (content === undefined) {
      if (!entry?.adopted) parts.set(part.id, STAYS);
      const said = now.get(part.id);
      entries.set(entryKey, entry && said !== undefined ? settled(entry, hashOf(said)) : entry);
      continue;
    }
    const there = now.get(part.id);
    const hash = there === undefined ? undefined : hashOf(there);
    const said = format.said(content);
    const isOurs = entry !== undefined && isHashOf(entry, hash);
    if (there !== undefined && there !== said && !isOurs) {
      // What a manifest says already stays as its author wrote it.
      const counts = kept.by !== 'json-keys' || kept.set?.includes(part.id) || entry !== undefined;
      edited ||= counts;
      if (!force && counts) conflicts.push({ part: part.id, code: entry ? 'output-edited' : 'output-foreign', gone: false });
      if (!force) continue;
    }
    const adopted = entry ? entry.adopted : there === said;
    if (!adopted || there !== said) parts.set(part.id, content);
    if (hash !== undefined && there !== said) replaces.set(entryKey, hash);
    entries.set(entryKey, {
      hash: hashOf(said),
      ...(adopted && { adopted: true }),
      source: pathFrom(input.folder, path.resolve(input.cwd, source)),
      target,
      ...(variant !== undefined && { variant }),
      part,
      ...(made && { made: true }),
    });
  }
  for (const entryKey of stale) {
    const entry = before.get(entryKey);
    const there = entry?.part && now.get(entry.part.id);
    if (!entry?.part) continue;
    const hash = there === undefined ? undefined : hashOf(there);
    if (hash === undefined || entry.adopted) {
      if (hash !== undefined && kept.by !== 'json-keys') conflicts.push({ part: entry.part.id, code: 'output-left', gone: true });
      entries.set(entryKey, undefined);
      continue;
    }
    const isOurs = isHashOf(entry, hash);
    edited ||= !isOurs;
    if (!isOurs) lost ??= entryKey;
    if (isOurs || force) {
      parts.set(entry.part.id, undefined);
      entries.set(entryKey, undefined);
    } else conflicts.push({ part: entry.part.id, code: 'output-edited', gone: true });
  }
  let content: string;
  try {
    content = changed(format, text ?? '', new Map([...parts].sort(([a], [b]) => (a < b ? -1 : 1))), now);
  } catch (error) {
    return { blocked: error instanceof Error ? error.message : String(error) };
  }
  const isLeftOver = made && text !== undefined && content !== text && format.isEmpty(content);
  return {
    content: isLeftOver ? undefined : content,
    action: content === (text ?? '') ? 'unchanged' : text === undefined ? 'added' : 'changed',
    replaces,
    conflicts,
    edited,
    lost,
    entries,
  };
}

/** A format that finds out what a part says once. */
function rememberingFormat(kept: Part['kept']): PartsFormat {
  const format = partsFormat(kept);
  return { ...format, said: oncePer(format.said) };
}

/** What a part says whose content is known, as it is compared. */
export const saidBy = ({ kept }: Part, content: string): string => partsFormat(kept).said(content);

interface ReadParts {
  /** Absent when the file is not there. */
  readonly text: string | undefined;
  /** What each part says. */
  readonly now: ReadonlyMap<string, string>;
}

/** Reads a shared file, or says in words why it cannot be one. */
export function readParts(file: string, kept: Part['kept']): ReadParts | Blocked {
  try {
    const text = readText(file);
    return { text, now: partsFormat(kept).read(text ?? '') };
  } catch (error) {
    return { blocked: error instanceof Error ? error.message : String(error) };
  }
}

/** The text of a file; `undefined` when there is none. Throws with a sentence for what is no text file. */
function readText(file: string): string | undefined {
  const stat = statOf(file);
  if (!stat) return undefined;
  if (stat.isDirectory()) throw new Error('a folder of that name is there');
  if (!stat.isFile()) throw new Error(stat.isSymbolicLink() ? LINK : 'it is no plain file');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    throw new Error(error instanceof TypeError ? 'it is not UTF-8' : unreadable(error));
  }
}

function statOf(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw new Error(unreadable(error));
  }
}
