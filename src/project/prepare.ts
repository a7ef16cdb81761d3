/** Finds and reads a project, as far as it is not known: up to the point where every output has its name and nothing is compiled. */
import path from 'node:path';
import type { Compiler } from '../compile/compiler.js';
import { type Linked, link } from '../compile/link.js';
import { createReport, type Report } from '../diagnostics/report.js';
import type { FileText } from '../diagnostics/source-text.js';
import type { Templates } from '../stages/emit/emit.js';
import type { Target } from '../targets/target.js';
import { createTexts, type Texts } from './cache/findings.js';
import { createInputs, type InputRecord, type Inputs } from './cache/inputs.js';
import { createLooks, type Looks, type Seen } from './cache/looks.js';
import { checkVariantNames, readManifests } from './compile-project.js';
import { refuseMissing } from './discover.js';
import { helpOnMissing } from './no-agents.js';
import { MANIFEST } from './own-files.js';
import { createOwnership, type Ownership } from './ownership.js';
import { createRealPaths, inPlaceOf, isInside, pathFrom, realOf } from './paths.js';
import { contentIn, createProjectCompiler, keyOf } from './project-compiler.js';
import type { Settings } from './settings.js';
import { targetsByAgent } from './shard.js';
import { findFiles, foldersWithoutBase, type ProjectFiles } from './sources.js';
import { loadTemplates } from './templates.js';
import { type KnownUnit, refreshUnits, type Unit } from './units.js';
import { UsageError } from './usage-error.js';

/** What is known of a project at the end of a build. */
export interface Known {
  /** Of everything that each agent depends on. */
  readonly key: string;
  /** The paths of all agents that can be read. */
  readonly agents: readonly string[];
  /** The names of all variants. */
  readonly variants: readonly string[];
  /** Kept up to date by small builds, as the inputs are. */
  readonly units: Map<string, KnownUnit>;
  /** By absolute path. */
  readonly inputs: Map<string, InputRecord>;
}

export interface Prepared {
  readonly settings: Settings;
  readonly targets: readonly Target[];
  /** The targets for which this build makes the outputs of an agent, by its path; none for one of another share. */
  targetsFor(agent: string): readonly Target[];
  readonly templates: Templates;
  /** What is wrong with the files themselves and with agents beside each other. */
  readonly report: Report;
  readonly inputs: Inputs;
  readonly looks: Looks;
  readonly ownership: Ownership;
  readonly compiler: Compiler;
  /** A compiler that has read nothing of what agents share. */
  renewCompiler(): Compiler;
  /** The files that were found. */
  readonly files: ProjectFiles;
  /** Those of them that can be read. */
  readonly readable: ProjectFiles;
  /** The real paths of all agents. */
  realSources(): ReadonlySet<string>;
  readonly units: readonly Unit[];
  readonly linked: Linked;
  /** The names of variants for texts that agents share; absent when not all are known. */
  readonly variants: readonly string[] | undefined;
  /** Paths of agents of this build that cannot be read, or not beside each other. */
  readonly failed: ReadonlySet<string>;
  readonly key: string;
  /** The text of a file that outputs come from, once its agent is compiled. */
  textOf(file: string): FileText | undefined;
  /** The texts of files by the paths that messages show, for those who want to see a place in them. */
  readonly texts: Texts;
  /** Takes over what another thread has read and looked at. */
  takeSeen(seen: SeenElsewhere): void;
  /** Whether names were looked up in packages: what they mean depends on more than on the files that are there. */
  usesPackages(): boolean;
  /** A path as messages show it. */
  shown(file: string): string;
  /** The absolute path of a base or fragment, or of an agent, by the path that agents know it by. */
  absolute(path: string): string;
}

/** What another thread that compiles has read and looked at, and whether it looked up names in packages. */
export interface SeenElsewhere {
  readonly inputs: Inputs['records'];
  readonly looks: Seen;
  readonly packages: boolean;
}

/** What does not depend on the moment in which the disk is looked at. */
export interface Preparation {
  readonly report: Report;
  readonly looks: Looks;
  readonly inputs: Inputs;
  readonly templates: Templates;
}

/** Reads the templates, whose compiler may have to be loaded for it. */
export async function beginPreparing(settings: Settings, known: Known | undefined): Promise<Preparation> {
  const report = createReport(settings.rules);
  const looks = createLooks();
  const inputs = createInputs(known?.inputs ?? new Map());
  refuseMissing(settings, looks, (missing) => helpOnMissing(missing, readManifests(settings)));
  for (const folder of settings.otherFolders) looks.kindOf(path.join(folder, MANIFEST));
  for (const folder of settings.formerFolders) {
    const list = pathFrom(settings.cwd, path.join(folder, MANIFEST));
    if (!settings.manifestFolders.includes(folder)) report.addForFile('outputs-elsewhere', list, {});
  }
  for (const file of settings.configFiles) if (looks.kindOf(file) === 'file') inputs.open(file);
  return { report, looks, inputs, templates: await loadTemplates(settings, report, looks, inputs) };
}

