/** A project read for trying things out: an agent with another text is compiled as a build would. */
import { type Compilation, compile } from '../compile.js';
import { createReport, type Diagnostic } from '../diagnostics/report.js';
import type { FragmentFile } from '../stages/merge/fragments.js';
import type { Document } from '../stages/parse/document.js';
import { parse } from '../stages/parse/parse.js';
import type { Target } from '../targets/target.js';
import { compileOptions, readManifests } from './compile-project.js';
import { oncePer } from './once-per.js';
import { createPackageFinder } from './packages.js';
import type { Settings } from './settings.js';
import { readSources } from './sources.js';
import { loadTemplates } from './templates.js';

export interface Trial {
  /** The agents that can be read, by path. */
  readonly agents: ReadonlyMap<string, TrialAgent>;
  /** Their texts, without a byte order mark. */
  readonly texts: ReadonlyMap<string, string>;
  readonly fragments: readonly FragmentFile[];
  /** Why the others cannot be. */
  readonly errors: readonly Diagnostic[];
  /** Compiles one agent with this text for every target, with a fragment more. */
  compileFully(agent: string, text: string, fragment?: FragmentFile): Compilation;
  /** The same for one target that it has an output for. A text that is the same there is so elsewhere, as a rule. */
  compileQuickly(agent: string, text: string, fragment?: FragmentFile): Compilation;
}

export interface TrialAgent {
  /** As they were read from the disk. */
  readonly bytes: Uint8Array;
  readonly document: Document;
}

/** Reads a project. */
export async function readTrial(settings: Settings): Promise<Trial> {
  const report = createReport(settings.rules);
  const sources = readSources(settings, readManifests(settings), report);
  const find = createPackageFinder(settings);
  const agents = new Map(
    sources.agents.flatMap((file): [string, TrialAgent][] => {
      const document = parse(file, report, settings.parser);
      return document && typeof file.content !== 'string' ? [[file.path, { bytes: file.content, document }]] : [];
    }),
  );
  const options = compileOptions(settings, await loadTemplates(settings, report), true);
  const targets = settings.targets.map(({ target }) => target);

  const compileFor = (chosen: readonly Target[], agent: string, text: string, fragment?: FragmentFile): Compilation => {
    const content = withMark(agents.get(agent), text);
    const fragments = fragment ? [...sources.fragments, fragment] : sources.fragments;
    // The agent alone; the others may be what it extends.
    const bases = [...sources.bases, ...sources.agents.filter((other) => other.path !== agent)];
    return compile({ agents: [{ path: agent, content }], fragments, bases, find }, chosen, options);
  };
  const texts = new Map([...agents].map(([agent, { document }]) => [agent, document.source.text]));
  const firstOf = oncePer((agent: string): readonly Target[] => {
    const text = texts.get(agent) ?? '';
    const first = targets.find((target) => compileFor([target], agent, text).files.length > 0);
    return first ? [first] : [];
  });
  return {
    agents,
    texts,
    fragments: sources.fragments,
    errors: report.diagnostics.filter(({ severity }) => severity === 'error'),
    compileFully: (...of) => compileFor(targets, ...of),
    compileQuickly: (agent, ...of) => compileFor(firstOf(agent), agent, ...of),
  };
}

/** A text as it is written to the file of an agent: with the byte order mark that it had. */
export const withMark = (agent: TrialAgent | undefined, text: string): string => `${agent?.document.bom ? '\ufeff' : ''}${text}`;
