/** Sources that are not found and may be there all the same: a drive that is not mounted, a folder that may not be entered. */
import { lstatSync, statSync } from 'node:fs';
import path from 'node:path';
import { isInside } from './paths.js';

/** What stands before a source. */
export interface Hiding {
  readonly file: string;
  /** The system's word for why nothing can be seen behind it. */
  readonly reason: string;
}

/**
 * What may hide a source: a folder that cannot be listed or entered, or a link that leads nowhere, its own or that of a folder
 * above it. Nothing for one that is there, and for one that is gone.
 * @param closed folders that cannot be listed, each with the reason
 */
export function hidingOf(source: string, closed: ReadonlyMap<string, string>): Hiding | undefined {
  const folder = [...closed].find(([one]) => isInside(source, one));
  if (folder) return { file: folder[0], reason: folder[1] };
  for (let at = source; path.dirname(at) !== at; at = path.dirname(at)) {
    const found = lookAt(at);
    if (found === 'there') return undefined;
    if (found !== 'gone') return { file: at, reason: found.reason };
  }
  return undefined;
}

function lookAt(file: string): 'there' | 'gone' | { readonly reason: string } {
  try {
    if (!lstatSync(file, { throwIfNoEntry: false })) return 'gone';
    statSync(file);
    return 'there';
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    return code === 'ENOTDIR' ? 'gone' : { reason: code };
  }
}
