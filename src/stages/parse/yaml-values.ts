import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import type { Range } from '../../ir.js';
import type { MapEntry, Value } from './document.js';
import { MAX_DEPTH } from './limits.js';
import { readPlainYaml } from './plain-yaml.js';

/** The most values that aliases may expand to: a real header has a few dozen. */
export const MAX_ALIASED_VALUES = 10_000;

/** What is wrong with a piece of YAML, and where. */
export interface YamlProblem {
  readonly reason: string;
  /** A code of the parser's, or one of ours: `ALIASES`, `DUPLICATE_KEY`. */
  readonly code: string;
  readonly range: Range;
}

/** A YAML text read strictly: its value, or the first thing that is wrong with it. */
export type YamlResult =
  | {
      readonly value: Value;
      readonly flow: boolean;
      readonly commented: readonly Range[];
      /** Names of packages without the quotes that YAML wants around them. */
      readonly unquoted: readonly Range[];
    }
  | { readonly problem: YamlProblem };

/**
 * Reads YAML 1.2 (core schema) with a range for every value. A key that is set twice is a problem: assistants disagree
 * about which one counts. An unquoted `@scope/name` has one meaning only, and is read.
 * @param base offset of the text in its file; ranges count from there
 */
export function readYaml(text: string, base: number): YamlResult {
  const value = readPlainYaml(text, base);
  return value ? { value, flow: false, commented: [], unquoted: [] } : readByParser(text, base);
}

/** The same for any YAML. */
export function readByParser(text: string, base: number): YamlResult {
  // stringKeys: a key is always text. The parser's own search for duplicate keys is quadratic; ours is not.
  const document = parseDocument(text, { prettyErrors: false, stringKeys: true, uniqueKeys: false, logLevel: 'silent' });
  const unquoted = document.errors.filter(({ code, pos: [at] }) => code === 'BAD_SCALAR_START' && PACKAGE_NAME.test(text.slice(at)));
  const error = document.errors.find((one) => !unquoted.includes(one));
  if (error) {
    const [start, end] = error.pos;
    return {
      problem: { reason: firstSentence(error.message), code: error.code, range: { start: base + start, end: base + Math.max(end, start) } },
    };
  }
  const nothing: Value = { kind: 'map', entries: [], range: { start: base, end: base } };
  if (!document.contents) return { value: nothing, flow: false, commented: [], unquoted: [] };
  const reading: Reading = { base, commented: [], problem: undefined, anchors: new Map(), open: new Set(), aliased: 0 };
  const value = read(reading, document.contents, 0);
  if (reading.problem) return { problem: reading.problem };
  const places = unquoted.map(({ pos: [at] }) => ({
    start: base + at,
    end: base + at + (PACKAGE_NAME.exec(text.slice(at))?.[0].length ?? 0),
  }));
  return { value, flow: isMap(document.contents) && document.contents.flow === true, commented: reading.commented, unquoted: places };
}

const PACKAGE_NAME = /^@[\w.~-]+(?:\/[\w.~-]+)+(?=[ \t]*(?:[\r\n,\]}]|$))/;

/** The state of one reading. A problem ends it. */
interface Reading {
  readonly base: number;
  /** Plain values with a comment behind them. */
  readonly commented: Range[];
  readonly anchors: Map<string, Node>;
  /** The nodes that are being read: an alias to one of them holds itself. */
  readonly open: Set<Node>;
  aliased: number;
  problem: YamlProblem | undefined;
}

/**
 * Turns a node of the parser's into a value.
 * @param fallback offset in the text for a value that is not written
 * @param at for what an alias stands for: where the alias is; a message points at the use, not at the anchor
 */
function read(reading: Reading, node: Node | null | undefined, fallback: number, at?: Range): Value {
  const range = at ?? rangeOf(node, fallback, reading);
  const nothing: Value = { kind: 'scalar', value: null, range };
  if (at && ++reading.aliased > MAX_ALIASED_VALUES) refuse(reading, 'ALIASES', '', range);
  if (!node || reading.problem) return nothing;
  if (isAlias(node)) {
    const target = reading.anchors.get(node.source);
    if (target && !reading.open.has(target) && reading.open.size <= MAX_DEPTH) return read(reading, target, fallback, range);
    refuse(reading, 'ALIASES', '', range);
    return nothing;
  }
  if (!isSeq(node) && !isMap(node) && !isScalar(node)) return nothing;
  if (node.anchor !== undefined) reading.anchors.set(node.anchor, node);
  if (isScalar(node)) {
    if (node.type === 'PLAIN' && typeof node.comment === 'string') reading.commented.push(range);
    return { kind: 'scalar', value: scalar(node.value, node.source), range };
  }
  reading.open.add(node);
  const value: Value = isSeq(node)
    ? { kind: 'list', items: node.items.map((item) => read(reading, item as Node, fallback, at)), range }
    : { kind: 'map', entries: readEntries(reading, node.items, fallback, at), range };
  reading.open.delete(node);
  return value;
}

function readEntries(
  reading: Reading,
  pairs: readonly { readonly key: unknown; readonly value: unknown }[],
  fallback: number,
  at?: Range,
): MapEntry[] {
  const keys = new Set<string>();
  return pairs.map((pair) => {
    const keyNode = pair.key as Node;
    const keyRange = at ?? rangeOf(keyNode, fallback, reading);
    const key = isScalar(keyNode) ? String(keyNode.value) : '';
    if (isScalar(keyNode) && keyNode.anchor !== undefined) reading.anchors.set(keyNode.anchor, keyNode);
    if (keys.has(key)) refuse(reading, 'DUPLICATE_KEY', key, keyRange);
    keys.add(key);
    return { key, keyRange, value: read(reading, pair.value as Node | null, keyRange.end - reading.base, at) };
  });
}

function refuse(reading: Reading, code: string, reason: string, range: Range): void {
  reading.problem ??= { code, reason, range };
}

function rangeOf(node: Node | null | undefined, fallback: number, { base }: Reading): Range {
  const [start, end] = node?.range ?? [fallback, fallback];
  return { start: base + start, end: base + end };
}

function scalar(value: unknown, source: string | undefined): string | number | boolean | null {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return source ?? String(value);
}

/** The parser's message up to its position, which is printed beside it. */
function firstSentence(message: string): string {
  const [sentence = message] = message.split(/ at line \d/);
  return (sentence.split('\n')[0] ?? sentence).trim().replace(/:$/, '');
}
