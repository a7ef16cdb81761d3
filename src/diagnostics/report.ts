import { VFileMessage } from 'vfile-message';
import type { Json, Range } from '../ir.js';
import { type Code, type DataOf, RULES, type Rule, type Severity } from './rules.js';
import type { SourceText } from './source-text.js';

/** A message about the author's files: a vfile message with a permanent code and the data its text was made of. */
export interface Diagnostic extends VFileMessage {
  readonly code: Code;
  readonly severity: Severity;
  /** The path of the file it is about. */
  readonly file: string;
  /** Written under the caret of a code frame. */
  readonly label: string | undefined;
  /** The next thing to do. */
  readonly help: string;
  readonly data: { readonly [key: string]: Json };
  /** The text that the place points into; absent for a file that is not a source. */
  readonly source: string | undefined;
}

/** Severities by code, as `rules` of the config gives them. An error stays an error. */
export type RuleLevels = { readonly [C in Code]?: Severity | 'off' };

/** Collects what the stages have to say. A stage reports and goes on; it never throws for what an author wrote. */
export interface Report {
  /** Makes the text of a file known that agents take from, so that a message about them can point into it. */
  knows(text: SourceText): void;
  /** The text of a file that was made known. */
  textOf(path: string): SourceText | undefined;
  /** Adds a message about a place in a source. The same message about the same place is kept once. Gives its severity. */
  add<C extends Code>(code: C, text: SourceText, range: Range, data: DataOf<C>): Severity | 'off';
  /** Adds a message about a file as a whole, which need not be readable or exist. */
  addForFile<C extends Code>(code: C, path: string, data: DataOf<C>): void;
  /** How many errors were reported for the file. */
  errorsIn(path: string): number;
  /** All messages, by file and place. */
  readonly diagnostics: readonly Diagnostic[];
}

export function createReport(levels: RuleLevels = {}): Report {
  const seen = new Map<string, Diagnostic>();
  const errors = new Map<string, number>();
  const texts = new Map<string, SourceText>();

  function put(code: Code, path: string, data: object, text?: SourceText, range?: Range): Severity | 'off' {
    const rule = RULES[code] as Rule<object>;
    const severity = rule.severity === 'error' ? 'error' : (levels[code] ?? rule.severity);
    if (severity === 'off') return severity;
    const key = [code, path, range?.start, range?.end, JSON.stringify(data)].join('\0');
    if (seen.has(key)) return severity;
    if (severity === 'error') errors.set(path, (errors.get(path) ?? 0) + 1);
    const place = text && range && { start: text.point(range.start), end: text.point(range.end) };
    const message = new VFileMessage(rule.message(data), { ruleId: code, source: 'polyagent', ...(place && { place }) });
    message.file = path;
    message.fatal = { error: true, warning: false, info: undefined }[severity];
    message.note = rule.help(data);
    seen.set(
      key,
      Object.assign(message, {
        code,
        severity,
        label: rule.label?.(data),
        help: rule.help(data),
        data,
        source: text?.text,
      }) as unknown as Diagnostic,
    );
    return severity;
  }

  return {
    knows: (text) => void texts.set(text.path, text),
    textOf: (path) => texts.get(path),
    add(code, text, range, data) {
      const { path, start, end } = text.originOf(range);
      const file = texts.get(path) ?? (path === text.path ? text : undefined);
      return put(code, path, data, file, { start, end });
    },
    addForFile: (code, path, data) => void put(code, path, data),
    errorsIn: (path) => errors.get(path) ?? 0,
    get diagnostics() {
      return [...seen.values()].sort(byPlace);
    },
  };
}

/** The order in which diagnostics are given: by file, place and code. */
export function byPlace(a: Diagnostic, b: Diagnostic): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return offsetOf(a) - offsetOf(b) || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0);
}

function offsetOf({ place }: Diagnostic): number {
  return (place && ('start' in place ? place.start.offset : place.offset)) ?? -1;
}
