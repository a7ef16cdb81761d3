/** Which fragments an agent gets, in order, each once: those it names, those that directives place, and those they bring along. */
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { FragmentUse, Json } from '../../ir.js';
import type { FragmentDirective } from './directives.js';
import type { Found, Fragment, Library } from './fragments.js';
import { titleKey } from './wording.js';

/** A fragment with the use that brings it in. */
export interface Placement {
  readonly fragment: Fragment;
  readonly use: FragmentUse;
  /** The text that the use stands in. */
  readonly source: SourceText;
  /** Where in the document it goes, when a directive says so. */
  readonly directive?: FragmentDirective;
}

export interface Placements {
  readonly placements: readonly Placement[];
  /** The files that were read, those that could not be read included: an error in one is an error of the agent. */
  readonly paths: readonly string[];
}

/** A use by a directive, which has no options of its own. */
const useOf = ({ name, nameRange }: FragmentDirective): FragmentUse => ({ name, range: nameRange, omit: [], with: {} });

const hasOptions = ({ omit, with: values }: FragmentUse): boolean => omit.length > 0 || Object.keys(values).length > 0;

/** Whether a fragment is for a target. */
const isFor = ({ only, without }: Fragment, target: string): boolean => only?.includes(target) !== false && !without.includes(target);

/** What to collect, and for whom. */
export interface Collecting {
  /** Leaves out what is not for it, with all that it would bring along. Absent: for any. */
  readonly target?: string;
  /** Report a fragment that is used more than once; in blocks for different purposes it is not. */
  readonly tellRepeats: boolean;
}

/**
 * Collects the fragments of a document. A directive says where one goes, and wins over `under`; what to leave out and to fill
 * in, the list in front matter says.
 */
export function collectPlacements(
  uses: readonly FragmentUse[],
  directives: readonly FragmentDirective[],
  source: SourceText,
  library: Library,
  report: Report,
  { target, tellRepeats }: Collecting,
): Placements {
  const placed = directives.map((directive) => ({ use: useOf(directive), directive }));
  const all = [...placed, ...uses.map((use) => ({ use, directive: undefined }))].flatMap(({ use, directive }) => {
    const found = library.find(use.name, use.range, source);
    return found ? [{ use, directive, found }] : [];
  });
  const wanted = withOptions(all);
  const direct = new Set(wanted.map(({ found }) => found.path));
  const seen = new Map<string, FragmentUse>();
  const placements: Placement[] = [];
  const paths: string[] = [];

  /** Of two that bring a fragment along, one may want what the other leaves out: it is there, whoever comes first. */
  const omitLess = (path: string, { omit: other }: FragmentUse): void => {
    const at = placements.findIndex(({ fragment }) => fragment.document.source.path === path);
    const placement = placements[at];
    if (!placement) return;
    const omit = placement.use.omit.filter(({ value }) => other.some((one) => titleKey(one.value) === titleKey(value)));
    placements[at] = { ...placement, use: { ...placement.use, omit } };
  };
  const isRepeat = (path: string, fragment: Fragment, use: FragmentUse, from: SourceText): boolean => {
    const earlier = seen.get(path);
    if (!earlier) return false;
    if (!direct.has(path)) omitLess(path, use);
    const differing = fragment.parameters
      .map(({ name }) => name)
      .filter((name) => settingOf(fragment, earlier, name) !== settingOf(fragment, use, name));
    if (tellRepeats && differing.length > 0) report.add('fragment-conflict', from, use.range, { name: use.name, parameters: differing });
    return true;
  };
  const bring = (path: string, fragment: Fragment | undefined, use: FragmentUse, from: SourceText, chain: readonly Link[]): void => {
    paths.push(path);
    if (!fragment || (target !== undefined && !isFor(fragment, target))) return;
    seen.set(path, use);
    placements.push({ fragment, use, source: from });
    const line = [...chain, { path, name: use.name }];
    const { source: inside } = fragment.document;
    for (const inner of fragment.uses) {
      const found = library.find(inner.name, inner.range, inside);
      const start = line.findIndex((link) => link.path === found?.path);
      if (start !== -1)
        report.add('fragment-cycle', inside, inner.range, { chain: [...line.slice(start).map(({ name }) => name), inner.name] });
      else if (found && !direct.has(found.path) && !(found.fragment && isRepeat(found.path, found.fragment, inner, inside)))
        bring(found.path, found.fragment, inner, inside, line);
    }
  };
  for (const { use, directive, found } of wanted) {
    if (found.fragment && isRepeat(found.path, found.fragment, use, source)) {
      if (tellRepeats) report.add('fragment-repeated', source, use.range, { name: use.name });
      continue;
    }
    const at = placements.length;
    bring(found.path, found.fragment, use, source, []);
    const first = placements[at];
    if (first && directive) placements[at] = { ...first, directive };
  }
  return { placements, paths };
}

interface Wanted {
  readonly use: FragmentUse;
  readonly directive: FragmentDirective | undefined;
  readonly found: Found;
}

/** A fragment that a directive places gets the options of the entry in front matter, which then is no second use. */
function withOptions(all: readonly Wanted[]): Wanted[] {
  const taken = new Set<Wanted>();
  const placed = all.map((one) => {
    const options = one.directive && all.find((other) => !other.directive && other.found.path === one.found.path && hasOptions(other.use));
    if (!options) return one;
    taken.add(options);
    const { under: _, ...use } = options.use;
    return { ...one, use };
  });
  return placed.filter((one) => !taken.has(one));
}

interface Link {
  readonly path: string;
  readonly name: string;
}

/** The value of a parameter, comparable. */
function settingOf({ parameters }: Fragment, use: FragmentUse, name: string): string | undefined {
  const given = Object.hasOwn(use.with, name) ? use.with[name] : undefined;
  const value: Json | undefined = given?.value ?? parameters.find((parameter) => parameter.name === name)?.default?.value;
  return JSON.stringify(value);
}
