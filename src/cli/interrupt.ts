/** Ctrl-C while nothing but the build runs. */
import { runInNewContext } from 'node:vm';

/** With Ctrl-C a terminal drops what is written to it in that moment (`NOFLSH` in termios). */
const FLUSHED_MS = 50;

/**
 * Does something that leaves no room for signals, and ends the program with Ctrl-C at once all the same, as it would without
 * this; but tidies up before. A listener would be called when all is done, and take away what Ctrl-C does by itself: only
 * `node:vm` breaks off a program that is busy (https://nodejs.org/api/vm.html, `breakOnSigint`). It runs no `finally` in it.
 */
export function untilInterrupted<T>(act: () => T, tidy: () => void): T {
  try {
    return runInNewContext('act()', { act }, { breakOnSigint: true }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED') {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FLUSHED_MS);
      tidy();
      process.kill(process.pid, 'SIGINT');
    }
    throw error;
  }
}
