/** What polyagent wrote into an output folder: the only files that it replaces or removes. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';

/** The name of the manifest in the output folder. */
export const MANIFEST = '.polyagent.json';

export interface ManifestEntry {
  /** SHA-256 of the bytes written, in hex. */
  readonly hash: string;
  /** The source, relative to the manifest's folder, with `/`. */
  readonly source: string;
  readonly target: string;
}

/** Entries by output path, relative to the manifest's folder, with `/`. */
export type Manifest = ReadonlyMap<string, ManifestEntry>;

const entry = v.object({ hash: v.string(), source: v.string(), target: v.string() });
const SCHEMA = v.object({ version: v.literal(1), files: v.record(v.string(), entry) });

/** The SHA-256 of a file's bytes, in hex. */
export const hashOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Reads the manifest. One that is missing, broken or of another version counts as empty: then nothing is ours. */
export function readManifest(outDir: string): Manifest {
  try {
    const { files } = v.parse(SCHEMA, JSON.parse(readFileSync(path.join(outDir, MANIFEST), 'utf8')));
    return new Map(Object.entries(files));
  } catch {
    return new Map();
  }
}

/** The text of a manifest: one line an entry, sorted, so that it can be compared. */
export function formatManifest(manifest: Manifest): string {
  const lines = [...manifest]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, value]) => `    ${JSON.stringify(file)}: ${JSON.stringify(value)}`);
  return `{\n  "version": 1,\n  "files": {\n${lines.join(',\n')}\n  }\n}\n`;
}
