/**
 * Lowered → OutputFile: values are written in the target's format, checked against its schema, and laid out by its
 * template. The prompt never passes through the template: a mark stands for it there.
 */
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Format, Parsed } from '../../formats/format.js';
import { FORMATS } from '../../formats/index.js';
import type { Body, Json, Piece, Range } from '../../ir.js';
import type { Target } from '../../targets/target.js';
import type { Lowered } from '../lower/lower.js';
import type { Document } from '../parse/document.js';
import { spliceHeader } from './splice-header.js';
import { builtInTemplate, type Template } from './templates.js';

/** A file to be written. */
export interface OutputFile {
  readonly target: string;
  /** The agent's id. */
  readonly agent: string;
  /** From the root of a project of the assistant's, with `/` between folders. */
  readonly path: string;
  /** The path of the source. */
  readonly source: string;
  readonly content: string;
  /** The content in stretches, each with where it came from; what has no origin is the compiler's. */
  readonly pieces: readonly Piece[];
}

/** Templates of the project, by target. They replace the built-in ones. */
export type Templates = { readonly [target: string]: Template };

/** Emits one file. `undefined`, with the reason reported, when the target's loader would refuse it. */
export function emit(lowered: Lowered, document: Document, templates: Templates, report: Report): OutputFile | undefined {
  const { agent, target, id, body } = lowered;
  const format = FORMATS[target.format];
  const text = body.map((piece) => piece.text).join('');
  if (!satisfies(lowered, text, document.source, report)) return undefined;

  const own = templates[target.name];
  const spliced = own ? undefined : spliceHeader(lowered, document, report);
  const pieces =
    spliced !== undefined
      ? [{ text: spliced }, ...body]
      : layOut(lowered, own ?? builtInTemplate(target.name), format, text, document, report);
  if (!pieces) return undefined;
  const content = pieces.map((piece) => piece.text).join('');
  if (own && !readsBack(content, lowered, format, text, report, document.source)) return undefined;
  return {
    target: target.name,
    agent: agent.id,
    path: target.path.replace('{id}', () => id),
    source: document.source.path,
    content,
    pieces,
  };
}

/** Checks the file as data. What the schema refuses is reported at the field that it is about. */
function satisfies({ agent, target, header }: Lowered, text: string, source: SourceText, report: Report): boolean {
  const data: { [key: string]: Json } = { [target.body.key ?? 'body']: text };
  const format = FORMATS[target.format];
  for (const { key, value } of header)
    data[key] =
      target.format === 'bare-lines' && typeof value === 'string'
        ? (format.read(`---\n${format.entry(key, value, { closesAnywhere: false })}\n---\n`).header[key] ?? '')
        : value;
  const result = target.schema['~standard'].validate(data);
  if (result instanceof Promise) throw new TypeError(`the schema of ${target.name} is asynchronous`);
  for (const issue of result.issues ?? []) {
    const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
    const field = header.find(({ key }) => key === path[0])?.field;
    const native = agent.overrides[target.name]?.native.find(({ key }) => key === path[0]);
    const located = field && field !== 'body' && field !== 'examples' ? agent[field] : undefined;
    const range: Range = native?.valueRange ?? (located && 'range' in located ? located.range : undefined) ?? agent.name.range;
    report.add('output-invalid', source, range, { target: target.name, field: path.join('.'), reason: plainly(issue.message) });
  }
  return !result.issues;
}

