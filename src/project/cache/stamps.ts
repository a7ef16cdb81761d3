/** Whether a file is still what it was, told without reading it. */
import { lstatSync, type Stats, statSync } from 'node:fs';

/**
 * What the file system says of a file: size in bytes, time of the last change of its content and of its inode in
 * milliseconds, and the number of the inode. Content that changes moves the time of the inode, which no program can set.
 */
export type Stamp = readonly [size: number, changed: number, inodeChanged: number, inode: number];

/**
 * How long the clock of a file system may stand still, in milliseconds: on Linux a tick, up to 10 ms; where times have no
 * fraction of a second, two seconds (FAT).
 */
const TICK = 20;
const COARSE_TICK = 2000;

export const stampOf = ({ size, mtimeMs, ctimeMs, ino }: Stats): Stamp => [size, mtimeMs, ctimeMs, ino];

export const isSame = (a: Stamp, b: Stamp): boolean => a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];

/** The stamp of what a path leads to; nothing when there is nothing, or nothing that can be looked at. */
export const stampAt = (file: string): Stamp | undefined => attempt(() => statSync(file, { throwIfNoEntry: false }));

/** The stamp of a file itself, links not followed. */
export const ownStampAt = (file: string): Stamp | undefined => attempt(() => lstatSync(file, { throwIfNoEntry: false }));

function attempt(look: () => Stats | undefined): Stamp | undefined {
  try {
    const stat = look();
    return stat && stampOf(stat);
  } catch {
    return undefined;
  }
}

/**
 * Whether a stamp that was taken at a time will tell of every later change. It does not when the file was changed in the
 * same tick of the clock, or, by a clock that has jumped, in the future.
 * @param now milliseconds since 1970
 */
export function isSettled([, changed, inodeChanged]: Stamp, now: number): boolean {
  const tick = Number.isInteger(changed) && Number.isInteger(inodeChanged) ? COARSE_TICK : TICK;
  return Math.max(changed, inodeChanged) < now - tick;
}
