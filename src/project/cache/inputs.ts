/** Files that are compiled, known by a hash of their bytes: read again only when the file system says that they changed. */
import crypto from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { codeOf } from '../system-error.js';
import { isSame, isSettled, type Stamp, stampAt, stampOf } from './stamps.js';

/** What is known of a file. */
export interface InputRecord {
  /** Absent when it would not tell of every later change: then the file is read to know. */
  readonly stamp: Stamp | undefined;
  readonly hash: string;
}

/** A file as it is now. */
export type Input =
  | {
      readonly hash: string;
      /** Absent when the file was not read. */
      readonly content?: Uint8Array;
    }
  | {
      readonly hash: undefined;
      /** The system's word for why it cannot be read. */
      readonly reason: string;
    };

export interface Inputs {
  /** Looks at a file, given by its absolute path. */
  open(file: string): Input;
  /** Reads a file, whatever is known of it. */
  read(file: string): Input;
  /** Takes over what was read in another thread. */
  take(others: Inputs['records']): void;
  /** Files that were looked at and can be read. */
  readonly records: ReadonlyMap<string, InputRecord>;
}

/** The most files that are kept in memory until they are opened again. The others are read again. */
const MOST_HELD = 2000;

/** @param before what was known of files at the end of an earlier build */
export function createInputs(before: ReadonlyMap<string, InputRecord>): Inputs {
  const records = new Map<string, InputRecord>();
  /** What was read, for the next one who opens the file. */
  const held = new Map<string, Input>();

  /** A file that had other bytes before, in this build, is taken for changed by the next one: some agents were made of those. */
  function note(file: string, record: InputRecord): void {
    const own = records.get(file);
    records.set(file, own && own.hash !== record.hash ? { stamp: undefined, hash: '' } : record);
  }

  function read(file: string): Input {
    const now = Date.now();
    try {
      // One file, whatever comes to its path meanwhile. The stamp first: what is written later has another.
      const descriptor = openSync(file, 'r');
      try {
        const stamp = stampOf(fstatSync(descriptor));
        const content = readFileSync(descriptor);
        const hash = hashOf(content);
        note(file, { stamp: isSettled(stamp, now) ? stamp : undefined, hash });
        return { hash, content };
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      records.delete(file);
      return { hash: undefined, reason: codeOf(error) };
    }
  }

  return {
    records,
    read,
    take(others) {
      for (const [file, record] of others) note(file, record);
    },
    open(file) {
      const found = held.get(file);
      if (held.delete(file) && found) return found;
      const known = records.get(file) ?? before.get(file);
      if (!known || !isUnchanged(file, known)) {
        const input = read(file);
        if (input.hash !== undefined && held.size < MOST_HELD) held.set(file, input);
        return input;
      }
      records.set(file, known);
      return { hash: known.hash };
    },
  };
}

/** Whether the file system says that a file is still the same. */
function isUnchanged(file: string, { stamp }: InputRecord): boolean {
  const now = stamp && stampAt(file);
  return stamp !== undefined && now !== undefined && isSame(stamp, now);
}

/**
 * What is known of a file from reading it; nothing where none can be read.
 * @param look gives the stamp of a file: whether links are followed is a matter of what the file is
 */
export function recordAt(file: string, look: (file: string) => Stamp | undefined): InputRecord | undefined {
  const now = Date.now();
  // Before it is read, so that what comes later is seen as later.
  const stamp = look(file);
  try {
    return stamp && { stamp: isSettled(stamp, now) ? stamp : undefined, hash: hashOf(readFileSync(file)) };
  } catch {
    return undefined;
  }
}

/** The SHA-256 of bytes or of a text, in hex. */
export const hashOf: (content: string | Uint8Array) => string =
  // Node 20.12 has a quicker way.
  'hash' in crypto
    ? (content) => crypto.hash('sha256', content, 'hex')
    : (content) => crypto.createHash('sha256').update(content).digest('hex');

/** The beginning of it: enough for the name of a file. */
export const shortHashOf = (text: string): string => hashOf(text).slice(0, 16);
