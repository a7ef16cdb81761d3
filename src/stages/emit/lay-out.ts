/** A file by its template. Values go in afterwards, so that every stretch of the file has an origin of its own. */
import type { SourceText } from '../../diagnostics/source-text.js';
import { FORMATS } from '../../formats/index.js';
import { markOf, type Part, partsOf } from '../../handlebars/marks.js';
import type { Body, Origin, Piece, Range } from '../../ir.js';
import type { Lowered } from '../lower/lower.js';
import type { Document } from '../parse/document.js';
import { type Template, type TemplateContext, templatePath } from './templates.js';
import { piecesOfWritten } from './written-value.js';

/** A file, and where its stretches come from. That costs more than the text, and few ask. */
export interface LaidOut {
  /** The texts that make up the file. What files have in common, such as a prompt, is one text. */
  readonly chunks: readonly string[];
  readonly pieces: () => readonly Piece[];
}

/** What a template puts somewhere, and where it comes from; without a range it is the template's. */
interface Value {
  readonly text: string;
  readonly range?: Range | undefined;
}

/** What is wrong with a template, for a person. */
interface Refused {
  readonly refused: string;
}

/** Lays out a file. Gives the reason when the template cannot be used. */
export function layOut(lowered: Lowered, template: Template, document: Document, root: string): LaidOut | Refused {
  const { target, body } = lowered;
  const { source } = document;
  const eol = FORMATS[target.format].sourceLineEnds ? document.eol : '\n';
  const { values, shape } = valuesOf(lowered, document, root, eol);
  let parts: readonly Part[];
  try {
    parts = partsBy(template, shape);
  } catch (error) {
    return { refused: reasonOf(error) };
  }
  if (target.body.instead === undefined && parts.filter((part) => part.kind === 'value' && part.index === PROMPT).length !== 1)
    return { refused: 'it must have `{{body}}` once' };

  const chunks = [''];
  const lengths = parts.map((part) => {
    const text = part.kind === 'value' ? (values[part.index]?.text ?? '') : withEol(part.text, eol);
    if (part.kind === 'value' && part.index === PROMPT) chunks.push(text, '');
    else chunks[chunks.length - 1] += text;
    return text.length;
  });
  return laidOut({
    chunks,
    parts,
    lengths,
    ranges: values.map(({ range }) => range),
    path: templatePath(target.name, template),
    template: template.text,
    eol,
    source,
    prompt: body,
    asValue: target.body.key !== undefined,
  });
}

// A closure of its own: one of `layOut` would keep everything there alive for as long as the file.
const laidOut = (kept: Kept): LaidOut => ({ chunks: kept.chunks, pieces: () => piecesOf(kept) });

/** What is kept for those who ask where a file comes from. It is small: the texts are in the chunks. */
interface Kept extends Pick<LaidOut, 'chunks'> {
  readonly parts: readonly Part[];
  /** Of the parts. */
  readonly lengths: readonly number[];
  /** Of the values. */
  readonly ranges: readonly (Range | undefined)[];
  readonly path: string;
  readonly template: string;
  readonly eol: string;
  readonly source: SourceText;
  readonly prompt: Body;
  readonly asValue: boolean;
}

function piecesOf({ chunks, parts, lengths, ranges, path, template, eol, source, prompt, asValue }: Kept): readonly Piece[] {
  const content = chunks.join('');
  let at = 0;
  const pieces = parts.flatMap((part, index): readonly Piece[] => {
    const text = content.slice(at, at + (lengths[index] ?? 0));
    at += text.length;
    const place: Origin = { kind: 'template', path, start: part.start, end: part.end };
    if (part.kind === 'text') return ownText(template, place, eol);
    if (part.kind === 'made') return [{ text, origin: place, written: true }];
    if (part.index === PROMPT) return asValue ? piecesOfWritten(text, prompt, place) : prompt;
    const range = ranges[part.index];
    return [{ text, origin: range ? source.originOf(range) : place, written: true }];
  });
  return pieces.filter(({ text }) => text !== '');
}

/** How many values a template is given of each kind, and which of them are empty. It sees nothing else of them. */
interface Shape {
  readonly header: number;
  readonly tables: number;
  /** For each of `PLAIN`. */
  readonly empty: readonly boolean[];
}

const known = new WeakMap<Template, Map<string, readonly Part[]>>();

