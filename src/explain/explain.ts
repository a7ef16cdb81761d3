/**
 * Compilation → what became of each agent, as data: fates and tools by target, sections with the lines that they came from,
 * sizes. What costs time is done only for an agent that is asked about.
 */
import type { Compilation } from '../compile.js';
import { groupBy } from '../group-by.js';
import type { Agent, Fate, Fields, ToolRef } from '../ir.js';
import type { MarkdownParser } from '../markdown/parser.js';
import { parseMarkdown } from '../markdown/remark.js';
import type { OutputFile } from '../stages/emit/emit.js';
import type { AgentGrant } from '../stages/lower/account.js';
import { descriptionIn } from '../stages/lower/say.js';
import type { Target } from '../targets/target.js';
import type { Explanation, NearLimit, Outcome, Prompt, Tools } from './explanation.js';
import { createPlaces, type TextOf } from './lines.js';
import { readPrompt } from './prompt.js';
import { sharesOf, sizeOf } from './size.js';

/** A limit is told from this part of it on. */
const NEARLY = 0.9;

export interface Explainer {
  explain(agent: Agent): Explanation;
  /** What became of an agent in each target, without a look at its text. */
  outcomesOf(agent: Agent): Outcome[];
}

/** Prepares to explain the agents of a compilation. */
export function createExplainer(
  compilation: Compilation,
  targets: readonly Target[],
  textOf: TextOf,
  parser: MarkdownParser = parseMarkdown,
): Explainer {
  const places = createPlaces(textOf);
  const files = groupBy(compilation.files, ({ source, variant }) => keyOf(source, variant));
  const fates = groupBy(compilation.fates, ({ agent, variant }) => keyOf(agent, variant));
  const grants = groupBy(compilation.grants, ({ agent, variant }) => keyOf(agent, variant));

  const filesOf = ({ path, variant }: Agent): readonly OutputFile[] => files.get(keyOf(path, variant)) ?? [];

  function outcomesOf(agent: Agent): Outcome[] {
    const [own, said, granted] = [filesOf(agent), fates.get(keyOf(agent.id, agent.variant)), grants.get(keyOf(agent.id, agent.variant))];
    const wanted = targets.filter(({ name }) => agent.only?.includes(name) !== false && !agent.without.includes(name));
    return wanted.map((target) => {
      const isHere = (one: { readonly target: string }): boolean => one.target === target.name;
      return outcome(agent, target, own.find(isHere), said?.filter(isHere) ?? [], granted?.find(isHere));
    });
  }

  function explain(agent: Agent): Explanation {
    const own = filesOf(agent);
    const outcomes = outcomesOf(agent).map((one): Outcome => {
      const file = own.find(({ target }) => target === one.target);
      if (!file) return one;
      const line = promptLine(file);
      return { ...one, ...(line !== undefined && { promptLine: line }), shares: sharesOf(file.pieces, places) };
    });
    return {
      agent: agent.id,
      name: agent.name.value,
      path: agent.path,
      ...(agent.variant !== undefined && { variant: agent.variant }),
      bases: agent.bases,
      fragments: fragmentsIn(own),
      targets: outcomes,
      prompts: promptsIn(own),
    };
  }

  function promptsIn(own: readonly OutputFile[]): Prompt[] {
    const same = groupBy(
      own.filter(({ body }) => body),
      (file) => textIn(file),
    );
    const prompts = [...same.values()].flatMap((group): Prompt[] => {
      const [first] = group;
      return first?.body
        ? [{ targets: group.map(({ target }) => target), ...readPrompt(first.body, first.contributions ?? [], places, parser) }]
        : [];
    });
    return prompts.sort((a, b) => b.targets.length - a.targets.length);
  }

  return { explain, outcomesOf };
}

const keyOf = (agent: string, variant: string | undefined): string => `${agent}\0${variant ?? ''}`;

const textIn = ({ body }: OutputFile): string => (body ?? []).map(({ text }) => text).join('');

function outcome(
  agent: Agent,
  target: Target,
  file: OutputFile | undefined,
  fates: readonly Fate[],
  grant: AgentGrant | undefined,
): Outcome {
  const fields: Fields = { ...agent, ...agent.overrides[target.name]?.fields };
  return {
    target: target.name,
    ...(file && { file: file.path, size: sizeOf(file.content) }),
    fields: fates.map(({ field, kind, note }) => ({ field, fate: kind, ...(note !== undefined && { note }) })),
    ...(grant && { tools: toolsOf(fields, grant) }),
    limits: file ? limitsOf(fields, target, file) : [],
  };
}

function toolsOf({ tools: { allow, deny } }: Fields, { agent: _, target: __, variant: ___, ...grant }: AgentGrant): Tools {
  const words = (refs: readonly ToolRef[]): string[] => [...new Set(refs.map(({ word }) => word.value))];
  return { asked: allow === 'all' ? 'all' : words(allow), denied: words(deny), ...grant };
}

/** The limits that are exceeded, or nearly. */
function limitsOf(fields: Fields, target: Target, file: OutputFile): NearLimit[] {
  const sizes = [
    ['description', descriptionIn(fields, target).length, target.fields.description.limit],
    ['body', textIn(file).length, target.body.limit],
  ] as const;
  return sizes.flatMap(([field, characters, limit]) =>
    limit && characters >= limit.characters * NEARLY ? [{ field, characters, limit: limit.characters, effect: limit.effect }] : [],
  );
}

/** The line on which the prompt begins. What follows it in a file is short, so it is looked for from the end. */
function promptLine(file: OutputFile): number | undefined {
  const text = textIn(file);
  const at = text === '' ? -1 : file.content.lastIndexOf(text);
  return at === -1 ? undefined : file.content.slice(0, at).split('\n').length;
}

function fragmentsIn(files: readonly OutputFile[]): { name: string; path: string }[] {
  const found = new Map<string, string>();
  for (const { contributions } of files) {
    // A base can have a fragment of its own in it: that one counts as the base's.
    for (const { from, origin } of contributions ?? [])
      if (origin.kind === 'fragment' && from !== origin.path) found.set(origin.path, from);
  }
  return [...found].map(([path, name]) => ({ name, path }));
}
