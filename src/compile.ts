/**
 * The pipeline on one page: sources → documents → agents → bodies → lowered → files. Pure: no disk, no clock, no
 * environment; the same input gives the same bytes. Runs in a browser.
 */
import { createReport, type Diagnostic, type Report, type RuleLevels } from './diagnostics/report.js';
import type { FileText } from './diagnostics/source-text.js';
import { groupBy } from './group-by.js';
import type { Agent, Fate } from './ir.js';
import type { MarkdownParser } from './markdown/parser.js';
import { createShelf } from './stages/compose/bases.js';
import { CONFIG, compose, type Edition, type Variants } from './stages/compose/compose.js';
import { createPackages, type Find, type Packages } from './stages/compose/packages.js';
import { companionsOf, emit, foldedPath, type OutputFile, type Templates, templateText } from './stages/emit/emit.js';
import type { Grant } from './stages/lower/grant.js';
import { reportLosses } from './stages/lower/losses.js';
import { lower } from './stages/lower/lower.js';
import type { ModelMap } from './stages/lower/model.js';
import { createLibrary, type FragmentFile, type Library } from './stages/merge/fragments.js';
import { createMerge, type Merge, type MergedBody } from './stages/merge/merge.js';
import { checkRules, checkSections, type OutlineRule } from './stages/merge/required-sections.js';
import { normalize } from './stages/normalize/normalize.js';
import { parse, type SourceFile, textOf } from './stages/parse/parse.js';
import { TARGETS } from './targets/index.js';
import type { Target } from './targets/target.js';

export interface Sources {
  readonly agents: readonly SourceFile[];
  readonly fragments?: readonly FragmentFile[];
  /** Files that agents may extend beside each other: `_base.md`, `_<name>.md`, and agents that are not compiled for now. */
  readonly bases?: readonly SourceFile[];
  /**
   * Finds the file that a name leads to which is not in the project: one of a package. `from` is the path of the file that
   * uses it. May say why there is none. Answers must not change during a call.
   */
  readonly find?: Find;
}

export interface CompileOptions {
  /** Words for models, by target. */
  readonly models?: ModelMap;
  /** Severities by diagnostic code. */
  readonly rules?: RuleLevels;
  /** Templates that replace the built-in ones. */
  readonly templates?: Templates;
  /** The path of the project's root, as the paths of sources are: what an output says of its source is relative to it. */
  readonly root?: string;
  /** Targets that sources may name though they are not compiled for now. The built-in ones are known anyway. */
  readonly knownTargets?: readonly string[];
  /** The path of the config, for messages about what its variants say. */
  readonly config?: string;
  /** Variants of every agent: front matter keys by name. */
  readonly variants?: Variants;
  /** The names of the variants to compile, `default` for the plain build. Absent: all. */
  readonly onlyVariants?: readonly string[];
  /** There are more agents than those given, so that what is shared may be made for variants that none of these has. */
  readonly partial?: boolean;
  /** Sections that agents must have. */
  readonly outline?: readonly OutlineRule[];
  /** Reads Markdown. It has to give the trees that remark gives, offsets included. Default: remark. */
  readonly parser?: MarkdownParser;
}

export interface Compilation {
  /** One for each agent and target. */
  readonly files: readonly OutputFile[];
  /** Files that stand once for a target that has agents, such as a plugin's manifest: a part for each key. */
  readonly companions: readonly OutputFile[];
  readonly diagnostics: readonly Diagnostic[];
  readonly fates: readonly Fate[];
  /** What each target lets each agent do. */
  readonly grants: readonly AgentGrant[];
  /** Paths of sources that lack at least one output for an error. Not empty: the build has failed. */
  readonly failed: readonly string[];
  /** How many agents have an output. */
  readonly agents: number;
  /** What was read of the agents, one for each variant. */
  readonly authored: readonly Agent[];
  /** The names of all variants that the agents have, in the order in which they are first seen, `default` with them. */
  readonly variants: readonly string[];
  /** The text of a file that outputs come from, for the lines of their origins: an agent, a fragment or a template. */
  readonly textOf: (path: string) => FileText | undefined;
}

/** What a target lets an agent do, beside what the agent asked for. */
export interface AgentGrant extends Omit<Grant, 'entries'> {
  readonly agent: string;
  readonly target: string;
  readonly variant?: string;
}

