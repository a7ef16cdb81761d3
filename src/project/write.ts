/** Carries a plan out. */
import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatManifest, MANIFEST } from './manifest.js';
import type { Plan } from './plan.js';

/** A file that could not be written or removed, with the system's reason. */
export interface WriteFailure {
  readonly file: string;
  readonly reason: string;
}

/**
 * Writes, replaces and removes files, then the manifest. A file is whole or not there: it is written under another name
 * and renamed. What fails is given back, and does not stop the rest.
 */
export function carryOut({ files, removed, manifest }: Plan, outDir: string, roots: readonly string[]): WriteFailure[] {
  const failures: WriteFailure[] = [];
  const entries = new Map(manifest);
  const made = new Set<string>();
  const attempt = (file: string, act: () => void): void => {
    try {
      act();
    } catch (error) {
      failures.push({ file, reason: (error as NodeJS.ErrnoException).code ?? String(error) });
      entries.delete(path.relative(outDir, file).replaceAll('\\', '/'));
    }
  };
  for (const { file, output, action } of files) {
    if (action !== 'unchanged') attempt(file, () => writeWhole(file, output.content, made));
  }
  for (const file of removed) {
    attempt(file, () => {
      unlinkSync(file);
      removeEmptyFolders(path.dirname(file), roots);
    });
  }
  const text = formatManifest(entries);
  const place = path.join(outDir, MANIFEST);
  if (text !== readIfThere(place)) attempt(place, () => writeWhole(place, text, made));
  return failures;
}

function writeWhole(file: string, content: string, made: Set<string>): void {
  const folder = path.dirname(file);
  if (!made.has(folder)) {
    mkdirSync(folder, { recursive: true });
    made.add(folder);
  }
  const draft = path.join(folder, `.${path.basename(file)}.${process.pid}.tmp`);
  try {
    writeFileSync(draft, content);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function removeEmptyFolders(folder: string, roots: readonly string[]): void {
  for (let at = folder; !roots.includes(at) && roots.some((root) => at.startsWith(root + path.sep)); at = path.dirname(at)) {
    try {
      rmdirSync(at);
    } catch {
      return;
    }
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
