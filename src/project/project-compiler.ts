/** The compiler of a project: with its settings and its files, which are read when they are asked for. */
import { type Compiler, createCompiler } from '../compile/compiler.js';
import { createReport, type Report } from '../diagnostics/report.js';
import type { FileText } from '../diagnostics/source-text.js';
import type { Find } from '../stages/compose/packages.js';
import { type Templates, templateText } from '../stages/emit/emit.js';
import type { FragmentFile } from '../stages/merge/fragments.js';
import type { SourceFile } from '../stages/parse/parse.js';
import { TARGETS } from '../targets/index.js';
import { hashOf, type Inputs } from './cache/inputs.js';
import type { Looks } from './cache/looks.js';
import { compileOptions } from './compile-project.js';
import { createPackageFinder } from './packages.js';
import { pathFrom } from './paths.js';
import type { Settings } from './settings.js';
import type { ProjectFiles } from './sources.js';

export interface ProjectCompiler {
  /** Makes a compiler that has read nothing of what agents share. */
  renewCompiler(): Compiler;
  /** The text of a file that outputs come from, once its agent is compiled. */
  textOf(file: string): FileText | undefined;
  /** Whether a name was looked up in packages. */
  hasAskedPackages(): boolean;
}

/** @param files those that can be read */
export function createProjectCompiler(
  settings: Settings,
  templates: Templates,
  { agents, fragments, unseen, bases, partial }: ProjectFiles,
  inputs: Inputs,
  looks: Looks,
): ProjectCompiler {
  const targets = settings.targets.map(({ target }) => target);
  const options = compileOptions(settings, templates, partial);
  const report = createReport(settings.rules);
  const shown = (file: string): string => pathFrom(settings.cwd, file);
  const open = (file: string): SourceFile => new LazyFile(shown(file), file, inputs);
  let isAsked = false;
  const findInPackages =
    (find: Find): Find =>
    (...of) => {
      isAsked = true;
      return find(...of);
    };
  return {
    renewCompiler() {
      const shared = {
        fragments: fragments.map(({ name, file }): FragmentFile => Object.assign(open(file), { name })),
        unseen: unseen.map(shown),
        bases: [...bases, ...agents].map(open),
        find: findInPackages(createPackageFinder(settings, inputs, looks)),
      };
      return forgetful(createCompiler(shared, targets, options, report), report);
    },
    textOf: (file) => report.textOf(file) ?? templateText(file, targets, templates),
    hasAskedPackages: () => isAsked,
  };
}

/** A compiler whose findings are with what it gives, and nowhere else. */
const forgetful = ({ read, make }: Compiler, report: Report): Compiler => ({
  read(...of) {
    const agent = read(...of);
    report.forget();
    return agent;
  },
  make(...of) {
    const made = make(...of);
    report.forget();
    return made;
  },
});

/** A key of what every agent depends on: the compiler, the settings, the templates, and which fragments and bases there are. */
export function keyOf(settings: Settings, templates: Templates, { fragments, bases, partial }: ProjectFiles): string {
  const { models, variants, onlyVariants, outline, rules, root, sourceMaps, outDir, knownTargets, targets, shard } = settings;
  const own = targets.map(({ target }) => (TARGETS.includes(target) ? target.name : target));
  const texts = Object.entries(templates).map(([name, { text }]) => [name, text]);
  const said = {
    models,
    variants,
    onlyVariants,
    outline,
    rules,
    root,
    sourceMaps,
    // Maps say the way from there to the sources.
    places: sourceMaps && [outDir, ...targets.map((target) => target.root)],
    knownTargets,
    own,
    texts,
    fragments,
    bases,
    partial,
    shard: shard?.text,
  };
  // A target of the config may be made of functions.
  return hashOf(JSON.stringify(said, (_, value: unknown) => (typeof value === 'function' ? String(value) : value)));
}

/** A file whose bytes are read when they are asked for. A class, as there is one for each agent, and few are asked. */
class LazyFile implements SourceFile {
  readonly path: string;
  readonly #file: string;
  readonly #inputs: Inputs;
  #content: Uint8Array | undefined;

  constructor(shown: string, file: string, inputs: Inputs) {
    this.path = shown;
    this.#file = file;
    this.#inputs = inputs;
  }

  get content(): Uint8Array {
    this.#content ??= contentIn(this.#inputs, this.#file);
    return this.#content;
  }
}

export function contentIn(inputs: Inputs, file: string): Uint8Array {
  const input = inputs.read(file);
  return ('content' in input && input.content) || new Uint8Array();
}
