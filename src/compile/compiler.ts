/**
 * Agents compiled one at a time, each with all that is found on the way: so that a build can keep what comes of one and
 * do only the others again. What agents share (fragments, bases) is read once.
 */
import type { Finding, Report } from '../diagnostics/report.js';
import type { Agent } from '../ir.js';
import { createShelf } from '../stages/compose/bases.js';
import { CONFIG, compose, type Edition } from '../stages/compose/compose.js';
import { createPackages } from '../stages/compose/packages.js';
import { emit, type OutputFile } from '../stages/emit/emit.js';
import { type Account, accountOf } from '../stages/lower/account.js';
import { reportLosses } from '../stages/lower/losses.js';
import { lower } from '../stages/lower/lower.js';
import { createLibrary } from '../stages/merge/fragments.js';
import { createMerge, type Merge, type MergedBody } from '../stages/merge/merge.js';
import { checkSections } from '../stages/merge/required-sections.js';
import { normalize } from '../stages/normalize/normalize.js';
import type { Document } from '../stages/parse/document.js';
import { parse, type SourceFile } from '../stages/parse/parse.js';
import { TARGETS } from '../targets/index.js';
import type { Target } from '../targets/target.js';
import type { CompileOptions, Sources } from './options.js';

/** An agent that was read, in each of its variants. Nothing of it is known to be right but its front matter. */
export interface ReadAgent {
  readonly path: string;
  /** None when it cannot be read. */
  readonly editions: readonly Authored[];
  /** The names of its variants, `default` with them, whether they are compiled or not. */
  readonly variants: readonly string[];
  /** All that is wrong so far, with what it inherits too. */
  readonly findings: readonly Finding[];
}

/** An agent in one variant. */
export interface Authored {
  readonly agent: Agent;
  readonly edition: Edition;
}

/** What comes of one source. */
export interface MadeAgent {
  readonly path: string;
  readonly files: readonly OutputFile[];
  /** What became of its fields and tools, by target. */
  readonly accounts: readonly Account[];
  /** It has every output that it wants. */
  readonly whole: boolean;
  /** The paths of the bases and fragments that it is made of. */
  readonly uses: readonly string[];
  /** It extends something by name, which may mean another file when agents come or go. */
  readonly extends: boolean;
  /** All that was found, when it was read and since, in what it is made of too. */
  readonly findings: readonly Finding[];
}

export interface Compiler {
  read(file: SourceFile): ReadAgent;
  /**
   * Compiles an agent that was read, and lets its trees go.
   * @param variants the names of all variants that agents have; absent when not all agents are known
   * @param among the targets to compile it for; absent: all that it has outputs for
   */
  make(agent: ReadAgent, variants: readonly string[] | undefined, among?: readonly Target[]): MadeAgent;
}

/** The names of targets that sources may name. */
const knownTargets = (targets: readonly Target[], { knownTargets = [] }: CompileOptions): readonly string[] => [
  ...new Set([...TARGETS, ...targets].map((target) => target.name).concat(knownTargets)),
];

