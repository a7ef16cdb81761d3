/** The type of build.config.ts. No code that touches the disk, so that the library can export it. */
import type { RuleLevels } from '../diagnostics/report.js';
import type { Json } from '../ir.js';
import type { Variants } from '../stages/compose/compose.js';
import type { ModelMap } from '../stages/lower/model.js';
import type { OutlineRule } from '../stages/merge/required-sections.js';
import type { Target } from '../targets/target.js';

/** What build.config.ts may say. Everything is optional; paths are relative to the config's folder. */
export interface Config {
  /** Folders, files or globs of agents; `!` in front leaves out. Default: `agents`. */
  readonly agents?: string | readonly string[];
  /** Folders of fragments. Default: `fragments` in a folder of agents, or above it. */
  readonly fragments?: string | readonly string[];
  /** The folder of templates that replace built-in ones, `<target>.hbs`. Default: `templates`. */
  readonly templates?: string;
  /** Where the outputs go, each target into a folder of its name. Default: `dist`. */
  readonly outDir?: string;
  /** The targets to compile for. Default: all that come with polyagent. */
  readonly targets?: readonly (string | Target | TargetSetting)[];
  /** Models by the author's word (`opus`, `strong`, an exact id), then by target. */
  readonly models?: ModelMap;
  /**
   * Other builds of every agent, by name: front matter keys that are laid over the agent's. Each goes into a folder of its
   * name below `outDir`. `default: false` leaves the plain build out.
   */
  readonly variants?: Variants;
  /** Titles of sections that every agent must have, or rules for a folder or for agents with a tag. */
  readonly outline?: readonly string[] | readonly OutlineRule[];
  /** Severities by diagnostic code. An error stays an error. */
  readonly rules?: RuleLevels;
  /** Writes a source map beside every output that is a whole file, as `--source-maps` does. Default: false. */
  readonly sourceMaps?: boolean;
  /**
   * What reads Markdown. Default: satteri where it is installed, else remark; what comes out is the same. `satteri` is an error
   * where it cannot be used.
   */
  readonly parser?: 'remark' | 'satteri';
}

/** A target with settings. */
export interface TargetSetting {
  readonly name: string;
  /** Writes this target's files below here instead of `<outDir>/<target>`; `.` installs them in place. */
  readonly outDir?: string;
  /** Keys of the file that stands once for the target, such as a plugin's `name`, `version` and `description`. */
  readonly manifest?: { readonly [key: string]: Json };
}

/** Gives a config its type. */
export const defineConfig = (config: Config): Config => config;
