/**
 * Lowered → OutputFile: values are written in the target's format, checked against its schema, and laid out by its
 * template. No value passes through the template: marks stand for them there.
 */
import type { Report } from '../../diagnostics/report.js';
import { createSourceText, type FileText } from '../../diagnostics/source-text.js';
import { FORMATS } from '../../formats/index.js';
import type { Body, Json, Piece, Range } from '../../ir.js';
import type { SharedFile, Target } from '../../targets/target.js';
import type { Lowered } from '../lower/lower.js';
import { outputPath } from '../lower/output-id.js';
import type { Contribution } from '../merge/contribution.js';
import type { Document } from '../parse/document.js';
import { type LaidOut, layOut, reasonOf, textOf } from './lay-out.js';
import { acceptsAtOnce } from './quick-check.js';
import { spliceHeader } from './splice-header.js';
import { builtInTemplate, type Template, templatePath } from './templates.js';

/** A file to be written. */
export interface OutputFile {
  readonly target: string;
  /** The agent's id. */
  readonly agent: string;
  /** The variant of the agent; absent for the plain build. */
  readonly variant?: string;
  /** From the root of a project of the assistant's, with `/` between folders. */
  readonly path: string;
  /** Of a file that others write to as well: the content is one part of it, and the rest stays as it is. */
  readonly part?: Part;
  /** The path of the source. */
  readonly source: string;
  readonly content: string;
  /** The content in stretches, each with where it came from. Found out when it is asked for. */
  readonly pieces: readonly Piece[];
  /** The prompt in it, before its format writes it. Absent where there is none. */
  readonly body?: Body;
  /** What fragments and bases brought into the prompt. */
  readonly contributions?: readonly Contribution[];
}

/** Keys of a JSON file. What is there already stays, but for a key that the project has `set`: that is told. */
export interface JsonKeys {
  readonly by: 'json-keys';
  readonly hiddenBy?: readonly string[] | undefined;
  readonly set?: readonly string[] | undefined;
}

/** A part of a shared file: its name there, and how such a file keeps its parts. */
export interface Part {
  readonly id: string;
  readonly kept: SharedFile | JsonKeys;
}

/** Equal for paths that differ only by case or by how letters are composed: one file on the disks of macOS and Windows. */
export const foldedPath = (path: string): string => path.normalize('NFC').toLowerCase();

/** Templates of the project, by target. They replace the built-in ones. */
export type Templates = { readonly [target: string]: Template };

/** What every file is emitted with. */
export interface EmitContext {
  readonly templates: Templates;
  /** The path of the project's root, as the paths of sources are. */
  readonly root: string;
}

/** Emits one file. `undefined`, with the reason reported, when the target's loader would refuse it. */
export function emit(lowered: Lowered, document: Document, { templates, root }: EmitContext, report: Report): OutputFile | undefined {
  const { agent, target, id, body } = lowered;
  const text = textOf(body);
  if (!satisfies(lowered, text, document, report)) return undefined;

  const own = templates[target.name];
  const spliced = own ? undefined : spliceHeader(lowered, document, report);
  const laidOut = spliced ? joined(spliced, body) : layOutBy(own, lowered, document, root, report);
  if (!laidOut) return undefined;
  // Texts put together by `+` are not copied until somebody looks into them.
  const content = laidOut.chunks.reduce((all, chunk) => all + chunk);
  if (own && target.body.instead === undefined) {
    const reason = objectionTo(content, lowered, text);
    if (reason !== undefined) {
      report.addForFile('template-invalid', own.file ?? target.name, {
        name: target.name,
        reason: `${reason} (in ${document.source.path})`,
      });
      return undefined;
    }
  }
  return Object.assign(new Pieces(laidOut.pieces), {
    target: target.name,
    agent: agent.id,
    ...(agent.variant !== undefined && { variant: agent.variant }),
    path: outputPath(target, id),
    ...(target.shared && { part: { id, kept: target.shared } }),
    source: document.source.path,
    content,
    ...(target.body.instead === undefined && { body, contributions: lowered.contributions }),
  });
}

const joined = (head: readonly Piece[], body: Body): LaidOut => ({
  chunks: [textOf(head), textOf(body)],
  pieces: () => [...head, ...body],
});

/** Pieces that are found out when somebody asks for them. A class, since a getter of each object's own costs more than all else in it. */
class Pieces {
  #find: (() => readonly Piece[]) | undefined;
  #found: readonly Piece[] = [];

  constructor(find: () => readonly Piece[]) {
    this.#find = find;
  }