/** Compiles every source for every target. Never throws for what an author wrote. */
export function compile(sources: Sources, targets: readonly Target[], options: CompileOptions = {}): Compilation {
  const report = createReport(options.rules);
  const known = [...new Set([...TARGETS, ...targets].map((target) => target.name).concat(options.knownTargets ?? []))];
  const failed = new Set<string>();
  const packages = createPackages(sources.find);
  const { authored, variants } = readAgents(sources, packages, known, options, failed, report);
  reportNamesakes(authored, report);

  const library = createLibrary(sources.fragments ?? [], packages, known, report, options.parser);
  const merge = createMerge(library, { targets: known, variants: options.partial ? undefined : variants }, report, options.parser);
  const context: Context = { targets, options, library, merge, report };
  const made = [...groupBy(authored, ({ edition }) => edition.document).values()].map((editions) => compileAgent(editions, context));
  // An agent that is not there may be the one that a rule is for.
  const complete = !options.partial && !options.onlyVariants && failed.size === 0;
  if (options.outline && complete) {
    const agents = authored.map(({ agent }) => agent);
    checkRules(agents, options.outline, options.root ?? '', options.config ?? CONFIG, report);
  }
  for (const { path, whole } of made) if (!whole) failed.add(path);

  const distinct = withoutCollisions(
    made.flatMap(({ files }) => files),
    failed,
    report,
  );
  return {
    files: distinct,
    companions: allCompanions(targets, distinct, options.templates ?? {}),
    fates: made.flatMap(({ fates }) => fates),
    grants: made.flatMap(({ grants }) => grants),
    diagnostics: report.diagnostics,
    failed: [...failed].sort(),
    agents: new Set(distinct.map((file) => file.source)).size,
    authored: authored.map(({ agent }) => agent),
    variants,
    textOf: createTexts(sources, targets, options.templates ?? {}, report),
  };
}

/** What all agents of a build are compiled with. */
interface Context {
  readonly targets: readonly Target[];
  readonly options: CompileOptions;
  readonly library: Library;
  readonly merge: Merge;
  readonly report: Report;
}

/** What comes of one source. */
interface Made extends Pick<Compilation, 'files' | 'fates' | 'grants'> {
  readonly path: string;
  /** It has every output that it wants. */
  readonly whole: boolean;
}

/** An agent with its prompt for each target. */
interface Prompted extends Authored {
  readonly fragments: readonly string[];
  readonly prompts: readonly { readonly target: Target; readonly prompt: MergedBody }[];
}

/** Compiles the editions of one document. */
function compileAgent(editions: readonly Authored[], context: Context): Made {
  const { options, report } = context;
  const prompted = editions.map((one) => promptsFor(one, context));
  for (const { edition } of editions) edition.document.forget();
  // What is wrong up to here is wrong with a source, and stops the agent in all its variants; from here on it stops one output.
  const paths = prompted.flatMap(({ agent, fragments }) => [agent.path, ...agent.bases, ...fragments]);
  const sound = ![...paths, options.config ?? CONFIG].some((path) => report.errorsIn(path) > 0);
  const made = prompted.map((one) => emitEdition(one, sound, context));
  return {
    path: editions[0]?.agent.path ?? '',
    files: made.flatMap(({ files }) => files),
    fates: made.flatMap(({ fates }) => fates),
    grants: made.flatMap(({ grants }) => grants),
    whole: made.every(({ whole }) => whole),
  };
}

function promptsFor(one: Authored, { targets, options, library, merge, report }: Context): Prompted {
  const { agent, edition } = one;
  const { fragments, bodyFor } = merge(agent, edition);
  const prompts = targets.filter((target) => isWanted(agent, target)).map((target) => ({ target, prompt: bodyFor(target.name) }));
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
  { options, report }: Context,
): Pick<Made, 'files' | 'fates' | 'grants' | 'whole'> {
  const { source } = document;
  const unusable: string[] = [];
  const lowering = { models: options.models ?? {}, source, report, unusable };
  const lowered = prompts.flatMap(({ target, prompt }) => lower(agent, prompt, target, lowering) ?? []);
  if (unusable.length > 0) report.add('name-unusable', source, agent.name.range, { name: agent.name.value, targets: unusable });
  // `rules` may make a loss an error, and an error is not built.
  const refused = reportLosses(agent, lowered, source, report);
  const emitting = { templates: options.templates ?? {}, root: options.root ?? '' };
  const files = sound && !refused ? lowered.flatMap((one) => emit(one, document, emitting, report) ?? []) : [];
  const variant = agent.variant === undefined ? {} : { variant: agent.variant };
  return {
    files,
    fates: lowered.flatMap(({ fates }) => fates),
    grants: lowered.map(({ target, grant: { entries: _, ...granted } }) => ({
      agent: agent.id,
      ...variant,
      target: target.name,
      ...granted,
    })),
    whole: files.length === prompts.length,
  };
}

