/** Files that polyagent writes for itself, beside the outputs. */

/** The manifest: what was written. It lies beside the files that it lists, so that both are kept, or lost, together. */
export const MANIFEST = '.polyagent.json';

/** The journal: what a build is about to write, a line for each output. It goes when the manifest is written. */
export const JOURNAL = '.polyagent.journal';

/** The lock. It is there while a build plans and writes, and is left behind only by one that was killed. */
export const LOCK = '.polyagent.lock';

/** Whether a file of this name is one of those, or a draft of a file that is being replaced. */
export const isOwnFile = (name: string): boolean =>
  name === MANIFEST || name === JOURNAL || name.startsWith(LOCK) || /^\..+\.\d+\.tmp$/.test(name);
