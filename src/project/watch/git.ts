/** Git at work: a checkout writes many files, and a build of half of them is of no use. */
import { readFileSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a function that tells for how many milliseconds Git has been changing the repository in which a folder lies; nothing
 * when it does not. Git has an `index.lock` for so long, which goes after the last file is written
 * (https://git-scm.com/docs/api-lockfile). One of a Git that was killed stays, and only gets older.
 */
export function gitAtWork(folder: string): () => number | undefined {
  const repository = repositoryAround(folder);
  if (repository === undefined) return () => undefined;
  const lock = path.join(repository, 'index.lock');
  return () => {
    const stat = statOf(lock);
    return stat && Date.now() - stat.mtimeMs;
  };
}

/** The folder that Git keeps its index in: `.git`, or what a file of that name says, in a worktree and in a submodule. */
function repositoryAround(folder: string): string | undefined {
  for (let at = folder; ; at = path.dirname(at)) {
    const place = path.join(at, '.git');
    const stat = statOf(place);
    if (stat?.isDirectory()) return place;
    if (stat) return path.resolve(at, /^gitdir: (.*)/.exec(readFileSync(place, 'utf8'))?.[1] ?? '.git');
    if (at === path.dirname(at)) return undefined;
  }
}

function statOf(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch {
    return undefined;
  }
}
