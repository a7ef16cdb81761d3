import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, parseDocument, type Document as YamlDocument } from 'yaml';
import type { Range } from '../../ir.js';
import type { MapEntry, Value } from './document.js';

/** The most values that aliases may expand to: a real header has a few dozen. */
export const MAX_VALUES = 10_000;

/** What is wrong with a piece of YAML, and where. */
export interface YamlProblem {
  readonly reason: string;
  readonly code: string;
  readonly range: Range;
}

/** A YAML text read strictly: its value, or the first thing that is wrong with it. */
export type YamlResult =
  | { readonly value: Value; readonly flow: boolean; readonly comments: readonly Range[] }
  | { readonly problem: YamlProblem };

/**
 * Reads YAML 1.2 (core schema) with a range for every value.
 * @param base offset of the text in its file; ranges count from there
 */
export function readYaml(text: string, base: number): YamlResult {
  // stringKeys: a key is always text; uniqueKeys: a second one is an error, since assistants disagree about which counts.
  const document = parseDocument(text, { prettyErrors: false, stringKeys: true, uniqueKeys: true, logLevel: 'silent' });
  const error = document.errors[0];
  if (error) {
    const [start, end] = error.pos;
    return {
      problem: { reason: firstSentence(error.message), code: error.code, range: { start: base + start, end: base + Math.max(end, start) } },
    };
  }
  const reader = createReader(document, base);
  if (!document.contents) return { value: { kind: 'map', entries: [], range: { start: base, end: base } }, flow: false, comments: [] };
  const value = reader.read(document.contents);
  if (reader.count() > MAX_VALUES) {
    return { problem: { reason: 'too many aliases', code: 'TOO_MANY_VALUES', range: { start: base, end: base + text.length } } };
  }
  return { value, flow: isMap(document.contents) && document.contents.flow === true, comments: reader.comments };
}

function createReader(document: YamlDocument, base: number) {
  let values = 0;
  const comments: Range[] = [];

  const rangeOf = (node: Node, fallback: number): Range => {
    const [start, end] = node.range ?? [fallback, fallback, fallback];
    return { start: base + start, end: base + end };
  };

  /** `at`: for an alias, where it stands: a message points at the use, not at the anchor. */
  function read(node: Node | null | undefined, fallback = 0, at?: Range): Value {
    values++;
    const range = at ?? (node ? rangeOf(node, fallback) : { start: base + fallback, end: base + fallback });
    if (!node || values > MAX_VALUES) return { kind: 'scalar', value: null, range };
    if (isAlias(node)) return read((node as Alias).resolve(document), fallback, range);
    if (isSeq(node)) return { kind: 'list', items: node.items.map((item) => read(item as Node, fallback, at)), range };
    if (isMap(node)) {
      const entries = node.items.map((pair): MapEntry => {
        const keyNode = pair.key as Node;
        const keyRange = at ?? rangeOf(keyNode, fallback);
        const key = isScalar(keyNode) ? String(keyNode.value) : '';
        return { key, keyRange, value: read(pair.value as Node | null, keyRange.end - base, at) };
      });
      return { kind: 'map', entries, range };
    }
    if (!isScalar(node)) return { kind: 'scalar', value: null, range };
    if (node.type === 'PLAIN' && typeof node.comment === 'string') comments.push(range);
    return { kind: 'scalar', value: scalar(node.value, node.source), range };
  }

  return { read, comments, count: () => values };
}

function scalar(value: unknown, source: string | undefined): string | number | boolean | null {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return source ?? String(value);
}

/** The parser's message up to its position, which is printed beside it. */
function firstSentence(message: string): string {
  return (
    message
      .replace(/ at line \d+[\s\S]*$/, '')
      .replace(/:?\s*$/, '')
      .split('\n')[0] ?? message
  );
}
