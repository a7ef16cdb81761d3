/** Compiles what is asked about, and prepares to explain it. Writes nothing. */
import type { Diagnostic } from '../diagnostics/report.js';
import { createExplainer, type Explainer } from '../explain/explain.js';
import type { Agent } from '../ir.js';
import { areMany, chooseByName, isPath, listAgents } from './choose-agents.js';
import { compileProject, summaryOf } from './compile-project.js';
import { type BuildOptions, readSettings } from './settings.js';
import type { Choose } from './sources.js';
import { UsageError } from './usage-error.js';

export interface ExplainOptions extends Pick<BuildOptions, 'cwd' | 'to' | 'variants' | 'config' | 'cache'> {
  /** Names of agents, or files, folders and globs. Empty: all agents of the config. */
  readonly words: readonly string[];
}

export interface Explained extends Explainer {
  /** The agents that were asked about, each in its plain build or in the variants that were asked for. */
  readonly agents: readonly Agent[];
  /** All agents of some place were asked about, not single ones. */
  readonly many: boolean;
  /** The names of the targets. */
  readonly targets: readonly string[];
  /** Other variants of an agent. */
  variantsBeside(agent: Agent): string[];
  readonly diagnostics: readonly Diagnostic[];
  /** Sources that lack an output. */
  readonly failed: readonly string[];
}

/** Throws a UsageError for a name that no agent has, and for all agents in all targets at once. */
export async function explainProject({ words, ...options }: ExplainOptions): Promise<Explained> {
  const { cwd, to, variants } = options;
  const project = await readSettings(options);
  const paths = words.filter((word) => isPath(word, project));
  if (paths.length > 0 && paths.length < words.length)
    throw new UsageError('Agents are named by their names or by their paths, not by both', 'Name them all in one way.');
  const settings = paths.length > 0 ? await readSettings({ ...options, sources: paths }) : project;
  const many = words.length === 0 || areMany(paths, cwd);
  const compiledProject = await compileProject(settings, chooserFor(words, many, paths.length > 0, to !== undefined));
  const { compiled } = compiledProject;
  const { targets, diagnostics, failed } = summaryOf(compiledProject);
  const { authored } = compiled;
  const plain = new Set(authored.filter(({ variant }) => variant === undefined).map((agent) => agent.path));
  const isAsked = ({ path, variant }: Agent): boolean => variants !== undefined || variant === undefined || !plain.has(path);
  return {
    ...createExplainer(compiled, compiledProject.targets, compiled.textOf, settings.parser),
    agents: authored.filter(isAsked),
    many,
    targets,
    variantsBeside: ({ path, variant }) =>
      authored.flatMap((other) => (other.path === path && other.variant !== undefined && other.variant !== variant ? [other.variant] : [])),
    diagnostics,
    failed,
  };
}

function chooserFor(words: readonly string[], many: boolean, byPath: boolean, oneTarget: boolean): Choose | undefined {
  if (many && !oneTarget)
    return listAgents('polyagent explain tells of one agent, or of all in one target', 'Name an agent, or a target with --target.');
  return many || byPath ? undefined : chooseByName(words);
}
