/**
 * The pipeline on one page: sources → documents → agents → bodies → lowered → files. Pure: no disk, no clock, no
 * environment; the same input gives the same bytes. Runs in a browser.
 */
import { createReport, type Diagnostic, type RuleLevels } from './diagnostics/report.js';
import type { Agent, Fate } from './ir.js';
import { emit, type OutputFile, type Templates } from './stages/emit/emit.js';
import { reportLosses } from './stages/lower/losses.js';
import { lower } from './stages/lower/lower.js';
import type { ModelMap } from './stages/lower/model.js';
import { createLibrary, type FragmentFile } from './stages/merge/fragments.js';
import { merge } from './stages/merge/merge.js';
import { normalize } from './stages/normalize/normalize.js';
import type { Document } from './stages/parse/document.js';
import { parse, type SourceFile } from './stages/parse/parse.js';
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
  /** Targets that sources may name though they are not compiled for now. The built-in ones are known anyway. */
  readonly knownTargets?: readonly string[];
}

export interface Compilation {
  readonly files: readonly OutputFile[];
  readonly diagnostics: readonly Diagnostic[];
  readonly fates: readonly Fate[];
  /** Paths of sources that lack at least one output for an error. Not empty: the build has failed. */
  readonly failed: readonly string[];
  /** How many agents have an output. */
  readonly agents: number;
}

/** Compiles every source for every target. Never throws for what an author wrote. */
export function compile(sources: Sources, targets: readonly Target[], options: CompileOptions = {}): Compilation {
  const report = createReport(options.rules);
  const library = createLibrary(sources.fragments ?? [], report);
  const known = [
    ...new Set([...TARGETS.map((target) => target.name), ...targets.map((target) => target.name), ...(options.knownTargets ?? [])]),
  ];
  const failed = new Set<string>();
  const files: OutputFile[] = [];
  const fates: Fate[] = [];

  const agents: { agent: Agent; document: Document }[] = [];
  for (const file of sources.agents) {
    const document = parse(file, report);
    const agent = document && normalize(document, known, report);
    if (agent) agents.push({ agent, document });
    else failed.add(file.path);
  }
  const namesakes = pathsById(agents);
  for (const { agent, document } of agents) {
    const namesake = namesakes.get(agent.id) ?? [];
    if (namesake.length > 1) {
      const [first, second] = namesake;
      const other = (first === agent.path ? second : first) ?? '';
      report.add('name-duplicate', document.source, agent.name.range, { name: agent.name.value, other, more: namesake.length - 2 });
    }

    const merged = merge(agent, document, library, known, report);
    const wanted = targets.filter(({ name }) => agent.only?.includes(name) !== false && !agent.without.includes(name));
    const bodies = wanted.map(({ name }) => merged.bodyFor(name));
    // What is wrong up to here is wrong with the source, and stops the agent; from here on it stops one output.
    const sound = ![agent.path, ...merged.fragments].some((path) => report.hasErrors(path));
    const lowered = wanted.map((target, index) =>
      lower(agent, bodies[index] ?? [], target, { models: options.models ?? {}, source: document.source, report }),
    );
    const usable = lowered.filter((one) => one !== undefined);
    reportLosses(agent, usable, document.source, report);
    const emitted = sound ? usable.map((one) => emit(one, document, options.templates ?? {}, report)) : [];
    files.push(...emitted.filter((file) => file !== undefined));
    fates.push(...usable.flatMap((one) => one.fates));
    if (emitted.length < wanted.length || emitted.includes(undefined)) failed.add(agent.path);
  }
  return {
    files,
    fates,
    diagnostics: report.diagnostics,
    failed: [...failed].sort(),
    agents: new Set(files.map((file) => file.source)).size,
  };
}

/** The sources of each id. */
function pathsById(agents: readonly { agent: Agent }[]): Map<string, string[]> {
  const byId = new Map<string, string[]>();
  for (const { agent } of agents) {
    const paths = byId.get(agent.id);
    if (paths) paths.push(agent.path);
    else byId.set(agent.id, [agent.path]);
  }
  return byId;
}
