/**
 * What a build knew at its end, as a file: in two parts, each with a checksum. The first says whether anything has changed and
 * is all that a build reads where nothing has; its numbers are a block of their own, as thousands of them in JSON take longer
 * to read than to compare. The second is what came of each agent.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Columns: one row for each file. */
export interface Stamped {
  readonly files: readonly string[];
  /** Four numbers for each file; NaN where the stamp would not tell of every later change. */
  readonly stamps: Float64Array;
  /** The hash of a file without a stamp, by its row. */
  readonly hashes: { readonly [row: string]: string };
}

/** The two parts as JSON gives them, and the numbers. */
export interface Snapshot<First, Second> {
  readonly first: First;
  readonly numbers: Float64Array;
  /** Parsed when it is asked for; nothing when it is broken. */
  second(): Second | undefined;
  /** Writes it again with another first part and other numbers. */
  rewrite(first: First, numbers: Float64Array): void;
}

const MAGIC = 'polyagent cache 1';
/** How many caches are kept in one folder: one for each set of options that a project is built with. */
const MOST_KEPT = 12;

/** Reads a snapshot. What is not there, not ours, or broken is nothing. */
export function readSnapshot<First, Second>(file: string, version: string): Snapshot<First, Second> | undefined {
  try {
    const bytes = readFileSync(file);
    const end = bytes.indexOf(10);
    const head = JSON.parse(bytes.toString('utf8', 0, end)) as Head;
    if (head.magic !== MAGIC || head.version !== version) return undefined;
    const [first, numbers, second] = partsOf(bytes.subarray(end + 1), head.lengths);
    if (sumOf(first, numbers) !== head.sums[0]) return undefined;
    return {
      first: JSON.parse(first.toString()) as First,
      numbers: new Float64Array(Uint8Array.prototype.slice.call(numbers).buffer),
      second() {
        return sumOf(second) === head.sums[1] ? (JSON.parse(second.toString()) as Second) : undefined;
      },
      rewrite: (newFirst, newNumbers) => writeParts(file, version, Buffer.from(JSON.stringify(newFirst)), newNumbers, second),
    };
  } catch {
    return undefined;
  }
}

interface Head {
  readonly magic: string;
  /** Of the compiler. */
  readonly version: string;
  /** In bytes: the first part, the numbers, the second part. */
  readonly lengths: readonly [number, number, number];
  readonly sums: readonly [string, string];
}

function partsOf(bytes: Buffer, [first, numbers, second]: Head['lengths']): [Buffer, Buffer, Buffer] {
  if (bytes.length !== first + numbers + second) throw new Error('cut off');
  return [bytes.subarray(0, first), bytes.subarray(first, first + numbers), bytes.subarray(first + numbers)];
}

/** Writes a snapshot under another name and renames it. Where that is not possible there is none. */
export const writeSnapshot = (file: string, version: string, first: object, numbers: Float64Array, second: object): void =>
  writeParts(file, version, Buffer.from(JSON.stringify(first)), numbers, Buffer.from(JSON.stringify(second)));

function writeParts(file: string, version: string, one: Buffer, numbers: Float64Array, two: Buffer): void {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    const block = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    const head: Head = { magic: MAGIC, version, lengths: [one.length, block.length, two.length], sums: [sumOf(one, block), sumOf(two)] };
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(draft, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), one, block, two]));
    renameSync(draft, file);
    forgetOldest(path.dirname(file), path.extname(file));
  } catch {
    removeQuietly(draft);
  }
}

function sumOf(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('base64url');
}

function forgetOldest(folder: string, extension: string): void {
  const files = readdirSync(folder).filter((name) => name.endsWith(extension));
  if (files.length <= MOST_KEPT) return;
  const byAge = files.map((name) => ({ name, at: statSync(path.join(folder, name)).mtimeMs })).sort((a, b) => b.at - a.at);
  for (const { name } of byAge.slice(MOST_KEPT)) removeQuietly(path.join(folder, name));
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It stays, and is overwritten or forgotten another time.
  }
}
