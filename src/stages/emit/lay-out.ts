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

const NOTHING: Value = { text: '' };

/** What is wrong with a template, for a person. */
interface Refused {
  readonly refused: string;
}

/** Lays out a file. Gives the reason when the template cannot be used. */
export function layOut(lowered: Lowered, template: Template, document: Document, root: string): LaidOut | Refused {
  const { target, body } = lowered;
  const eol = FORMATS[target.format].sourceLineEnds ? document.eol : '\n';
  const { valueAt, shape } = valuesOf(lowered, document, root, eol);
  let layout: Layout;
  try {
    layout = layoutBy(template, shape);
  } catch (error) {
    return { refused: reasonOf(error) };
  }
  const { parts, prompts } = layout;
  if (target.body.instead === undefined && prompts !== 1) return { refused: 'it must have `{{body}}` once' };

  const chunks = [''];
  const values: Value[] = [];
  for (const part of parts) {
    if (part.kind !== 'value') {
      chunks[chunks.length - 1] += withEol(part.text, eol);
      continue;
    }
    const value = valueAt(part.index);
    values.push(value);
    if (part.index === PROMPT) chunks.push(value.text, '');
    else chunks[chunks.length - 1] += value.text;
  }
  return laidOut(chunks, {
    parts,
    values,
    path: templatePath(target.name, template),
    template: template.text,
    eol,
    source: document.source,
    prompt: body,
    asValue: target.body.key !== undefined,
  });
}

// A closure of its own: one of `layOut` would keep everything there alive for as long as the file.
const laidOut = (chunks: readonly string[], kept: Kept): LaidOut => ({ chunks, pieces: () => piecesOf(kept) });

/** What is kept for those who ask where a file comes from. */
interface Kept {
  readonly parts: readonly Part[];
  /** Those of the parts that are values. */
  readonly values: readonly Value[];
  readonly path: string;
  readonly template: string;
  readonly eol: string;
  readonly source: SourceText;
  readonly prompt: Body;
  readonly asValue: boolean;
}

function piecesOf({ parts, values, path, template, eol, source, prompt, asValue }: Kept): readonly Piece[] {
  const given = values.values();
  const pieces = parts.flatMap((part): readonly Piece[] => {
    const place: Origin = { kind: 'template', path, start: part.start, end: part.end };
    if (part.kind === 'text') return ownText(template, place, eol);
    if (part.kind === 'made') return [{ text: withEol(part.text, eol), origin: place, written: true }];
    const { text, range }: Value = given.next().value ?? NOTHING;
    if (part.index === PROMPT) return asValue ? piecesOfWritten(text, prompt, place) : prompt;
    return [{ text, origin: range ? source.originOf(range) : place, written: true }];
  });
  return pieces.filter(({ text }) => text !== '');
}

/** How many entries a template is given, and which of the other values are empty. It sees nothing else of them. */
interface Shape {
  readonly header: number;
  readonly tables: number;
  /** By index. */
  readonly empty: readonly boolean[];
}

/** What a template makes of values of one shape. */
interface Layout {
  readonly parts: readonly Part[];
  /** How often it has the prompt. */
  readonly prompts: number;
}

const known = new WeakMap<Template, Map<string, Layout>>();

/** A template's layout. It is the same for all agents of one shape, so the template is asked once. */
function layoutBy(template: Template, shape: Shape): Layout {
  const key = `${shape.header} ${shape.tables} ${shape.empty.join()}`;
  const made = known.get(template)?.get(key);
  if (made) return made;
  const layout = layoutOf(template, shape);
  known.set(template, (known.get(template) ?? new Map<string, Layout>()).set(key, layout));
  return layout;
}

function layoutOf(template: Template, shape: Shape): Layout {
  const parts = partsOf(template(contextOf(shape)), template.text);
  return { parts, prompts: parts.filter((part) => part.kind === 'value' && part.index === PROMPT).length };
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

/** The values that every file has, by their index. Behind them come the header and the tables. */
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

/** The values of a file. What its template does not print is not written. */
function valuesOf(
  { agent, target, id, header, body: prompt }: Lowered,
  { source, frontMatter, body }: Document,
  root: string,
  eol: string,
): { readonly valueAt: (index: number) => Value; readonly shape: Shape } {
  const format = FORMATS[target.format];
  const options = { escapes: target.escapes };
  const head = frontMatter?.range ?? { start: 0, end: body.start };
  const { name, description } = agent;
  const lines = (text: string): string => (eol === '\n' ? text : text.replaceAll('\n', eol));
  const entries: Value[] = [];
  const tables: Value[] = [];
  for (const { key, value, range = target.dialect === 'ir' ? head : undefined } of header) {
    const entry = { text: lines(format.entry(key, value, options)), range };
    (format.isTable(value) ? tables : entries).push(entry);
  }
  const from = below(root, source.path);
  const blank = description.value.trim() === '';
  const empty = [target.body.instead !== undefined, name.value === '', id === '', description.value === '', from === '', false, blank];
  const valueAt = (index: number): Value => {
    switch (index) {
      case PROMPT:
        // Its line ends are its own.
        return { text: target.body.key === undefined ? textOf(prompt) : format.text(textOf(prompt), options) };
      case NAME:
        return { text: lines(name.value), range: name.range };
      case ID:
        return { text: id, range: name.range };
      case DESCRIPTION:
        return { text: lines(description.value), range: description.range };
      case SOURCE:
        return { text: from, range: head };
      case TARGET:
        return { text: target.name };
      case SUMMARY:
        return { text: FORMATS['bare-lines'].text(description.value, {}), range: description.range };
      default:
        return entries[index - ENTRIES] ?? tables[index - ENTRIES - entries.length] ?? NOTHING;
    }
  };
  return { valueAt, shape: { header: entries.length, tables: tables.length, empty } };
}

/** A path as it is from a folder above it. */
const below = (root: string, path: string): string => (root !== '' && path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path);

const texts = new WeakMap<Body, string>();

/** The text of a prompt. Targets that have one prompt have one text. */
export function textOf(body: Body): string {
  const [first, second] = body;
  if (!second) return first?.text ?? '';
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