/** Prepares to compile agents. `report` gets what is found, agent by agent. */
export function createCompiler(
  shared: Omit<Sources, 'agents'>,
  targets: readonly Target[],
  options: CompileOptions,
  report: Report,
): Compiler {
  const known = knownTargets(targets, options);
  const config = options.config ?? CONFIG;
  const packages = createPackages(shared.find);
  const shelf = createShelf(shared.bases ?? [], packages, report, options.parser);
  const library = createLibrary(shared.fragments ?? [], packages, known, report, options.parser, shared.unseen);
  const composing = { shelf, variants: options.variants ?? {}, taken: known, wanted: options.onlyVariants, config, report };
  const merges = new Map<string, Merge>();

  function read(file: SourceFile): ReadAgent {
    const { value, findings } = report.during(() => {
      const document = parse(file, report, options.parser);
      const composed = document && compose(document, composing);
      const editions = (composed?.editions ?? []).flatMap((edition): Authored[] => {
        const agent = normalize(edition, known, report);
        return agent ? [{ agent, edition }] : [];
      });
      return { editions, variants: composed?.variants ?? [] };
    });
    return { path: file.path, ...value, findings };
  }

  /** What is read of shared texts depends on which names are right in them. */
  function mergeFor(variants: readonly string[] | undefined): Merge {
    const key = variants?.join() ?? '*';
    const merge = merges.get(key) ?? createMerge(library, { targets: known, variants }, report, options.parser);
    merges.set(key, merge);
    return merge;
  }

  function promptsFor(one: Authored, merge: Merge, among: readonly Target[]): Prompted {
    const { agent, edition } = one;
    const { fragments, bodyFor } = merge(agent, edition);
    const prompts = among.filter((target) => isWanted(agent, target)).map((target) => ({ target, prompt: bodyFor(target.name) }));
    if (options.outline) {
      const titles = new Map(prompts.map(({ target, prompt }) => [target.name, prompt.titles()]));
      checkSections(agent, edition.document.source, titles, options.outline, library, options.root ?? '', report);
    }
    return { ...one, fragments, prompts };
  }

  /** @param sound nothing is wrong with the source: without that nothing is emitted */
  function emitEdition(
    { agent, edition: { document }, prompts }: Prompted,
    sound: boolean,
  ): Pick<MadeAgent, 'files' | 'accounts' | 'whole'> {
    const { source } = document;
    const unusable: Target[] = [];
    const lowering = { models: options.models ?? {}, source, report, unusable };
    const lowered = prompts.flatMap(({ target, prompt }) => lower(agent, prompt, target, lowering) ?? []);
    if (unusable.length > 0) {
      const rules = unusable.map(({ name: target, fields }) => ({ target, takes: fields.name?.takes }));
      report.add('name-unusable', source, agent.name.range, { name: agent.name.value, rules });
    }
    // `rules` may make a loss an error, and an error is not built.
    const refused = reportLosses(agent, lowered, source, report);
    const emitting = { templates: options.templates ?? {}, root: options.root ?? '' };
    const files = sound && !refused ? lowered.flatMap((one) => emit(one, document, emitting, report) ?? []) : [];
    return {
      files,
      accounts: lowered.map(accountOf),
      whole: files.length === prompts.length,
    };
  }

  return {
    read,
    make({ path, editions, findings: before }, variants, among = targets) {
      const merge = mergeFor(variants);
      const { value, findings } = report.during(() => {
        report.take(before);
        const { value: prompted, findings } = report.during(() => editions.map((one) => promptsFor(one, merge, among)));
        for (const { edition } of editions) edition.document.forget();
        // What is wrong up to here is wrong with a source, and stops the agent in all its variants; from here on it stops one output.
        const sound = ![...before, ...findings].some(({ severity }) => severity === 'error');
        const made = prompted.map((one) => emitEdition(one, sound));
        return {
          extends: editions.some(({ edition }) => [edition.document, ...edition.bases].some(extendsByName)),
          files: made.flatMap(({ files }) => files),
          accounts: made.flatMap(({ accounts }) => accounts),
          whole: sound && made.every(({ whole }) => whole),
          uses: [...new Set(prompted.flatMap(({ agent, fragments }) => [...agent.bases, ...fragments]))],
        };
      });
      return { path, ...value, findings };
    },
  };
}

const extendsByName = ({ frontMatter }: Document): boolean => frontMatter?.entries.some(({ key }) => key === 'extends') === true;

/** An agent with its prompt for each target. */
interface Prompted extends Authored {
  readonly fragments: readonly string[];
  readonly prompts: readonly { readonly target: Target; readonly prompt: MergedBody }[];
}

/** Whether an agent has an output for a target. */
export const isWanted = ({ only, without }: Agent, { name }: Target): boolean => only?.includes(name) !== false && !without.includes(name);
