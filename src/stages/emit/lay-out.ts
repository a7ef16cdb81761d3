/** A file by its template. Values go in afterwards, so that every stretch of the file has an origin of its own. */
import type { SourceText } from '../../diagnostics/source-text.js';
import { FORMATS } from '../../formats/index.js';
import { markOf, type Part, partsOf } from '../../handlebars/marks.js';
import type { Body, Origin, Piece, Range } from '../../ir.js';
import type { HeaderEntry, Lowered } from '../lower/lower.js';
import type { Document } from '../parse/document.js';
import { type Template, type TemplateContext, templatePath } from './templates.js';
import { piecesOfWritten } from './written-value.js';

/** A file, and where its stretches come from. That costs more than the text, and few ask. */
export interface LaidOut {
  readonly content: string;
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
  const values: Value[] = [];
  let parts: readonly Part[];
  try {
    parts = partsBy(template, template(contextOf(lowered, document, root, eol, values)));
  } catch (error) {
    return { refused: reasonOf(error) };
  }
  if (target.body.instead === undefined && parts.filter((part) => part.kind === 'value' && part.index === PROMPT).length !== 1)
    return { refused: 'it must have `{{body}}` once' };

  const texts = parts.map((part) => (part.kind === 'value' ? (values[part.index]?.text ?? '') : withEol(part.text, eol)));
  const content = texts.join('');
  return laidOut({
    content,
    parts,
    lengths: texts.map((text) => text.length),
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
const laidOut = (kept: Kept): LaidOut => ({ content: kept.content, pieces: () => piecesOf(kept) });

/** What is kept for those who ask where a file comes from. It is small: the texts are in the content. */
interface Kept extends Pick<LaidOut, 'content'> {
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

function piecesOf({ content, parts, lengths, ranges, path, template, eol, source, prompt, asValue }: Kept): readonly Piece[] {
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

const known = new WeakMap<Template, Map<string, readonly Part[]>>();

/** The parts of what a template made. They are the same for all agents with as many entries: only marks went in. */
function partsBy(template: Template, made: string): readonly Part[] {
  const ofTemplate = known.get(template) ?? new Map<string, readonly Part[]>();
  const parts = ofTemplate.get(made) ?? partsOf(made, template.text);
  known.set(template, ofTemplate.set(made, parts));
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

/** The prompt is the first of the values. */
const PROMPT = 0;

/** What a template may use. The values themselves are put into a list. */
function contextOf(
  { agent, target, header, body: prompt }: Lowered,
  { source, frontMatter, body }: Document,
  root: string,
  eol: string,
  values: Value[],
): TemplateContext {
  const format = FORMATS[target.format];
  const options = { escapes: target.escapes };
  const give = (text: string, range?: Range): string => {
    const mark = markOf(values.push({ text: eol === '\n' ? text : text.replaceAll('\n', eol), range }) - 1);
    return text === '' ? '' : mark;
  };
  const head = frontMatter?.range ?? { start: 0, end: body.start };
  const entryOf = ({ key, value, range }: HeaderEntry): string =>
    give(format.entry(key, value, options), range ?? (target.dialect === 'ir' ? head : undefined));
  // Its line ends are its own.
  const text = textOf(prompt);
  values.push({ text: target.body.key === undefined ? text : format.text(text, options) });
  const { name, id, description } = agent;
  return {
    body: target.body.instead === undefined ? markOf(PROMPT) : '',
    agent: {
      name: give(name.value, name.range),
      id: give(id, name.range),
      description: give(description.value, description.range),
      source: give(below(root, source.path), head),
    },
    target: give(target.name),
    summary: give(FORMATS['bare-lines'].text(description.value, {}), description.range),
    header: header.filter(({ value }) => !format.isTable(value)).map(entryOf),
    tables: header.filter(({ value }) => format.isTable(value)).map(entryOf),
  };
}

/** A path as it is from a folder above it. */
const below = (root: string, path: string): string => (root !== '' && path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path);

export const textOf = (body: Body): string => body.map((piece) => piece.text).join('');

/** What Handlebars says, in one line. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, name, line] = /^"(.+)" not defined in .* - (\d+):\d+$/.exec(message) ?? [];
  if (name !== undefined) return `there is nothing called \`${name}\` (line ${line})`;
  const lines = message.split('\n');
  return lines.length > 1 ? `${lines[0]?.replace(/:$/, '')}, ${lines.at(-1)}` : message;
}
