/**
 * Fragments with parameters: their text is a Handlebars template. What is filled in keeps its origin: text of the fragment
 * its place there, a value the place where it is given.
 */
// Not the package's main module: that one registers a loader for Node's `require`, and needs its file system.
import Handlebars from 'handlebars/dist/cjs/handlebars.js';
import { nearest } from '../../diagnostics/nearest.js';
import type { Report } from '../../diagnostics/report.js';
import { createComposedText, type SourceText } from '../../diagnostics/source-text.js';
import { offsetsIn, partsOf, withMarks } from '../../handlebars/marks.js';
import type { Json, Located, Origin, Piece, Range } from '../../ir.js';
import type { Document } from '../parse/document.js';

/** A parameter that a fragment declares. */
export interface Parameter {
  readonly name: string;
  /** Absent: a use must give a value. */
  readonly default?: Located<Json>;
}

/** A value, with the place that gives it. */
export interface Filling {
  readonly value: Json;
  readonly origin: Origin;
}

type Path = hbs.AST.PathExpression;

/** Handlebars' own helpers without `log`, which prints. */
export const HELPERS = ['if', 'unless', 'each', 'with', 'lookup'];
/** Helpers in whose blocks names are those of an item. */
const SCOPES = ['each', 'with'];

/** Fills a text with values. `undefined`, with the reason reported, when a value lacks a part that the text names. */
export type Fill = (values: ReadonlyMap<string, Filling>) => SourceText | undefined;

/** Compiles a fragment's text. `undefined`, with the reason reported, when it is no template, or names what is not declared. */
export function templateOf({ source, body }: Document, parameters: readonly Parameter[], report: Report): Fill | undefined {
  const text = source.text.slice(body.start);
  const template: Template = { source, start: body.start, text, offsetOf: offsetsIn(text) };
  const refuse = (error: unknown): undefined => {
    const message = error instanceof Error ? error.message : String(error);
    report.add('parameters-invalid', source, placeOf(message, template), { reason: reasonOf(message) });
  };
  try {
    const program = Handlebars.parse(template.text);
    const strangers = namesIn(program).filter(({ name }) => !parameters.some((parameter) => parameter.name === name));
    const known = parameters.map(({ name }) => name);
    for (const { name, loc } of strangers) {
      report.add('parameter-undeclared', source, rangeAt(template, loc), { parameter: name, near: nearest(name, known) });
    }
    if (strangers.length > 0) return undefined;
    const subjects = subjectsIn(program, template, known);
    const render = compileToPrint(template, (offset) => subjects.get(offset) || 'this');
    return (values) => {
      try {
        if (JSON.stringify([...values.values()].map(({ value }) => value)).includes('\\u0000'))
          throw new Error('a value has a NUL character');
        const context = Object.fromEntries([...values].map(([name, { value }]) => [name, value]));
        const filled = render(context, NO_PROTOTYPES);
        return createComposedText(source.path, piecesOf(filled, template, subjects, values));
      } catch (error) {
        return refuse(error);
      }
    };
  } catch (error) {
    return refuse(error);
  }
}

/** Said, so that Handlebars refuses without printing a warning. */
const NO_PROTOTYPES = { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false };

/** The helper that every value goes through that is printed. Authors cannot call it: it is none of `HELPERS`. */
const PRINT = 'print';

/**
 * Compiles a template that prints text only: no map, which would be `[object Object]`.
 * @param nameOf what is printed by the braces at an offset
 */
function compileToPrint({ text, offsetOf }: Template, nameOf: (offset: number) => string): HandlebarsTemplateDelegate {
  const environment = withMarks(Handlebars.create());
  const { parse } = environment;
  environment.parse = (input, options) => {
    const program = parse(input, options);
    printByHelper(program);
    return program;
  };
  environment.registerHelper('lookup', lookup);
  environment.registerHelper(PRINT, (value: unknown, { loc }: HelperPlace): unknown => {
    if (!hasMap(value)) return value;
    throw new Error(
      `\`${nameOf(offsetOf(loc.start))}\` is a map here, and no text: name a part of it - ${loc.start.line}:${loc.start.column}`,
    );
  });
  const options = { strict: true, noEscape: true, knownHelpersOnly: true, knownHelpers: { log: false, [PRINT]: true } };
  return environment.compile(text, options as CompileOptions);
}

/** `{{a}}` becomes `{{print a}}`, and `{{lookup a b}}` `{{print (lookup a b)}}`. */
function printByHelper({ body }: hbs.AST.Program): void {
  for (const statement of body) {
    const { program, inverse } = statement as Partial<hbs.AST.BlockStatement>;
    for (const inner of [program, inverse]) if (inner) printByHelper(inner);
    if (statement.type !== 'MustacheStatement') continue;
    const mustache = statement as hbs.AST.MustacheStatement;
    const { path, params, hash, loc } = mustache;
    const call = { type: 'SubExpression', path, params, hash, loc };
    mustache.params = [params.length > 0 || hash ? call : strictPath(path)];
    mustache.path = pathTo(PRINT, loc);
    mustache.hash = undefined as unknown as hbs.AST.Hash;
  }
}

