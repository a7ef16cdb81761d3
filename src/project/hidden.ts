/** Sources that are not found and may be there all the same: a drive that is not mounted, a folder that may not be entered. */
import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isInside } from './paths.js';

/** What stands before a source. */
export interface Hiding {
  readonly file: string;
  /** The system's word for why nothing can be seen behind it. */
  readonly reason: string;
}

/**
 * What may hide a source: a folder that cannot be listed or entered, a link that leads nowhere, its own or that of a folder
 * above it, or a submodule that is not checked out. Nothing for one that is there, and for one that is gone.
 * @param closed folders that cannot be listed, each with the reason
 */
export function hidingOf(source: string, closed: ReadonlyMap<string, string>): Hiding | undefined {
  const folder = [...closed].find(([one]) => isInside(source, one));
  if (folder) return { file: folder[0], reason: folder[1] };
  for (let at = source; path.dirname(at) !== at; at = path.dirname(at)) {
    const found = lookAt(at);
    if (found === 'there' && at === source) return undefined;
    if (found === 'there') break;
    if (found !== 'gone') return { file: at, reason: found.reason };
  }
  const submodule = missingSubmodule(source);
  return submodule === undefined ? undefined : { file: submodule, reason: 'a Git submodule that is not checked out' };
}

/** The place of a submodule in a `.gitmodules`. https://git-scm.com/docs/gitmodules */
const SUBMODULE = /^[ \t]*path[ \t]*=[ \t]*"?([^"\n]*?)"?[ \t]*$/gm;

/** The submodule of Git in which a path lies, if it is not checked out: it is empty then, as if all had been deleted. */
export function missingSubmodule(file: string): string | undefined {
  for (let at = path.dirname(file); ; at = path.dirname(at)) {
    const places = [...textIn(path.join(at, '.gitmodules')).matchAll(SUBMODULE)].map(([, place = '']) => path.resolve(at, place));
    const place = places.find((one) => isInside(file, one));
    if (place !== undefined) return existsSync(path.join(place, '.git')) ? undefined : place;
    if (at === path.dirname(at)) return undefined;
  }
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
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
