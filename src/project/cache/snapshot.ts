/**
 * What a build knew at its end, as a file: in two parts, each with a checksum. The first says whether anything has changed and
 * is all that a build reads where nothing has; its numbers are a block of their own, as thousands of them in JSON take longer
 * to read than to compare. The second is what came of each agent, a line for each. What the parts are stands at the end, since
 * they are written piece by piece.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';

/** The first part as JSON gives it, and the numbers. */
export interface Snapshot<First> {
  readonly first: First;
  readonly numbers: Float64Array;
  /** The lines of the second part; none when it is broken. */
  lines(): readonly string[];
  /** Writes it again with another first part and other numbers. */
  rewrite(first: First, numbers: Float64Array): void;
}

const MAGIC = 'polyagent cache 2';
/** How many caches are kept in one folder: one for each set of options that a project is built with. */
const MOST_KEPT = 12;
/** The length of what stands at the end is told by the last bytes: a number of so many digits. */
const DIGITS = 10;
/** Lines that are written at once. */
const AT_ONCE = 500;

interface Foot {
  readonly magic: string;
  /** Of the compiler. */
  readonly version: string;
  /** In bytes: the first part, the numbers, the second part. */
  readonly lengths: readonly [number, number, number];
  /** Of the first part with the numbers, and of the second. */
  readonly sums: readonly [string, string];
}

/** Reads a snapshot. What is not there, not ours, or broken is nothing. */
export function readSnapshot<First>(file: string, version: string): Snapshot<First> | undefined {
  try {
    const bytes = readFileSync(file);
    const end = bytes.length - DIGITS - Number(bytes.toString('latin1', bytes.length - DIGITS));
    const { magic, lengths, sums, ...foot } = JSON.parse(bytes.toString('utf8', end, bytes.length - DIGITS)) as Foot;
    const [one, two, three] = lengths;
    if (magic !== MAGIC || foot.version !== version || one + two + three !== end) return undefined;
    const first = bytes.subarray(0, one);
    const block = Uint8Array.prototype.slice.call(bytes, one, one + two);
    const second = bytes.subarray(one + two, end);
    if (createHash('sha256').update(first).update(block).digest('base64url') !== sums[0]) return undefined;
    return {
      first: JSON.parse(first.toString()) as First,
      numbers: new Float64Array(block.buffer),
      lines: () => (createHash('sha256').update(second).digest('base64url') === sums[1] ? second.toString().split('\n') : []),
      rewrite: (newFirst, newNumbers) => writeSnapshot(file, version, newFirst as object, newNumbers, [second.toString()]),
    };
  } catch {
    return undefined;
  }
}

/** Writes a snapshot under another name and renames it. Where that is not possible there is none. */
export function writeSnapshot(file: string, version: string, first: object, numbers: Float64Array, lines: Iterable<string>): void {
  const draft = `${file}.${process.pid}.tmp`;
  let descriptor: number | undefined;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    descriptor = openSync(draft, 'w');
    const [head, tail] = [createHash('sha256'), createHash('sha256')];
    const lengths: Foot['lengths'] = [
      put(descriptor, Buffer.from(JSON.stringify(first)), head),
      put(descriptor, Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength), head),
      putLines(descriptor, lines, tail),
    ];
    const foot: Foot = { magic: MAGIC, version, lengths, sums: [head.digest('base64url'), tail.digest('base64url')] };
    const text = Buffer.from(JSON.stringify(foot));
    put(descriptor, Buffer.concat([text, Buffer.from(String(text.length).padStart(DIGITS, '0'))]));
    closeSync(descriptor);
    descriptor = undefined;
    renameSync(draft, file);
    forgetOldest(path.dirname(file), path.extname(file));
  } catch {
    if (descriptor !== undefined) closeSync(descriptor);
    removeQuietly(draft);
  }
}

function putLines(descriptor: number, lines: Iterable<string>, hash: Hash): number {
  let length = 0;
  let waiting: string[] = [];
  let lead = '';
  const flush = (): void => {
    length += put(descriptor, Buffer.from(lead + waiting.join('\n')), hash);
    lead = '\n';
    waiting = [];
  };
  for (const line of lines) if (waiting.push(line) >= AT_ONCE) flush();
  if (waiting.length > 0) flush();
  return length;
}

function put(descriptor: number, bytes: Uint8Array, hash?: Hash): number {
  hash?.update(bytes);
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  return bytes.length;
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
