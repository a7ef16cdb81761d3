/**
 * The four laws, over every target, the seeds and the corpus: agent files by many people, for many assistants. The corpus
 * is other people's text, so nothing of it may be copied here; failures name the file and say what is wrong with it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Compilation, compile } from '../src/compile.js';
import { createReport, type Diagnostic } from '../src/diagnostics/report.js';
import { FORMATS } from '../src/formats/index.js';
import type { Agent, Fate, FieldName } from '../src/ir.js';
import { createShelf } from '../src/stages/compose/bases.js';
import { compose } from '../src/stages/compose/compose.js';
import { normalize } from '../src/stages/normalize/normalize.js';
import type { Document } from '../src/stages/parse/document.js';
import { parse } from '../src/stages/parse/parse.js';
import { TARGETS } from '../src/targets/index.js';
import type { Target } from '../src/targets/target.js';
import { LOADERS, type Read } from './loaders.js';

const folded = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

interface Entry {
  readonly path: string;
  readonly dialect: string;
  readonly yaml_valid: boolean | null;
}

interface Case {
  readonly entry: Entry;
  readonly bytes: Buffer;
  /** Compiled alone: names of several repositories may be equal. */
  readonly result: Compilation;
  readonly agent: Agent | undefined;
  readonly document: Document | undefined;
  /** What was thrown, which nothing may. */
  readonly thrown?: unknown;
}

const KNOWN = TARGETS.map(({ name }) => name);

const NOTHING: Compilation = {
  files: [],
  companions: [],
  diagnostics: [],
  fates: [],
  grants: [],
  failed: [],
  agents: 0,
  authored: [],
  variants: [],
};

function toCase(entry: Entry, bytes: Buffer): Case {
  try {
    return compiled(entry, bytes);
  } catch (thrown) {
    return { entry, bytes, result: NOTHING, agent: undefined, document: undefined, thrown };
  }
}

function compiled(entry: Entry, bytes: Buffer): Case {
  const file = { path: entry.path, content: bytes };
  const report = createReport();
  const document = parse(file, report);
  const shelf = createShelf([], () => undefined, report);
  const [edition] = (document && compose(document, { shelf, variants: {}, taken: [], report })?.editions) ?? [];
  const agent = edition && normalize(edition, KNOWN, report);
  return { entry, bytes, result: compile({ agents: [file] }, TARGETS), agent, document };
}

const shared = (path: string): URL => new URL(`../../shared/${path}`, import.meta.url);
const hasSeeds = existsSync(shared('seeds'));
const hasCorpus = existsSync(shared('corpus/MANIFEST.json'));

function seeds(): Case[] {
  const names = readdirSync(shared('seeds')).filter((name) => name.endsWith('.md'));
  return names.map((path) => toCase({ path, dialect: 'claude', yaml_valid: null }, readFileSync(shared(`seeds/${path}`))));
}

function corpus(): Case[] {
  const { entries } = JSON.parse(readFileSync(shared('corpus/MANIFEST.json'), 'utf8')) as { entries: Entry[] };
  const agents = entries.filter(({ path }) => path.endsWith('.md'));
  return agents.map((entry) => toCase(entry, readFileSync(shared(`corpus/${entry.path}`))));
}

describe.skipIf(!hasSeeds)(`the seeds${hasSeeds ? '' : ' (skipped: shared/seeds is absent)'}`, () => {
  let cases: readonly Case[] = [];
  beforeAll(() => {
    cases = seeds();
  });
  laws(() => cases);

  it('all compile, for every target', () => {
    expect(cases.length).toBeGreaterThan(0);
    expect(cases.filter(({ result }) => result.files.length < TARGETS.length).map(({ entry }) => entry.path)).toEqual([]);
  });
});