function layOut(
  lowered: Lowered,
  template: Template | undefined,
  format: Format,
  text: string,
  document: Document,
  report: Report,
): Piece[] | undefined {
  const { agent, target, header, body } = lowered;
  if (!template) {
    report.addForFile('template-invalid', document.source.path, { name: target.name, reason: 'there is none' });
    return undefined;
  }
  const entries = header.map(({ key, value }) => ({
    table: format.isTable(value),
    text: format.entry(key, value, { closesAnywhere: target.closesAnywhere === true }),
  }));
  // Stands for the prompt, and for nothing that is in the header.
  let mark = '\u0000';
  while (entries.some((entry) => entry.text.includes(mark)) || JSON.stringify(agent.name).includes(mark)) mark += '\u0000';
  let file: string;
  try {
    file = template({
      header: entries.filter(({ table }) => !table).map((entry) => entry.text),
      tables: entries.filter(({ table }) => table).map((entry) => entry.text),
      body: mark,
      agent: { name: agent.name.value, id: agent.id, description: agent.description.value, source: document.source.path },
      target: target.name,
    });
  } catch (error) {
    report.addForFile('template-invalid', `templates/${target.name}.hbs`, { name: target.name, reason: reasonOf(error) });
    return undefined;
  }
  const [before, after, ...more] = file.split(mark);
  if (before === undefined || after === undefined || more.length > 0) {
    report.addForFile('template-invalid', `templates/${target.name}.hbs`, { name: target.name, reason: 'it must have `{{body}}` once' });
    return undefined;
  }
  const prompt = target.body.key === undefined ? body : asValue(format, text, body);
  const eol = format.sourceLineEnds ? document.eol : '\n';
  const withEol = (part: string): string => (eol === '\n' ? part : part.replaceAll('\n', eol));
  return [{ text: withEol(before) }, ...prompt, { text: withEol(after) }].filter((piece) => piece.text !== '');
}

/** The body as a value of the header; its pieces stay when the format writes it as it is. */
function asValue(format: Format, text: string, body: Body): Body {
  const written = format.text(text);
  const at = written.indexOf(text);
  if (at === -1) return [{ text: written }];
  return [{ text: written.slice(0, at) }, ...body, { text: written.slice(at + text.length) }];
}

/** A project's template can lose what the built-in one says; the file is read back to see that it does not. */
function readsBack(
  content: string,
  { target, header }: Lowered,
  format: Format,
  text: string,
  report: Report,
  source: SourceText,
): boolean {
  let reason: string | undefined;
  try {
    const parsed = format.read(content);
    reason = difference(parsed, header, target, text);
  } catch (error) {
    reason = `what it makes cannot be read: ${reasonOf(error)}`;
  }
  if (reason === undefined) return true;
  report.addForFile('template-invalid', `templates/${target.name}.hbs`, { name: target.name, reason: `${reason} (in ${source.path})` });
  return false;
}

function difference(parsed: Parsed, header: Lowered['header'], target: Target, text: string): string | undefined {
  for (const { key, value } of header) {
    const read = parsed.header[key];
    if (read === undefined) return `\`${key}\` is missing`;
    if (target.format !== 'bare-lines' && JSON.stringify(read) !== JSON.stringify(value)) return `\`${key}\` is another value`;
  }
  const body = target.body.key === undefined ? parsed.body : parsed.header[target.body.key];
  return typeof body === 'string' && body.replaceAll('\r\n', '\n').includes(text.replaceAll('\r\n', '\n'))
    ? undefined
    : 'the prompt is missing';
}

/** A schema library's sentence as the rest of one of ours. */
function plainly(message: string): string {
  const [, missing] = /^Invalid key: Expected "(.+)" but received undefined$/.exec(message) ?? [];
  if (missing !== undefined) return `\`${missing}\` is missing`;
  const [, expected, received] = /^Invalid \w+: Expected (.+) but received (.+)$/.exec(message) ?? [];
  return expected === undefined ? message : `it must be ${expected}, not ${received}`;
}

/** What Handlebars says, in one line. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, name, line] = /^"(.+)" not defined in .* - (\d+):\d+$/.exec(message) ?? [];
  if (name !== undefined) return `there is nothing called \`${name}\` (line ${line})`;
  const lines = message.split('\n');
  return lines.length > 1 ? `${lines[0]?.replace(/:$/, '')}, ${lines.at(-1)}` : message;
}
