/**
 * The pipeline on one page: sources → documents → agents → bodies → lowered → files. Pure: no disk, no clock, no
 * environment; the same input gives the same bytes. Runs in a browser.
 */
import { createReport, type Diagnostic, type Report, type RuleLevels } from './diagnostics/report.js';
import type { FileText } from './diagnostics/source-text.js';
import { groupBy } from './group-by.js';
import type { Agent, Fate } from './ir.js';
import { companionsOf, emit, foldedPath, type OutputFile, type Templates, templateText } from './stages/emit/emit.js';
import type { Grant } from './stages/lower/grant.js';
import { reportLosses } from './stages/lower/losses.js';
import { lower } from './stages/lower/lower.js';
import type { ModelMap } from './stages/lower/model.js';
import { createLibrary, type FragmentFile } from './stages/merge/fragments.js';
import { merge } from './stages/merge/merge.js';
import { normalize } from './stages/normalize/normalize.js';
import type { Document } from './stages/parse/document.js';
import { parse, type SourceFile, textOf } from './stages/parse/parse.js';
import { TARGETS } from './targets/index.js';
import type { Target } from './targets/target.js';

export interface Sources {
  readonly agents: readonly SourceFile[];
  readonly fragments?: readonly FragmentFile[];
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
  /** The text of a file that outputs come from, for the lines of their origins: an agent, a fragment or a template. */
  readonly textOf: (path: string) => FileText | undefined;
}

/** What a target lets an agent do, beside what the agent asked for. */
export interface AgentGrant extends Omit<Grant, 'entries'> {
  readonly agent: string;
  readonly target: string;
}

/** Compiles every source for every target. Never throws for what an author wrote. */
export function compile(sources: Sources, targets: readonly Target[], options: CompileOptions = {}): Compilation {
  const report = createReport(options.rules);
  const library = createLibrary(sources.fragments ?? [], report);
  const known = [...new Set([...TARGETS, ...targets].map((target) => target.name).concat(options.knownTargets ?? []))];
  const failed = new Set<string>();

  const authored: Authored[] = [];
  for (const file of sources.agents) {
    const document = parse(file, report);
    const agent = document && normalize(document, known, report);
    if (agent) authored.push({ agent, document });
    else failed.add(file.path);
  }
  reportNamesakes(authored, report);

  const files: OutputFile[] = [];
  const fates: Fate[] = [];
  const grants: AgentGrant[] = [];
  for (const { agent, document } of authored) {
    const merged = merge(agent, document, library, known, report);
    const wanted = targets.filter(({ name }) => agent.only?.includes(name) !== false && !agent.without.includes(name));
    const bodies = wanted.map(({ name }) => merged.bodyFor(name));
    document.forget();
    // What is wrong up to here is wrong with the source, and stops the agent; from here on it stops one output.
    const sound = ![agent.path, ...merged.fragments].some((path) => report.errorsIn(path) > 0);
    const unusable: string[] = [];
    const context = { models: options.models ?? {}, source: document.source, report, unusable };
    const lowered = wanted.flatMap((target, index) => lower(agent, bodies[index] ?? [], target, context) ?? []);
    if (unusable.length > 0) report.add('name-unusable', document.source, agent.name.range, { name: agent.name.value, targets: unusable });
    const errors = report.errorsIn(agent.path);
    reportLosses(agent, lowered, document.source, report);
    // `rules` may make a loss an error, and an error is not built.
    const accepted = report.errorsIn(agent.path) === errors;
    const emitted =
      sound && accepted
        ? lowered.flatMap((one) => emit(one, document, { templates: options.templates ?? {}, root: options.root ?? '' }, report) ?? [])
        : [];
    files.push(...emitted);
    fates.push(...lowered.flatMap((one) => one.fates));
    for (const { target, grant } of lowered) {
      const { entries: _, ...granted } = grant;
      grants.push({ agent: agent.id, target: target.name, ...granted });
    }
    if (emitted.length < wanted.length) failed.add(agent.path);
  }

  const distinct = withoutCollisions(files, failed, report);
  const firsts = new Map(distinct.toReversed().map((file) => [file.target, file]));
  const companions = targets.flatMap((target) => companionsOf(target, firsts.get(target.name), options.templates ?? {}));
  return {
    files: distinct,
    companions,
    fates,
    grants,
    diagnostics: report.diagnostics,
    failed: [...failed].sort(),
    agents: new Set(distinct.map((file) => file.source)).size,
    textOf: createTexts(sources, targets, options.templates ?? {}),
  };
}

/** Gives the texts of files by their paths. Each is decoded when it is first asked for. */
function createTexts({ agents, fragments = [] }: Sources, targets: readonly Target[], templates: Templates): Compilation['textOf'] {
  const known = new Map<string, FileText | undefined>();
  const find = (path: string): FileText | undefined => {
    const file = [...agents, ...fragments].find((one) => one.path === path);
    return file ? textOf(file) : templateText(path, targets, templates);
  };
  return (path) => {
    if (!known.has(path)) known.set(path, find(path));
    return known.get(path);
  };
}

interface Authored {
  readonly agent: Agent;
  readonly document: Document;
}

/** Of two agents with one name an assistant keeps one, so neither is built. */
function reportNamesakes(authored: readonly Authored[], report: Report): void {
  for (const group of groupBy(authored, ({ agent }) => agent.id).values()) {
    const [first, second] = group;
    for (const one of group.length > 1 ? group : []) {
      const other = (one === first ? second : first)?.agent.path ?? '';
      const { name } = one.agent;
      report.add('name-duplicate', one.document.source, name.range, { name: name.value, other, more: group.length - 2 });
    }
  }
}

/** Leaves out files of one target and path: names that `targets` gives may meet, and paths that differ only by case. */
function withoutCollisions(files: readonly OutputFile[], failed: Set<string>, report: Report): OutputFile[] {
  const groups = groupBy(files, ({ target, path, part }) => `${target}\0${foldedPath(path)}\0${part?.id ?? ''}`);
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
