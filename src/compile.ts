/**
 * The pipeline on one page: sources → documents → agents → bodies → lowered → files. Pure: no disk, no clock, no
 * environment; the same input gives the same bytes. Runs in a browser.
 */
import { createCompiler } from './compile/compiler.js';
import { type AgentCard, cardOf, link } from './compile/link.js';
import type { CompileOptions, Sources } from './compile/options.js';
import { createReport, type Diagnostic, type Report } from './diagnostics/report.js';
import type { FileText } from './diagnostics/source-text.js';
import type { Agent, Fate } from './ir.js';
import { CONFIG } from './stages/compose/compose.js';
import { companionsOf, type Maker, type OutputFile, type Templates, templateText } from './stages/emit/emit.js';
import { type AgentGrant, fatesIn, grantIn } from './stages/lower/account.js';
import { checkRules, type Tagged } from './stages/merge/required-sections.js';
import { type SourceFile, textOf } from './stages/parse/parse.js';
import type { Target } from './targets/target.js';

export type { CompileOptions, Sources } from './compile/options.js';
export type { AgentGrant } from './stages/lower/account.js';

export interface Compilation {
  /** One for each agent and target. */
  readonly files: readonly OutputFile[];
  /** Files that stand once for a target that has agents, such as a plugin's manifest: a part for each key. */
  readonly companions: readonly OutputFile[];
  readonly diagnostics: readonly Diagnostic[];
  /** What became of each field in each target. Written out when asked for, as are `grants`. */
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

/** Compiles every source for every target. Never throws for what an author wrote. */
export const compile = (sources: Sources, targets: readonly Target[], options: CompileOptions = {}): Compilation =>
  compileInto(createReport(options.rules), sources, targets, options);

/** The same, with a report that may know of other things already. */
export function compileInto(report: Report, sources: Sources, targets: readonly Target[], options: CompileOptions): Compilation {
  const compiler = createCompiler({ ...sources, bases: [...(sources.bases ?? []), ...sources.agents] }, targets, options, report);
  const read = sources.agents.map(compiler.read);
  const cards = read.map((agent) => cardOf(agent, targets));
  const { variants, findings, failed: clashing, isWithheld } = link(cards, targets);
  report.take(findings);
  const made = read.map((agent) => compiler.make(agent, options.partial ? undefined : variants));
  const failed = new Set([...clashing, ...made.flatMap(({ path, whole }) => (whole ? [] : [path]))]);
  // An agent that is not there may be the one that a rule is for.
  if (options.outline && !options.partial && !options.onlyVariants && failed.size === 0) {
    checkRules(tagged(cards), options.outline, options.root ?? '', options.config ?? CONFIG, report);
  }
  const files = made.flatMap((one) => one.files.filter((file) => !isWithheld(file)));
  const accounts = made.flatMap((one) => one.accounts);
  return {
    files,
    companions: companionsIn(files, targets, options.templates ?? {}),
    get fates() {
      return accounts.flatMap(fatesIn);
    },
    get grants() {
      return accounts.map(grantIn);
    },
    diagnostics: report.diagnostics,
    failed: [...failed].sort(),
    agents: new Set(files.map((file) => file.source)).size,
    authored: read.flatMap(({ editions }) => editions.map(({ agent }) => agent)),
    variants,
    textOf: createTexts(sources, targets, options.templates ?? {}, report),
  };
}

/** Agents as the rules of an outline choose them. */
export const tagged = (cards: readonly AgentCard[]): Tagged[] =>
  cards.flatMap(({ path, editions }) => editions.map(({ tags }) => ({ path, tags })));

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

/** The files that stand once for a target, in each variant, for the first of the agents that have an output. */
export function companionsIn(made: Iterable<Maker>, targets: readonly Target[], templates: Templates): OutputFile[] {
  const byName = new Map(targets.filter(({ companions }) => companions).map((target) => [target.name, target]));
  // Thousands need not be gone through then.
  if (byName.size === 0) return [];
  const firsts = new Map<string, OutputFile[]>();
  for (const one of made) {
    const target = byName.get(one.target);
    const key = `${one.variant ?? ''}\0${one.target}`;
    if (target && !firsts.has(key)) firsts.set(key, companionsOf(target, one, templates));
  }
  return [...firsts.values()].flat();
}