/** The parts of what a template makes. They are the same for all agents of one shape, so it is asked once. */
function partsBy(template: Template, shape: Shape): readonly Part[] {
  const key = `${shape.header} ${shape.tables} ${shape.empty.join()}`;
  const ofTemplate = known.get(template) ?? new Map<string, readonly Part[]>();
  const parts = ofTemplate.get(key) ?? partsOf(template(contextOf(shape)), template.text);
  known.set(template, ofTemplate.set(key, parts));
  return parts;
}

/** A stretch of a template, whose line ends become those of the file. */
function ownText(text: string, origin: Origin, eol: string): Piece[] {
  const pieces: Piece[] = [];
  let at = origin.start;
  const keep = (end: number): void => {
    if (end > at) pieces.push({ text: text.slice(at, end), origin: { ...origin, start: at, end } });
  };
  for (const { 0: own, index } of text.slice(origin.start, origin.end).matchAll(/\r?\n/g)) {
    if (own === eol) continue;
    const start = origin.start + index;
    keep(start);
    at = start + own.length;
    pieces.push({ text: eol, origin: { ...origin, start, end: at }, written: true });
  }
  keep(origin.end);
  return pieces;
}

const withEol = (text: string, eol: string): string => (eol === '\n' && !text.includes('\r') ? text : text.replaceAll(/\r?\n/g, eol));

/** The values of every file, in the order in which they are in the list. Behind them come the header and the tables. */
const [PROMPT, NAME, ID, DESCRIPTION, SOURCE, TARGET, SUMMARY, ENTRIES] = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/** What a template may use: marks for the values. */
function contextOf({ header, tables, empty }: Shape): TemplateContext {
  const mark = (index: number): string => (empty[index] ? '' : markOf(index));
  const marks = (from: number, count: number): string[] => Array.from({ length: count }, (_, index) => markOf(from + index));
  return {
    body: mark(PROMPT),
    agent: { name: mark(NAME), id: mark(ID), description: mark(DESCRIPTION), source: mark(SOURCE) },
    target: mark(TARGET),
    summary: mark(SUMMARY),
    header: marks(ENTRIES, header),
    tables: marks(ENTRIES + header, tables),
  };
}

function valuesOf(
  { agent, target, id, header, body: prompt }: Lowered,
  { source, frontMatter, body }: Document,
  root: string,
  eol: string,
): { readonly values: readonly Value[]; readonly shape: Shape } {
  const format = FORMATS[target.format];
  const options = { escapes: target.escapes };
  const head = frontMatter?.range ?? { start: 0, end: body.start };
  const { name, description } = agent;
  const lines = (text: string): string => (eol === '\n' ? text : text.replaceAll('\n', eol));
  const text = textOf(prompt);
  const values: Value[] = [
    // Its line ends are its own.
    { text: target.body.key === undefined ? text : format.text(text, options) },
    { text: lines(name.value), range: name.range },
    { text: id, range: name.range },
    { text: lines(description.value), range: description.range },
    { text: below(root, source.path), range: head },
    { text: target.name },
    { text: FORMATS['bare-lines'].text(description.value, {}), range: description.range },
  ];
  const empty = values.map((value, index) => (index === PROMPT ? target.body.instead !== undefined : value.text === ''));
  const tables: Value[] = [];
  for (const { key, value, range = target.dialect === 'ir' ? head : undefined } of header) {
    const entry = { text: lines(format.entry(key, value, options)), range };
    (format.isTable(value) ? tables : values).push(entry);
  }
  const shape = { header: values.length - ENTRIES, tables: tables.length, empty };
  return { values: [...values, ...tables], shape };
}

/** A path as it is from a folder above it. */
const below = (root: string, path: string): string => (root !== '' && path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path);

const texts = new WeakMap<Body, string>();

/** The text of a prompt. Targets that have one prompt have one text. */
export function textOf(body: Body): string {
  const known = texts.get(body) ?? body.map((piece) => piece.text).join('');
  texts.set(body, known);
  return known;
}

/** What Handlebars says, in one line. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, name, line] = /^"(.+)" not defined in .* - (\d+):\d+$/.exec(message) ?? [];
  if (name !== undefined) return `there is nothing called \`${name}\` (line ${line})`;
  const lines = message.split('\n');
  return lines.length > 1 ? `${lines[0]?.replace(/:$/, '')}, ${lines.at(-1)}` : message;
}
