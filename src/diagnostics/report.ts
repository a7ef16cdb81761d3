import { VFileMessage } from 'vfile-message';
import type { Json, Range } from '../ir.js';
import { type Code, type DataOf, RULES, type Rule, type Severity } from './rules.js';
import type { FileText, SourceText } from './source-text.js';

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

/** What was found, as data. A diagnostic is made of it when somebody reads it: most are only counted or summed up. */
export interface Finding {
  readonly code: Code;
  readonly severity: Severity;
  /** The path of the file it is about. */
  readonly file: string;
  readonly data: object;
  /** Absent when it is about the file as a whole. */
  readonly at?: { readonly range: Range; readonly text: Pick<FileText, 'text' | 'point'> };
}

/** What was found, or the message that was made of it. */
export type Told = Finding | Diagnostic;

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
  /** Does something, and gives what was found meanwhile: all of it, whether it was found before or not. */
  during<T>(act: () => T): { readonly value: T; readonly findings: readonly Finding[] };
  /** Takes over what was found elsewhere, or earlier. */
  take(findings: readonly Finding[]): void;
  /** Forgets what was found so far, but not what was remembered. */
  forget(): void;
  readonly findings: readonly Finding[];
  /** All messages, by file and place. */
  readonly diagnostics: readonly Diagnostic[];
}

export function createReport(levels: RuleLevels = {}): Report {
  const all = new Set<Finding>();
  const texts = new Map<string, SourceText>();
  /** One for each `during` that goes on. */
  const open: Set<Finding>[] = [];

  function put(finding: Finding): void {
    all.add(finding);
    for (const found of open) found.add(finding);
  }

  function severityOf(code: Code): Severity | 'off' {
    const { severity } = RULES[code];
    return severity === 'error' ? 'error' : (levels[code] ?? severity);
  }

  return {
    knows: (text) => void texts.set(text.path, text),
    textOf: (path) => texts.get(path),
    add(code, text, range, data) {
      const severity = severityOf(code);
      if (severity === 'off') return severity;
      const { path, start, end } = text.originOf(range);
      const file = texts.get(path) ?? (path === text.path ? text : undefined);
      put({ code, severity, file: path, data, ...(file && { at: { range: { start, end }, text: file } }) });
      return severity;
    },
    addForFile(code, path, data) {
      const severity = severityOf(code);
      if (severity !== 'off') put({ code, severity, file: path, data });
    },
    during(act) {
      const found = new Set<Finding>();
      open.push(found);
      try {
        return { value: act(), findings: eachOnce(found) };
      } finally {
        open.splice(open.indexOf(found), 1);
      }
    },
    take: (findings) => findings.forEach(put),
    forget: () => all.clear(),
    get findings() {
      return eachOnce(all);
    },
    get diagnostics() {
      return toDiagnostics([...all]);
    },
  };
}

/** Equal for findings that say the same. */
export const keyOf = ({ code, file, data, at }: Finding): string => JSON.stringify([code, file, at?.range.start, at?.range.end, data]);

/** Findings without those that say what an earlier one says. Most are told apart by their places, without their data. */
function eachOnce(findings: Iterable<Finding>): Finding[] {
  /** By place: the first finding, or when there are more what they say. */
  const known = new Map<string, Finding | Set<string>>();
  const result: Finding[] = [];
  for (const finding of findings) {
    const { code, file, data, at } = finding;
    const place = `${code}\0${file}\0${at?.range.start ?? ''}\0${at?.range.end ?? ''}`;
    const others = known.get(place);
    if (others) {
      const said = others instanceof Set ? others : new Set([JSON.stringify(others.data)]);
      if (said.size === said.add(JSON.stringify(data)).size) continue;
      known.set(place, said);
    } else known.set(place, finding);
    result.push(finding);
  }
  return result;
}

/** Something that was made, with what was found meanwhile. */
export interface Remembered<T> {
  readonly value: T;
  readonly findings: readonly Finding[];
}

/**
 * Makes a value once for each key. What was found then is found again by everybody who uses it, so that each agent knows
 * all that is wrong with what it is made of, whichever agent came first.
 */
export function remember<K, T>(
  known: { get(key: K): Remembered<T> | undefined; set(key: K, made: Remembered<T>): unknown },
  key: K,
  report: Pick<Report, 'during' | 'take'>,
  make: () => T,
): T {
  const before = known.get(key);
  if (before) {
    report.take(before.findings);
    return before.value;
  }
  const made = report.during(make);
  known.set(key, made);
  return made.value;
}

/** What was found, by file and place, each once. */
export const inOrder = (findings: readonly Finding[]): Finding[] => eachOnce(findings).sort(byPlace);

/** Messages of what was found, by file and place, each once. */
export const toDiagnostics = (findings: readonly Finding[]): Diagnostic[] => inOrder(findings).map(toDiagnostic);

/** A build that is repeated finds the same again and again. */
const messages = new WeakMap<Finding, Diagnostic>();

/** The message of what was found. */
export function toDiagnostic(told: Told): Diagnostic {
  if (told instanceof VFileMessage) return told;
  const message = messages.get(told) ?? messageOf(told);
  messages.set(told, message);
  return message;
}

/** Where something is, for a person: `agents/a.md:4:8`. */
export function placeOf(told: Told): string {
  const start = told instanceof VFileMessage ? startOf(told.place) : told.at?.text.point(told.at.range.start);
  return start ? `${told.file}:${start.line}:${start.column}` : told.file;
}

const startOf = (place: Diagnostic['place']): { readonly line: number; readonly column: number } | undefined =>
  place && 'start' in place ? place.start : place;

function messageOf({ code, severity, file, data, at }: Finding): Diagnostic {
  const rule = RULES[code] as Rule<object>;
  const place = at && { start: at.text.point(at.range.start), end: at.text.point(at.range.end) };
  const message = withoutTrace(() => new VFileMessage(rule.message(data), { ruleId: code, source: 'polyagent', ...(place && { place }) }));
  message.file = file;
  message.fatal = { error: true, warning: false, info: undefined }[severity];
  message.note = rule.help(data);
  const own = { code, severity, label: rule.label?.(data), help: message.note, data };
  // The text may have to be read for it.
  const source = { get: () => at?.text.text, enumerable: true };
  return Object.defineProperty(Object.assign(message, own), 'source', source) as unknown as Diagnostic;
}

/** A message is no exception: nobody reads where it was made. */
function withoutTrace<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The order in which messages are given: by file, place and code. */
function byPlace(a: Finding, b: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.at?.range.start ?? -1) - (b.at?.range.start ?? -1) || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0);
}