  get pieces(): readonly Piece[] {
    if (this.#find) this.#found = this.#find();
    this.#find = undefined;
    return this.#found;
  }
}

/** Lays out a file by the project's template or the built-in one. `undefined`, with the reason reported, when that fails. */
function layOutBy(own: Template | undefined, lowered: Lowered, document: Document, root: string, report: Report): LaidOut | undefined {
  const { name } = lowered.target;
  const template = own ?? builtInTemplate(name);
  const result = template
    ? layOut(lowered, template, document, root)
    : { refused: `there is none; put ${name}.hbs into the folder of templates` };
  if (!('refused' in result)) return result;
  report.addForFile('template-invalid', template?.file ?? document.source.path, { name, reason: result.refused });
  return undefined;
}

/** What has an output in a target, in a variant: the first one gets the files that stand once beside all of them. */
export interface Maker {
  readonly source: string;
  readonly target: string;
  readonly variant?: string | undefined;
  /** Absent where nobody asks whose the files are. */
  readonly agent?: string;
}

/**
 * The files that stand once beside the agents' files of a target, key by key. They are there for the first of the agents.
 */
export function companionsOf(target: Target, { agent = '', source, variant }: Maker, templates: Templates): OutputFile[] {
  const origin = { kind: 'template', path: templatePath(target.name, templates[target.name] ?? {}), start: 0, end: 0 } as const;
  return (target.companions ?? []).flatMap(({ path, keys, hiddenBy, set }) =>
    Object.entries(keys).map(([id, value]): OutputFile => {
      const part: Part = { id, kept: { by: 'json-keys', ...(hiddenBy && { hiddenBy }), ...(set && { set }) } };
      const content = JSON.stringify(value);
      return {
        target: target.name,
        agent,
        ...(variant !== undefined && { variant }),
        path,
        part,
        source,
        content,
        pieces: [{ text: content, origin, written: true }],
      };
    }),
  );
}

/** The text of the template that lies at a path, if one of the targets is laid out by it. */
export function templateText(path: string, targets: readonly Target[], templates: Templates): FileText | undefined {
  for (const { name } of targets) {
    const template = templates[name] ?? builtInTemplate(name);
    if (template && templatePath(name, template) === path) return createSourceText(path, template.text, 'template');
  }
  return undefined;
}

/** Checks the file as data. What the schema refuses is reported at the field that it is about. */
function satisfies({ agent, target, header }: Lowered, text: string, { source, body }: Document, report: Report): boolean {
  const format = FORMATS[target.format];
  const promptKey = target.body.key ?? 'body';
  const refuse = (path: readonly string[], reason: string): void => {
    const field = header.find(({ key }) => key === path[0])?.field;
    const native = agent.overrides[target.name]?.native.find(({ key }) => key === path[0]);
    const located = field && field !== 'body' && field !== 'examples' ? agent[field] : undefined;
    const range: Range =
      (path[0] === promptKey && !native ? { start: body.start, end: body.start } : undefined) ??
      native?.valueRange ??
      (located && 'range' in located ? located.range : undefined) ??
      agent.name.range;
    report.add('output-invalid', source, range, { target: target.name, field: path.join('.'), reason });
  };
  let sound = true;
  const data: { [key: string]: Json } = {};
  for (const { key, value } of header) {
    const objection = key === promptKey ? 'the prompt is the text below the front matter' : format.objection(value);
    if (objection === undefined) setOwn(data, key, format.asRead(value));
    else {
      refuse([key], objection);
      sound = false;
    }
  }
  if (!sound) return false;
  setOwn(data, promptKey, text);
  if (acceptsAtOnce(target.schema, data)) return true;
  const issues = issuesOf(data, target);
  for (const { path, message } of issues) refuse(path, message);
  return issues.length === 0;
}

/** Sets a key that an author may have chosen: `__proto__` too is a key like any other. */
function setOwn(data: { [key: string]: Json }, key: string, value: Json): void {
  if (key === '__proto__') Object.defineProperty(data, key, { value, enumerable: true, configurable: true, writable: true });
  else data[key] = value;
}

function issuesOf(data: { readonly [key: string]: Json }, target: Target): { path: string[]; message: string }[] {
  const result = target.schema['~standard'].validate(data);
  if (result instanceof Promise) throw new TypeError(`the schema of ${target.name} is asynchronous`);
  return (result.issues ?? []).map(({ path, message }) => ({
    path: (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)),
    message: plainly(message),
  }));
}

/**
 * A project's template can lose what the built-in one says, or add what the loader refuses. The file is read back, and
 * must say what was to be said, no more, and satisfy the schema.
 */
function objectionTo(content: string, { target, header }: Lowered, text: string): string | undefined {
  const format = FORMATS[target.format];
  const promptKey = target.body.key ?? 'body';
  try {
    const { header: read, body = read[promptKey] } = format.read(content);
    for (const { key, value } of header) {
      if (!Object.hasOwn(read, key)) return `\`${key}\` is missing`;
      if (JSON.stringify(read[key]) !== JSON.stringify(format.asRead(value))) return `\`${key}\` is another value`;
    }
    const added = Object.keys(read).find((key) => key !== target.body.key && !header.some((entry) => entry.key === key));
    if (added !== undefined) return `\`${added}\` is added; set it in \`targets: { ${target.name}: … }\` of the agents`;
    if (typeof body !== 'string' || !body.replaceAll('\r\n', '\n').includes(text.replaceAll('\r\n', '\n'))) return 'the prompt is missing';
    const [issue] = issuesOf({ ...read, [promptKey]: body }, target);
    return issue && `${issue.path.join('.')}: ${issue.message}`;
  } catch (error) {
    return `what it makes cannot be read: ${reasonOf(error)}`;
  }
}

/** A schema library's sentence as the rest of one of ours. */
function plainly(message: string): string {
  const [, missing] = /^Invalid key: Expected "(.+)" but received undefined$/.exec(message) ?? [];
  if (missing !== undefined) return `\`${missing}\` is missing`;
  const [, expected, received] = /^Invalid \w+: Expected (.+) but received (.+)$/s.exec(message) ?? [];
  return expected === undefined
    ? message
    : `it must be ${expected}, not ${received && received.length > 60 ? `${received.slice(0, 60)}…` : received}`;
}