/**
 * Throws a UsageError when a source is not there, nothing is found nor left over, a manifest cannot be read, or no output can be
 * written as its folder is none.
 */
export function prepare(settings: Settings, known: Known | undefined, { report, looks, inputs, templates }: Preparation): Prepared {
  const shown = (file: string): string => pathFrom(settings.cwd, file);
  const tell = (file: string, reason: string): void => report.addForFile('source-unreadable', shown(file), { reason });
  checkPlaces(settings);
  const ownership = createOwnership(readManifests(settings));
  const files = findFiles(settings, ownership.manifests, looks, (file) => contentIn(inputs, file).toString());
  for (const pattern of files.unmatched)
    report.addForFile('source-unmatched', shown(settings.complete ? (settings.config ?? settings.root) : settings.sourceRoot) || '.', {
      pattern,
    });
  const targets = settings.targets.map(({ target }) => target);

  const lost = foldersWithoutBase(files, looks.closed, inputs.open, tell);
  const isReadable = (file: string): boolean => {
    const input = inputs.open(file);
    if (input.hash === undefined) tell(file, input.reason);
    return input.hash !== undefined;
  };
  const agents = files.agents.filter((file) => !lost.some((folder) => isInside(file, folder)) && isReadable(file));
  const fragments = files.fragments.filter(({ file }) => isReadable(file));
  const bases = files.bases.filter((file) => inputs.open(file).hash !== undefined);

  const readable = { ...files, agents, fragments, bases };
  const key = keyOf(settings, templates, files);
  const usable = known?.key === key ? known : undefined;
  const { renewCompiler, textOf, hasAskedPackages } = createProjectCompiler(settings, templates, readable, inputs, looks);
  const compiler = renewCompiler();
  let isAskedElsewhere = false;
  let realSources: ReadonlySet<string> | undefined;
  const byPath = new Map(agents.map((file) => [shown(file), file]));
  const own = new Set([...byPath.keys(), ...[...bases, ...fragments.map(({ file }) => file)].map(shown)]);
  const real = realOf(settings.cwd);
  const texts = createTexts(settings.cwd);
  const absolute = (used: string): string => byPath.get(used) ?? path.resolve(real, used);
  const units = refreshUnits(
    byPath,
    usable && { units: usable.units, agents: usable.agents, own, hashOf: (used) => usable.inputs.get(absolute(used))?.hash },
    inputs,
    compiler,
    targets,
    absolute,
    texts.read,
  );
  const linked = link(
    units.map(({ card }) => card),
    targets,
  );
  report.take(linked.findings);
  const unread = [
    ...files.agents.map(shown).filter((file) => !byPath.has(file)),
    ...units.flatMap(({ card }) => (card.sound ? [] : [card.path])),
  ];
  // A source that cannot be read may be the one that has it.
  if (unread.length === 0) checkVariantNames(settings.onlyVariants, linked.variants);
  const targetsFor = targetsByAgent(settings.shard, targets);
  const variants = files.partial ? undefined : linked.variants;
  // Shared texts may name any of them.
  const sameNames = usable !== undefined && usable.variants.join() === linked.variants.join();
  return {
    settings,
    targets,
    targetsFor,
    templates,
    report,
    inputs,
    looks,
    ownership,
    compiler,
    renewCompiler,
    files,
    readable,
    realSources() {
      realSources ??= new Set(files.agents.map(createRealPaths()));
      return realSources;
    },
    units: sameNames ? units : units.map((unit) => (unit.made && unit.made.uses.length > 0 ? withoutMade(unit) : unit)),
    linked,
    variants,
    failed: new Set([...linked.failed, ...unread].filter((agent) => targetsFor(agent).length > 0)),
    key,
    textOf,
    texts,
    takeSeen(seen) {
      inputs.take(seen.inputs);
      looks.take(seen.looks);
      isAskedElsewhere ||= seen.packages;
    },
    usesPackages: () =>
      hasAskedPackages() || isAskedElsewhere || units.some(({ made }) => made?.uses.some((used) => !own.has(used)) === true),
    shown,
    absolute,
  };
}

const withoutMade = ({ made, ...unit }: Unit): Unit => ({ ...unit, before: made });

/** One error in place of one for each output. */
function checkPlaces({ targets, cwd }: Settings): void {
  for (const folder of new Set(targets.map(({ within }) => within))) {
    const file = inPlaceOf(folder);
    if (file === undefined) continue;
    const more = file === folder ? '' : `, so there can be no ${pathFrom(cwd, folder)}`;
    throw new UsageError(
      `${pathFrom(cwd, file)} is a file, not a folder${more}`,
      'Outputs go there. Move the file away, or say another folder with --out or `outDir`.',
    );
  }
}
