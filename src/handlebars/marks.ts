/**
 * Templates that tell where each part of what they make comes from. A mark goes before everything that a template prints,
 * and marks are what it is given in place of values; the parts are put together afterwards. So a value never passes through
 * a template, and nothing that an author wrote can be taken for a mark.
 *
 * Handlebars itself is not imported: the build of polyagent and a run compile templates with this, each with its own.
 */
import type Handlebars from 'handlebars';

/** A part of what a template made, with its place there: a text of the template's own, or the braces that print something. */
export type Part = Place &
  (
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'value'; readonly index: number }
    /** Neither: what `{{@index}}` printed, or the text of a partial that was indented. */
    | { readonly kind: 'made'; readonly text: string }
  );

/** Offsets in a template. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/** Stands for a value. A template is given it in place of the value; in place of an empty one it gets an empty text. */
export const markOf = (index: number): string => `\0v${index}\0`;

/** Lets an environment of Handlebars, which should be one's own, compile templates with marks. */
export function withMarks<E extends Pick<typeof Handlebars, 'parse'>>(environment: E): E {
  const { parse } = environment;
  const parseWithMarks: typeof parse = (text, options) => {
    const program = parse(text, options);
    putMarks(program, text, offsetsIn(text));
    return program;
  };
  return Object.assign(environment, { parse: parseWithMarks });
}

/** Tells the offset of a line and a column as Handlebars counts them. */
export function offsetsIn(text: string): (position: hbs.AST.Position) => number {
  const lines = [0, ...[...text.matchAll(/\r\n?|\n/g)].map(({ index, 0: end }) => index + end.length)];
  return ({ line, column }) => (lines[line - 1] ?? 0) + column;
}

/** White space that Handlebars takes away is away by now; where a text stood is known by what it was. */
function putMarks(program: hbs.AST.Program, text: string, offsetOf: (position: hbs.AST.Position) => number): void {
  program.body = program.body.flatMap((statement) => {
    if (isContent(statement)) {
      const start = offsetOf(statement.loc.start) + taken(statement);
      const { value } = statement;
      if (value === '' || !text.startsWith(value, start)) return [statement];
      return [content(`\0t${start},${start + value.length}\0${value}`, statement)];
    }
    for (const inner of innerOf(statement)) putMarks(inner, text, offsetOf);
    const { start, end } = statement.loc;
    return statement.type === 'MustacheStatement'
      ? [content(`\0p${offsetOf(start)},${offsetOf(end)}\0`, statement), statement]
      : [statement];
  });
}

const isContent = (statement: hbs.AST.Statement): statement is hbs.AST.ContentStatement => statement.type === 'ContentStatement';

const content = (value: string, { loc }: hbs.AST.Node): hbs.AST.ContentStatement => ({
  type: 'ContentStatement',
  value,
  original: { open: false, close: false },
  loc,
});

/** The programs of a block: what it repeats or chooses, and what it does otherwise. */
function innerOf(statement: hbs.AST.Statement): hbs.AST.Program[] {
  const { program, inverse } = statement as Partial<hbs.AST.BlockStatement>;
  return [program, inverse].filter((inner) => inner !== undefined && inner !== null);
}

/**
 * How much of its start a text has lost. `~` takes all white space of an end; a block on a line of its own takes the rest
 * of its line from the text behind it, and blanks from the end of the text before it.
 */
function taken(statement: hbs.AST.ContentStatement): number {
  const { value } = statement;
  // Its type in the package is another one's.
  const original = statement.original as unknown as string;
  const [before, after] = [original.search(/\S/), value.search(/\S/)];
  if (before !== -1) return before - after;
  return original.split('\n').length > value.split('\n').length ? original.lastIndexOf(value) : 0;
}

/** What a template with marks made, in parts. */
export function partsOf(made: string, text: string): readonly Part[] {
  const parts: Part[] = [];
  const mark = /\0([tpv])(\d+)(?:,(\d+))?\0/y;
  let place: Place = { start: 0, end: 0 };
  let at = 0;
  while (at < made.length) {
    mark.lastIndex = at;
    const found = mark.exec(made);
    if (!found) {
      const next = made.indexOf('\0', at + 1);
      const end = next === -1 ? made.length : next;
      parts.push({ kind: 'made', text: made.slice(at, end), ...place });
      at = end;
      continue;
    }
    const [whole, kind, first, second] = found;
    at += whole.length;
    if (kind === 'v') {
      parts.push({ kind: 'value', index: Number(first), ...place });
      continue;
    }
    place = { start: Number(first), end: Number(second) };
    const { start, end } = place;
    // The lines of a partial that stands indented are not what stands in the template.
    const own = text.slice(start, end);
    if (kind !== 't' || !made.startsWith(own, at)) continue;
    parts.push({ kind: 'text', text: own, start, end });
    at += end - start;
    place = { start: end, end };
  }
  return parts;
}
