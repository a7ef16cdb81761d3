/** The files of a project: what a test writes into its folder, and what builds leave there. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Texts, by paths with `/` below a folder. */
export interface Files {
  readonly [name: string]: string;
}

export function writeFiles(folder: string, files: { readonly [name: string]: string | Uint8Array }): void {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** What lies below a folder, sorted, with `/`; folders end in one. Links are not followed. */
export function namesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)) + (entry.isDirectory() ? '/' : ''))
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
}

/** The same without the folders. */
export const filesBelow = (folder: string): string[] => namesBelow(folder).filter((name) => !name.endsWith('/'));

/**
 * All that lies in the output folder of a project, hidden files too: the bytes of each file, one character a byte, so that no
 * two contents are taken for one; and the folders, which have none.
 */
export function outputsIn(project: string): Files {
  const folder = path.join(project, 'dist');
  return Object.fromEntries(
    namesBelow(folder).map((name) => [name, name.endsWith('/') ? '' : readFileSync(path.join(folder, name), 'latin1')]),
  );
}

/** The same without what the manifest says of how files came to be, `made` and `adopted`: what they are is the same. */
export function lastingOutputsIn(project: string): Files {
  return Object.fromEntries(
    Object.entries(outputsIn(project)).map(([name, text]) => [
      name,
      name.endsWith('.polyagent.json') ? text.replaceAll(/,"(?:made|adopted)":true/g, '') : text,
    ]),
  );
}