const pathTo = (name: string, loc: hbs.AST.SourceLocation): Path => ({
  type: 'PathExpression',
  data: false,
  depth: 0,
  parts: [name],
  original: name,
  loc,
});

/** What is handed to a helper may be missing; what is printed may not. A literal in braces of its own is a name. */
function strictPath(path: Path | hbs.AST.Literal): Path & { strict: true } {
  const named = path.type === 'PathExpression' ? (path as Path) : pathTo(String((path as hbs.AST.StringLiteral).original), path.loc);
  return { ...named, strict: true };
}

function hasMap(value: unknown): boolean {
  return Array.isArray(value) ? value.some(hasMap) : value !== null && (typeof value === 'object' || typeof value === 'function');
}

/** Handlebars' own helper without the names that every object of JavaScript has. */
function lookup(value: unknown, key: unknown, { loc, lookupProperty }: HelperPlace): unknown {
  if (hasMap(key)) throw new Error(`a map is no name of a part - ${loc.start.line}:${loc.start.column}`);
  const name = String(key);
  if (name in Object.prototype) throw new Error(hiddenPart(name, loc));
  return value === null || value === undefined ? value : lookupProperty(value, name);
}

/** What Handlebars hands to helpers beside what its types say. */
interface HelperPlace {
  readonly loc: Place;
  lookupProperty(value: unknown, key: string): unknown;
}

const hiddenPart = (part: string, { start }: Place): string => `no value has a part \`${part}\` - ${start.line}:${start.column}`;

interface Template {
  readonly source: SourceText;
  /** Where the text stands in its file. */
  readonly start: number;
  readonly text: string;
  /** Of a line and a column in the text. */
  readonly offsetOf: (position: Place['start']) => number;
}

interface Place {
  readonly start: { readonly line: number; readonly column: number };
  readonly end?: { readonly line: number; readonly column: number };
}

/** A stretch of a template in its file; to the end of the line where no end is known. */
function rangeAt({ text, start, offsetOf }: Template, place: Place): Range {
  const from = start + offsetOf(place.start);
  if (place.end) return { start: from, end: start + offsetOf(place.end) };
  const newline = text.indexOf('\n', from - start);
  return { start: from, end: newline === -1 ? start + text.length : start + newline };
}

/** Where an error of Handlebars is: what it says of a line, or the first place that names what it is about. */
function placeOf(message: string, template: Template): Range {
  const open = message.includes("got 'EOF'") ? unclosedBlock(template) : undefined;
  if (open) return open;
  const { text } = template;
  const [, name] =
    /^(?:"(.+)" not|`(?:.+)`|Cannot use 'in' operator to search for '(.+)')/.exec(message)?.filter((part) => part !== undefined) ?? [];
  const [, quoted] = /^`(.+?)` is a map/.exec(message) ?? [];
  const about = quoted ?? name;
  const tag = about === undefined ? undefined : [...text.matchAll(/\{\{[^{}]*\}\}/g)].find(([found]) => found.includes(about));
  const said = /line (\d+)/.exec(message)?.[1] ?? / - (\d+):\d+/.exec(message)?.[1];
  const line = said === undefined ? text.slice(0, tag?.index ?? 0).split(/\r\n?|\n/).length : Number(said);
  return rangeAt(template, { start: { line, column: 0 } });
}

