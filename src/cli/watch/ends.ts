/** What ends a program that runs until somebody has enough of it. */
import { fstatSync } from 'node:fs';
import { isRestarted } from './restart.js';

/** A terminal's signal reaches a program and the one that started it, which hands it on: only a later one is a second one. */
const SECOND_MS = 500;

/**
 * Calls back when the program is to end: Ctrl-C, a signal to end, the terminal or the parent that goes. A second signal ends it
 * at once. Gives a function that stops listening.
 */
export function onEnd(end: () => void): () => void {
  let first: number | undefined;
  const signalled = (): void => {
    if (first !== undefined && performance.now() - first > SECOND_MS) process.exit(130);
    first ??= performance.now();
    end();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, signalled);
  const { stdin } = process;
  // A pipe ends with the one who holds its other end. /dev/null is at its end from the start, and means nothing.
  const isPiped = isPipe(0);
  if (isPiped) stdin.on('end', end).on('close', end).resume();
  if (isRestarted()) process.on('disconnect', end);
  return () => {
    for (const signal of signals) process.off(signal, signalled);
    process.off('disconnect', end);
    if (process.connected) process.disconnect();
    if (isPiped) stdin.off('end', end).off('close', end).pause().unref();
  };
}

function isPipe(descriptor: number): boolean {
  try {
    const stat = fstatSync(descriptor);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}
