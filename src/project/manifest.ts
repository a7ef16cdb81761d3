/** What polyagent wrote into a folder: the only files that it replaces or removes. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import type { Part } from '../stages/emit/emit.js';
import { hashOf } from './cache/inputs.js';
import type { Content } from './content.js';
import { JOURNAL, MANIFEST } from './own-files.js';
import { UsageError } from './usage-error.js';

export interface ManifestEntry {
  /** SHA-256 of the bytes written, in hex. */
  readonly hash: string;
  /** The hash of what is being replaced, while a build runs: after a crash either of them is ours. */
  readonly was?: string | undefined;
  /**
   * The file is being written for the first time, while a build runs: after a crash a beginning of it is ours. The hashes of
   * its beginnings, a page each: systems are killed between two pages.
   */
  readonly pending?: readonly string[] | undefined;
  /** The file was there already, with the same bytes: it may be replaced, and is never removed. */
  readonly adopted?: true | undefined;
  /** The source, relative to the manifest's folder, with `/`. */
  readonly source: string;
  readonly target: string;
  readonly variant?: string | undefined;
  /** It is one part of a file that others write to as well; the hash is of what the part says. */
  readonly part?: Part | undefined;
  /** The shared file was not there before: it goes with its last part. */
  readonly made?: true | undefined;
}

const PAGE = 4096;

/** The hash of a content, and what `pending` of an entry says of it: in one pass, as this is a tenth of a first build. */
export function hashWithBeginnings(content: Content): { readonly hash: string; readonly beginnings: readonly string[] } {
  const bytes = typeof content === 'string' ? encoded(content) : content;
  if (bytes.length <= PAGE) return { hash: hashOf(bytes), beginnings: [] };
  const hash = createHash('sha256');
  const beginnings: string[] = [];
  let at = 0;
  for (; at + PAGE < bytes.length; at += PAGE) {
    hash.update(bytes.subarray(at, at + PAGE));
    beginnings.push(hash.copy().digest('hex'));
  }
  return { hash: hash.update(bytes.subarray(at)).digest('hex'), beginnings };
}

const scratch = Buffer.allocUnsafeSlow(1 << 16);

/** The bytes of a text, to be used at once: the next text may get the same ones. */
function encoded(text: string): Uint8Array {
  // A character has three bytes at most.
  return text.length * 3 <= scratch.length ? scratch.subarray(0, scratch.write(text)) : Buffer.from(text);
}

/** Whether a hash is the one that an entry has, or had before a build that did not come to its end. */
export const isHashOf = ({ hash, was }: Pick<ManifestEntry, 'hash' | 'was'>, found: string | undefined): boolean =>
  found === hash || found === was;

/** Whether what lies in the place of an output is what a build left there, one that was killed included. */
export function isOurs(entry: ManifestEntry, found: string, size: number): boolean {
  const { pending } = entry;
  return isHashOf(entry, found) || (pending !== undefined && (size === 0 || pending[size / PAGE - 1] === found));
}

/**
 * The hash that an entry has of a file whose line ends are others now: a checkout may have CRLF for LF, and the other way round.
 * Asked for when the bytes as they are are not ours.
 */
export function hashBehindLineEnds(entry: Pick<ManifestEntry, 'hash' | 'was'>, bytes: Buffer): string | undefined {
  const hash = hashOf(withOtherLineEnds(bytes));
  return isHashOf(entry, hash) ? hash : undefined;
}

/** Byte by byte, whatever the encoding is. */
function withOtherLineEnds(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  return Buffer.from(text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text.replaceAll('\n', '\r\n'), 'latin1');
}

/** Entries by output path, relative to the manifest's folder, with `/`; a part has `#` and its name behind the path. */
export type Manifest = ReadonlyMap<string, ManifestEntry>;

const KEPT = v.variant('by', [
  v.object({ by: v.literal('yaml-list'), key: v.string(), id: v.string() }),
  v.object({ by: v.literal('marked-list'), heading: v.string() }),
  v.object({ by: v.literal('json-keys'), hiddenBy: v.optional(v.array(v.string())), set: v.optional(v.array(v.string())) }),
]);

const ENTRY = v.object({
  hash: v.string(),
  was: v.optional(v.string()),
  pending: v.optional(v.array(v.string())),
  adopted: v.optional(v.literal(true)),
  source: v.string(),
  target: v.string(),
  variant: v.optional(v.string()),
  part: v.optional(v.object({ id: v.string(), kept: KEPT })),
  made: v.optional(v.literal(true)),
});