/** The innermost block that nothing closes. */
function unclosedBlock({ text, start }: Template): Range | undefined {
  const open: Range[] = [];
  for (const { 0: tag, 1: kind, index } of text.matchAll(/(?<!\\)\{\{~?([#^/])[^{}]*\}\}/g)) {
    if (kind === '/') open.pop();
    else if (!/^\{\{~?\^~?\}\}$/.test(tag)) open.push({ start: start + index, end: start + index + tag.length });
  }
  return open.at(-1);
}

interface Name {
  readonly name: string;
  readonly loc: Place;
}

/** The names of values that a template uses, those of items left out. Throws for what a fragment cannot use. */
function namesIn(program: hbs.AST.Program, inItem = false): Name[] {
  return program.body.flatMap((statement): Name[] => {
    switch (statement.type) {
      case 'MustacheStatement': {
        const { path, params } = statement as hbs.AST.MustacheStatement;
        return params.length > 0 ? namesInCall(path, params, inItem) : nameOf(path, inItem);
      }
      case 'BlockStatement': {
        const { path, params, program: then, inverse } = statement as hbs.AST.BlockStatement;
        const inside = inItem || params.length === 0 || SCOPES.includes(path.original);
        const blocks = [...(then ? namesIn(then, inside) : []), ...(inverse ? namesIn(inverse, inItem) : [])];
        return [...(params.length > 0 ? namesInCall(path, params, inItem) : nameOf(path, inItem)), ...blocks];
      }
      case 'ContentStatement':
      case 'CommentStatement':
        return [];
      default:
        throw new Error(`a fragment has no partials and decorators - ${statement.loc.start.line}:${statement.loc.start.column}`);
    }
  });
}

function namesInCall(helper: Path | hbs.AST.Literal, params: readonly hbs.AST.Expression[], inItem: boolean): Name[] {
  const { original } = helper as Path;
  if (!HELPERS.includes(original)) {
    const { line, column } = helper.loc.start;
    throw new Error(`there is no helper \`${original}\` (helpers: ${HELPERS.join(', ')}) - ${line}:${column}`);
  }
  const needed = original === 'lookup' ? 2 : 1;
  if (params.length !== needed) {
    const { line, column } = helper.loc.start;
    throw new Error(`\`${original}\` takes ${needed === 1 ? 'one value' : 'two values'} - ${line}:${column}`);
  }
  return params.flatMap((param) => {
    if (param.type === 'PathExpression') return nameOf(param as Path, inItem);
    if (param.type !== 'SubExpression') return [];
    const call = param as hbs.AST.SubExpression;
    return namesInCall(call.path, call.params, inItem);
  });
}

function nameOf(expression: Path | hbs.AST.Literal, inItem: boolean): Name[] {
  const { type, data, depth, parts, original, loc } = expression as Path;
  const hidden = parts?.slice(inItem || depth > 0 ? 0 : 1).find((part) => part in Object.prototype);
  if (hidden !== undefined) throw new Error(hiddenPart(hidden, loc));
  if (type !== 'PathExpression' || data || inItem || depth > 0) return [];
  return [{ name: String(parts[0] ?? original), loc }];
}

/** The parameters of what is printed, by the offset of its braces. */
function subjectsIn(program: hbs.AST.Program, template: Template, known: readonly string[]): ReadonlyMap<number, string> {
  const subjects = new Map<number, string>();
  const subjectOf = (expression: Path | hbs.AST.Literal, item: string): string => {
    // `../name` leads out of an item.
    const [outer] = (expression as Path).depth > 0 ? (expression as Path).parts : [];
    return nameOf(expression, false)[0]?.name ?? known.find((name) => name === outer) ?? item;
  };
  const visit = ({ body }: hbs.AST.Program, item: string): void => {
    for (const statement of body) {
      const { path, params } = statement as hbs.AST.MustacheStatement;
      if (statement.type === 'MustacheStatement') {
        const at = rangeAt(template, statement.loc).start - template.start;
        subjects.set(at, subjectOf(params.length > 0 ? (params[0] as Path) : path, item));
      } else if (statement.type === 'BlockStatement') {
        const { program: then, inverse } = statement as hbs.AST.BlockStatement;
        const subject = subjectOf((params[0] as Path | undefined) ?? path, item);
        if (then) visit(then, SCOPES.includes((path as Path).original) || params.length === 0 ? subject : item);
        if (inverse) visit(inverse, item);
      }
    }
  };
  visit(program, '');
  return subjects;
}

function piecesOf(
  filled: string,
  { source, start: base, text }: Template,
  subjects: ReadonlyMap<number, string>,
  values: ReadonlyMap<string, Filling>,
): Piece[] {
  return partsOf(filled, text).flatMap((part): readonly Piece[] => {
    if (part.kind === 'text') return source.cut(base + part.start, base + part.end);
    const origin = values.get(subjects.get(part.start) ?? '')?.origin ?? [...values.values()][0]?.origin;
    return part.kind === 'made' && origin ? [{ text: part.text, origin, written: true }] : [];
  });
}

/** What Handlebars says, in one line without its drawing. */
function reasonOf(message: string): string {
  const [, name] = /^"(.+)" not defined in /.exec(message) ?? [];
  if (name !== undefined) return `\`${name}\` has no such part`;
  if (message.includes("got 'EOF'")) return 'this block is never closed';
  const [, part] = /^Cannot use 'in' operator to search for '(.+)' in /.exec(message) ?? [];
  if (part !== undefined) return `\`${part}\` is looked for in a text, which has no parts`;
  if (/^(?:Parse|Lexical) error/.test(message)) return 'this is not how Handlebars is written';
  const [, close, open] = /^(\S+) doesn't match (\S+)/.exec(message) ?? [];
  if (open !== undefined) return `\`{{#${close}}}\` is open where \`{{/${open}}}\` stands`;
  return message.replace(/ - \d+:\d+$/, '');
}