describe.skipIf(!hasCorpus)(`the corpus${hasCorpus ? '' : ' (skipped: shared/corpus is absent)'}`, () => {
  let cases: readonly Case[] = [];
  beforeAll(() => {
    cases = corpus();
  });
  laws(() => cases);

  it('compiles, but for files that are no agents, have no name, or hide something', () => {
    const whole = cases.filter(({ result }) => result.files.length === TARGETS.length);
    expect(cases.length).toBeGreaterThanOrEqual(404);
    expect(whole.length).toBeGreaterThanOrEqual(357);
  });

  it('compiles every Claude agent that Claude Code loads, but for what is refused by design', () => {
    // Prose or a second `hooks` inside the header, hidden characters, a base that is not there, and three agents whose hooks
    // Claude Code 2.1.328 refuses itself (seen with its loader).
    const REFUSED = [
      'output-invalid',
      'front-matter-unclosed',
      'front-matter-missing',
      'hidden-unicode',
      'base-not-found',
      'key-duplicate',
    ];
    const wrong = cases
      .filter(({ entry, result }) => entry.dialect === 'claude' && result.failed.length > 0)
      .filter(({ result }) => errorsOf(result).some(({ code }) => !REFUSED.includes(code)));
    expect(wrong.map(({ entry, result }) => `${entry.path}: ${errorsOf(result)[0]?.code}`)).toEqual([]);
    const hooks = cases
      .filter(({ entry }) => entry.dialect === 'claude')
      .flatMap(({ result }) => errorsOf(result).filter(({ code, data }) => code === 'output-invalid' && data.target === 'claude-code'));
    expect(
      [...new Set(hooks.map(({ file, data }) => `${file} ${String(data.field).replace(/\d+/, '*')}`))].map((one) => one.split(' ')[1]),
    ).toEqual(Array(3).fill('hooks.PreToolUse.*.hooks'));
  });

  it('compiles agents of an assistant for that assistant', () => {
    const home: { readonly [dialect: string]: string } = { copilot: 'copilot', cursor: 'cursor', gemini: 'gemini-cli' };
    const wrong = cases.filter(({ entry, result, agent }) => {
      const target = home[entry.dialect];
      return target !== undefined && agent !== undefined && !hides(result) && !result.files.some((file) => file.target === target);
    });
    expect(wrong.map(({ entry, result }) => `${entry.path}: ${errorsOf(result)[0]?.code}`)).toEqual([]);
  });

  it('leaves a valid Claude agent for Claude Code as it is, byte for byte', () => {
    const claude = cases.filter(({ entry, result, agent }) => {
      if (entry.dialect !== 'claude' || entry.yaml_valid !== true || result.failed.length > 0) return false;
      // A value that the loader passes over is not valid, and is taken out.
      if (result.diagnostics.some(({ code, data }) => code === 'value-invalid' && data.key === 'memory')) return false;
      return agent !== undefined && speaksClaudeOnly(agent);
    });
    const changed = claude.filter(({ bytes, result }) => !Buffer.from(outputOf(result, 'claude-code') ?? '').equals(bytes));
    expect(changed.map(({ entry }) => entry.path)).toEqual([]);
    expect(claude.length).toBeGreaterThanOrEqual(200);
  });
});

