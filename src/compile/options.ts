/** What is compiled, and how. */
import type { RuleLevels } from '../diagnostics/report.js';
import type { MarkdownParser } from '../markdown/parser.js';
import type { Variants } from '../stages/compose/compose.js';
import type { Find } from '../stages/compose/packages.js';
import type { Templates } from '../stages/emit/emit.js';
import type { ModelMap } from '../stages/lower/model.js';
import type { FragmentFile } from '../stages/merge/fragments.js';
import type { OutlineRule } from '../stages/merge/required-sections.js';
import type { SourceFile } from '../stages/parse/parse.js';

export interface Sources {
  readonly agents: readonly SourceFile[];
  readonly fragments?: readonly FragmentFile[];
  /** Folders that may have more fragments and cannot be read, for messages. */
  readonly unseen?: readonly string[];
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
