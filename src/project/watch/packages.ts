/** Changes of what is installed. Node keeps what it found out about packages for as long as the process lives. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isInside } from '../paths.js';

/** What a package manager writes last: npm, pnpm, Yarn 1, Yarn with node_modules, Yarn without. */
const WRITTEN_LAST = [
  'node_modules/.package-lock.json',
  'node_modules/.modules.yaml',
  'node_modules/.yarn-integrity',
  'node_modules/.yarn-state.yml',
  '.pnp.cjs',
];

/** Files that change when packages do, of a folder and of those above it that are packages too: a workspace has its packages there. */
export function installedIn(root: string): string[] {
  const files: string[] = [];
  for (let at = root; ; at = path.dirname(at)) {
    if (at === root || existsSync(path.join(at, 'package.json'))) files.push(...WRITTEN_LAST.map((file) => path.join(at, file)));
    if (at === path.dirname(at)) return files;
  }
}

/** Whether a change of a path is one of the installed packages. */
export const isInstalled = (file: string, root: string): boolean =>
  WRITTEN_LAST.some((name) => file.endsWith(`${path.sep}${path.normalize(name)}`) && isInside(root, file.slice(0, -name.length - 1)));