const SCHEMA = v.object({ version: v.literal(1), project: v.optional(v.string()), files: v.record(v.string(), ENTRY) });

/** A line of the journal: the key of an output, and its entry; `null` for one that is gone. */
const LINE = v.tuple([v.string(), v.nullable(ENTRY)]);

/** The entry of an output that stays as it is, whatever a build that did not come to its end was about to do. */
export const settled = ({ was: _, pending: __, ...entry }: ManifestEntry, hash: string): ManifestEntry => ({ ...entry, hash });

/** The path of the file that an entry is about, relative to the manifest's folder. */
export const pathIn = (key: string, { part }: Pick<ManifestEntry, 'part'>): string => (part ? key.slice(0, -part.id.length - 1) : key);

/** The files of which parts are listed, each once, relative to the manifest's folder. */
export const sharedFilesIn = (manifest: Manifest): Set<string> =>
  new Set([...manifest].flatMap(([key, entry]) => (entry.part ? [pathIn(key, entry)] : [])));

/** The key of an output. */
export const keyFor = (file: string, part: Part | undefined): string => (part ? `${file}#${part.id}` : file);

const CONFLICT =
  'It lists what polyagent wrote, a line for each output. Delete the lines that mark the conflict and keep the entries of both sides, with commas between them; then build. An output that is called edited holds the other side: `--force` makes it anew.';

/**
 * Reads the manifest of a folder, with the journal of a build that did not come to its end; empty when there is none.
 * Throws a UsageError for one that cannot be read: it says who owns the files, and must not be replaced by a guess.
 */
export function readManifest(folder: string): Map<string, ManifestEntry> {
  const file = path.join(folder, MANIFEST);
  const text = readIfThere(file);
  let manifest: Map<string, ManifestEntry>;
  try {
    manifest = new Map(text === undefined ? [] : Object.entries(v.parse(SCHEMA, JSON.parse(text)).files));
  } catch {
    if (text !== undefined && /^<{7} /m.test(text)) throw new UsageError(`${file} has conflicts of a merge in it`, CONFLICT);
    throw new UsageError(
      `${file} is broken, or of another version of polyagent`,
      'It lists what polyagent wrote. Restore it. Without it every file that is there counts as yours, and no build removes it any more.',
    );
  }
  for (const [key, entry] of linesIn(readIfThere(path.join(folder, JOURNAL)) ?? '')) {
    if (entry) manifest.set(key, entry);
    else manifest.delete(key);
  }
  return manifest;
}

/** What a journal says. A line that was not written to its end is about something that was not begun. */
function linesIn(text: string): v.InferOutput<typeof LINE>[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [v.parse(LINE, JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UsageError(`${file} cannot be read (${code})`, 'It lists what polyagent wrote. Make it readable.');
  }
}

/** The lines of a journal that say what is to be written. */
export const formatJournal = (entries: readonly (readonly [key: string, entry: ManifestEntry | null])[]): string =>
  entries.map((line) => `${JSON.stringify(line)}\n`).join('');

/** What the beginning of a manifest says of whose it is. */
export function projectIn(beginning: string): string | undefined {
  const [, text] = /^\{\s*"version": 1,\s*"project": ("(?:[^"\\]|\\.)*"),/.exec(beginning) ?? [];
  try {
    return text === undefined ? undefined : (JSON.parse(text) as string);
  } catch {
    return undefined;
  }
}

/** How many lines of a manifest are made at a time: all of them can be many megabytes. */
const LINES_AT_ONCE = 1000;

/**
 * The text of a manifest in a few stretches: one line an entry, sorted, so that it can be compared.
 * @param project whose config has its outputs here, from the folder of the manifest; absent when none says so
 */
export function* formatManifest(manifest: Manifest, project?: string): Iterable<string> {
  yield `{\n  "version": 1,\n${project === undefined ? '' : `  "project": ${JSON.stringify(project)},\n`}  "files": {\n`;
  const keys = [...manifest.keys()].sort((a, b) => (a < b ? -1 : 1));
  for (let at = 0; at < keys.length; at += LINES_AT_ONCE) {
    const lines = keys.slice(at, at + LINES_AT_ONCE).map((key) => `    ${JSON.stringify(key)}: ${JSON.stringify(manifest.get(key))}`);
    yield (at === 0 ? '' : ',\n') + lines.join(',\n');
  }
  yield '\n  }\n}\n';
}