/** The laws that hold for every source, whatever it says. */
function laws(cases: () => readonly Case[]): void {
  it('throws nothing', () => {
    expect(cases().flatMap(({ entry, thrown }) => (thrown === undefined ? [] : `${entry.path}: ${thrown}`))).toEqual([]);
  });

  it('gives every output, or says in an error why not', () => {
    const wrong: string[] = [];
    for (const { entry, result } of cases()) {
      const whole = result.files.length === TARGETS.length;
      const named = errorsOf(result).some(({ file }) => file === entry.path);
      if (whole === named) wrong.push(`${entry.path}: ${result.files.length} outputs, ${named ? 'an' : 'no'} error`);
      if (whole === result.failed.includes(entry.path)) wrong.push(`${entry.path}: wrong in \`failed\``);
      for (const { code, place, help } of result.diagnostics) {
        if (!place || !('start' in place) || place.start.line < 1 || place.start.column < 1)
          wrong.push(`${entry.path}: ${code} has no place`);
        if (help.trim() === '') wrong.push(`${entry.path}: ${code} has no help`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('says nothing of a name or a value that is not there', () => {
    const wrong = cases().flatMap(({ entry, result }) =>
      result.diagnostics
        .filter(({ reason, help, label }) => /\bundefined\b|\[object |\bNaN\b/.test(`${reason}${help}${label ?? ''}`))
        .map(({ code }) => `${entry.path}: ${code}`),
    );
    expect(wrong).toEqual([]);
  });

  for (const target of TARGETS) {
    it(`emits files that ${target.title} reads as they were meant`, () => {
      const wrong = cases().flatMap(({ entry, result, agent, document }) => {
        const content = outputOf(result, target.name);
        return content === undefined || !agent || !document
          ? []
          : misread(content, agent, document, target, result).map((what) => `${entry.path}: ${what}`);
      });
      expect(wrong).toEqual([]);
    });

    it(`keeps the bytes of the body for ${target.title}`, () => {
      const wrong = cases().filter(({ result, agent, document }) => {
        const content = outputOf(result, target.name);
        if (content === undefined || !agent || !document || isTouched(agent, document, target, result)) return false;
        const body = document.source.text.slice(document.body.start);
        return target.body.key === undefined ? !content.endsWith(body) : loaderOf(target)(content).body !== body;
      });
      expect(wrong.map(({ entry }) => entry.path)).toEqual([]);
    });

    it(`gives every field one fate in ${target.title}, and says so when it is lost`, () => {
      const wrong = cases().flatMap(({ entry, result, agent }) => {
        const refused = outputOf(result, target.name) === undefined;
        return !agent || refused ? [] : silent(agent, target, result).map((what) => `${entry.path}: ${what}`);
      });
      expect(wrong).toEqual([]);
    });

    it(`says the same as it claims to in ${target.title}`, () => {
      const wrong = cases().flatMap(({ entry, result, agent }) => {
        const content = outputOf(result, target.name);
        return content === undefined || !agent ? [] : overstated(content, agent, target, result).map((what) => `${entry.path}: ${what}`);
      });
      expect(wrong).toEqual([]);
    });
  }

  it('names a file only by letters, digits, hyphens and underscores', () => {
    const wrong = cases().flatMap(({ result }) =>
      result.files.filter(({ path }) => !/^[\p{L}\p{M}\p{N}_./-]+$/u.test(path) || path.includes('..')),
    );
    expect(wrong.map(({ source }) => source)).toEqual([]);
  });
}

/** The assistant's loader as it was seen to work, or a reader of the format for those without quirks. */
function loaderOf(target: Target): (file: string) => Read {
  return (
    LOADERS[target.name] ??
    ((file) => {
      const { header, body = String(header[target.body.key ?? '']) } = FORMATS[target.format].read(file);
      return { header, body };
    })
  );
}

/** What the assistant's loader would get wrong about an output. */
function misread(content: string, agent: Agent, document: Document, target: Target, result: Compilation): string[] {
  // A line of an index has nothing to read.
  if (target.body.instead !== undefined) return [];
  let read: Read;
  try {
    read = loaderOf(target)(content);
  } catch (error) {
    return [`cannot be read: ${String(error).split('\n')[0]}`];
  }
  const wrong: string[] = [];
  const check = target.schema['~standard'].validate({ ...read.header, ...(target.body.key === undefined && { body: read.body }) });
  if (check instanceof Promise) throw new TypeError('an asynchronous schema');
  for (const { path } of check.issues ?? [])
    wrong.push(`the schema refuses ${(path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')}`);

  if (target.dialect === 'ir') {
    const { body, ...representation } = read.header;
    return JSON.stringify(representation) === JSON.stringify(agent) && typeof body === 'string' ? wrong : [...wrong, 'another agent'];
  }
  const { fields } = target;
  const name = fields.name && read.header[fields.name.key];
  const description = read.header[fields.description.key];
  if (fields.name && name !== agent.name.value && name !== fileName(target, result)) wrong.push('another name');
  if (typeof description !== 'string') return [...wrong, 'no description'];
  const meant = agent.description.value;
  if (fateOf('description', target, result) === 'approximated' && fields.description.limit?.cut) {
    if (!meant.startsWith(description)) wrong.push('another description');
  } else if (!fields.examples) {
    if (!folded(meant).startsWith(folded(description)) || folded(meant).length > folded(description).length + 20)
      wrong.push('another description');
  } else if (agent.examples.length === 0 && target.format !== 'bare-lines') {
    if (description.trim() !== meant) wrong.push('another description');
  } else {
    const withoutExamples = description.replaceAll(/<example>[\s\S]*?<\/example>/g, '');
    if (folded(withoutExamples) !== folded(meant)) wrong.push('another description');
    for (const { text } of agent.examples)
      if (!folded(description).includes(folded(`<example>${text}</example>`))) wrong.push('an example is missing');
  }
  if (!isTouched(agent, document, target, result)) {
    const body = document.source.text.slice(document.body.start);
    if (target.dialect === 'source' ? read.body.trimStart() !== body.trimStart() : read.body !== body) wrong.push('another body');
  }
  return wrong;
}

/** Whether the body is to be changed: by a fragment, a directive, or what this target would expand. */
function isTouched(agent: Agent, { source }: Document, target: Target, result: Compilation): boolean {
  const rewritten = fateOf('body', target, result) !== 'exact';
  return agent.fragments.length > 0 || /<!--\s*@(?:fragment|only|except|end)/.test(source.text) || rewritten;
}

const fateOf = (field: Fate['field'], target: Target, { fates }: Compilation): Fate['kind'] | undefined =>
  fates.find((fate) => fate.target === target.name && fate.field === field)?.kind;

/** The id that an output is called by: what stands for `{id}` in its path, or the name of its part. */
function fileName({ name, path }: Target, { files }: Compilation): string | undefined {
  const file = files.find(({ target }) => target === name);
  const [before = '', after = ''] = path.split('{id}');
  return file?.part?.id ?? file?.path.slice(before.length, file.path.length - after.length);
}

/** Fields without a fate, with two, or lost without a word. */
function silent(agent: Agent, target: Target, { fates, diagnostics }: Compilation): string[] {
  const wrong: string[] = [];
  const here = fates.filter((fate) => fate.target === target.name);
  const stated = statedFields(agent);
  for (const field of stated) {
    const found = here.filter((fate) => fate.field === field);
    if (found.length !== 1) wrong.push(`${field} has ${found.length} fates`);
  }
  for (const { field } of here) if (!stated.includes(field)) wrong.push(`${field} has a fate and was not stated`);
  for (const fate of here) {
    if (fate.kind === 'exact' || fate.kind === 'mapped') continue;
    // That a file is named after the agent is the whole of it, when the name is the file's.
    if (fate.field === 'name' && fate.kind === 'moved' && agent.name.value === agent.id) continue;
    if (!diagnostics.some((diagnostic) => tells(diagnostic, fate))) wrong.push(`${fate.field} is ${fate.kind} without a word`);
  }
  return wrong;
}

function statedFields(agent: Agent): Fate['field'][] {
  const fields: FieldName[] = ['model', 'color', 'mode', 'permissionMode', 'maxTurns', 'effort', 'temperature', 'background'];
  fields.push('isolation', 'memory', 'skills', 'mcpServers', 'hooks', 'handoffs');
  return [
    'name',
    'description',
    'body',
    ...(agent.examples.length > 0 ? (['examples'] as const) : []),
    ...(agent.tools.range ? (['tools'] as const) : []),
    ...fields.filter((field) => agent[field as keyof Agent] !== undefined),
    ...agent.extra.map(({ key }) => `extra.${key}` as const),
  ];
}

/** Whether a diagnostic with a place says what became of a field, and names the target. */
function tells({ code, data, place }: Diagnostic, { field, target }: Fate): boolean {
  if (!place || !JSON.stringify(data).includes(JSON.stringify(target))) return false;
  const about: { readonly [code: string]: string } = {
    'tools-widened': 'tools',
    'tools-narrowed': 'tools',
    'model-not-mapped': 'model',

    'name-changed': 'name',
    'body-rewritten': 'body',
  };
  return about[code] === field || (/^(?:field|limit)-/.test(code) && data.field === field.replace(/^extra\./, ''));
}

/** Fields that are called exact, or dropped, and are not. */
function overstated(content: string, agent: Agent, target: Target, { fates }: Compilation): string[] {
  if (target.body.instead !== undefined || target.dialect === 'ir') return [];
  const read = loaderOf(target)(content);
  const wrong: string[] = [];
  const PLAIN = ['color', 'mode', 'permissionMode', 'maxTurns', 'effort', 'temperature', 'isolation', 'memory', 'skills'] as const;
  for (const field of PLAIN) {
    const rule = target.fields[field];
    const fate = fates.find((one) => one.target === target.name && one.field === field);
    if (!fate || !rule) continue;
    const value = read.header[rule.key];
    const meant = agent[field]?.value;
    const same = Array.isArray(meant)
      ? JSON.stringify(typeof value === 'string' ? value.split(/[\s,]+/).filter(Boolean) : value) === JSON.stringify(meant)
      : String(value).toLowerCase() === String(meant).toLowerCase() || (field === 'permissionMode' && value === 'manual');
    if (fate.kind === 'exact' && !same) wrong.push(`${field} is called exact`);
    if (fate.kind === 'dropped' && value !== undefined && !('default' in rule)) wrong.push(`${field} is called dropped, and is there`);
  }
  return wrong;
}

const errorsOf = ({ diagnostics }: Compilation): Diagnostic[] => diagnostics.filter(({ severity }) => severity === 'error');
const hides = (result: Compilation): boolean => errorsOf(result).some(({ code }) => code === 'hidden-unicode');
const outputOf = ({ files }: Compilation, target: string): string | undefined => files.find((file) => file.target === target)?.content;

/** Claude Code's own tools, and those of its past (shared/targets/claude-code.md). */
const CLAUDE_TOOL =
  /^(?:\*$|mcp__|(?:Agent|Task|AskUserQuestion|Bash|Edit|Glob|Grep|LSP?|Monitor|MultiEdit|Notebook(?:Edit|Read)|Read|Skill|Todo\w+|Task\w+|Web(?:Fetch|Search)|Write|(?:Kill|Bash|Exit|Enter)\w+)(?:\(|$))/;

/** No key and no word of another assistant's, which would be put into Claude Code's own. */
function speaksClaudeOnly({ tools, model, fragments, only, without, extra, mode, temperature, handoffs }: Agent): boolean {
  const words = [...(tools.allow === 'all' ? [] : tools.allow), ...tools.deny].map(({ word }) => word.value);
  const id = model?.value.kind === 'exact' ? model.value.id : 'inherit';
  const ours = fragments.length === 0 && only === undefined && without.length === 0;
  const foreign = [mode, temperature, handoffs].some((field) => field !== undefined) || extra.some(({ key }) => key === 'targets');
  return ours && !foreign && words.every((word) => CLAUDE_TOOL.test(word)) && /^(?:inherit|claude-|fable|best|opus|sonnet)/.test(id);
}