/** Gives the texts of files by their paths. Each is decoded when it is first asked for. */
function createTexts(
  { agents, fragments = [], bases = [] }: Sources,
  targets: readonly Target[],
  templates: Templates,
  report: Report,
): Compilation['textOf'] {
  const known = new Map<string, FileText | undefined>();
  let files: ReadonlyMap<string, SourceFile> | undefined;
  const find = (path: string): FileText | undefined => {
    files ??= new Map([...bases, ...fragments, ...agents].map((file) => [file.path, file]));
    const file = files.get(path);
    // What packages brought is known to the report alone.
    return file ? textOf(file) : (report.textOf(path) ?? templateText(path, targets, templates));
  };
  return (path) => {
    if (!known.has(path)) known.set(path, find(path));
    return known.get(path);
  };
}

const isWanted = ({ only, without }: Agent, { name }: Target): boolean => only?.includes(name) !== false && !without.includes(name);

/** Reads all agents, each in all its editions. Those of one document follow each other. */
function readAgents(
  sources: Sources,
  packages: Packages,
  known: readonly string[],
  options: CompileOptions,
  failed: Set<string>,
  report: Report,
): { authored: Authored[]; variants: string[] } {
  const shelf = createShelf([...(sources.bases ?? []), ...sources.agents], packages, report, options.parser);
  const context = {
    shelf,
    variants: options.variants ?? {},
    taken: known,
    wanted: options.onlyVariants,
    config: options.config ?? CONFIG,
    report,
  };
  const variants = new Set<string>();
  const authored = sources.agents.flatMap((file) => {
    const document = parse(file, report, options.parser);
    const composed = document && compose(document, context);
    if (!composed) failed.add(file.path);
    for (const name of composed?.variants ?? []) variants.add(name);
    return (composed?.editions ?? []).flatMap((edition): Authored[] => {
      const agent = normalize(edition, known, report);
      if (!agent) failed.add(file.path);
      return agent ? [{ agent, edition }] : [];
    });
  });
  return { authored, variants: [...variants] };
}

/** The files that stand once for a target, in each variant. */
function allCompanions(targets: readonly Target[], files: readonly OutputFile[], templates: Templates): OutputFile[] {
  const firsts = new Map(files.toReversed().map((file) => [`${file.variant ?? ''}\0${file.target}`, file]));
  return [...firsts.values()].toReversed().flatMap((first) => {
    const target = targets.find(({ name }) => name === first.target);
    return target ? companionsOf(target, first, templates) : [];
  });
}

interface Authored {
  readonly agent: Agent;
  readonly edition: Edition;
}

/** Of two agents with one name an assistant keeps one, so neither is built. */
function reportNamesakes(authored: readonly Authored[], report: Report): void {
  for (const group of groupBy(authored, ({ agent }) => `${agent.variant ?? ''}\0${agent.id}`).values()) {
    const [first, second] = group;
    for (const one of group.length > 1 ? group : []) {
      const other = (one === first ? second : first)?.agent.path ?? '';
      const { name } = one.agent;
      report.add('name-duplicate', one.edition.document.source, name.range, { name: name.value, other, more: group.length - 2 });
    }
  }
}

/** Leaves out files of one target and path: names that `targets` gives may meet, and paths that differ only by case. */
function withoutCollisions(files: readonly OutputFile[], failed: Set<string>, report: Report): OutputFile[] {
  const groups = groupBy(files, ({ variant, target, path, part }) => `${variant ?? ''}\0${target}\0${foldedPath(path)}\0${part?.id ?? ''}`);
  return [...groups.values()].flatMap((group) => {
    const [file] = group;
    if (!file || group.length === 1) return group;
    const sources = group.map(({ source }) => source);
    for (const source of sources) failed.add(source);
    const path = `${file.target}: ${file.path}${file.part ? ` (${file.part.id})` : ''}`;
    report.addForFile('output-collision', sources[0] ?? file.path, { path, sources });
    return [];
  });
}
