/** What agents are to each other: names and files that only one of them can have. Known from their front matter alone. */
import type { Finding } from '../diagnostics/report.js';
import { groupBy } from '../group-by.js';
import { foldedPath } from '../stages/emit/emit.js';
import { outputId, outputPath } from '../stages/lower/output-id.js';
import { tagsOf } from '../stages/merge/required-sections.js';
import type { Target } from '../targets/target.js';
import { isWanted, type ReadAgent } from './compiler.js';

/** What others need to know of an agent. */
export interface AgentCard {
  readonly path: string;
  /** The names of its variants, `default` with them, whether they are compiled or not. */
  readonly variants: readonly string[];
  /** Nothing is wrong with its front matter. */
  readonly sound: boolean;
  readonly editions: readonly EditionCard[];
}

/** An agent in one variant. */
export interface EditionCard {
  /** Absent for the plain build. */
  readonly variant?: string;
  readonly id: string;
  readonly name: string;
  /** Where the name is said. */
  readonly at: Pick<Finding, 'file' | 'at'>;
  readonly tags: readonly string[];
  /** The names of the targets that it has outputs for. */
  readonly targets: readonly string[];
  /** The name of its file in targets where that is not the id. */
  readonly renamed: { readonly [target: string]: string };
}

export function cardOf({ path, editions, variants, findings }: ReadAgent, targets: readonly Target[]): AgentCard {
  return {
    path,
    variants,
    sound: !findings.some(({ severity }) => severity === 'error'),
    editions: editions.map(({ agent, edition }): EditionCard => {
      const { source } = edition.document;
      const { path: file, start, end } = source.originOf(agent.name.range);
      const wanted = targets.filter((target) => isWanted(agent, target));
      const idIn = (target: Target): string => outputId(agent, target);
      return {
        ...(agent.variant !== undefined && { variant: agent.variant }),
        id: agent.id,
        name: agent.name.value,
        at: { file, ...(file === source.path && { at: { range: { start, end }, text: source } }) },
        tags: tagsOf(agent),
        targets: wanted.map(({ name }) => name),
        renamed: Object.fromEntries(wanted.flatMap((target) => (idIn(target) === agent.id ? [] : [[target.name, idIn(target)]]))),
      };
    }),
  };
}

export interface Linked {
  /** The names of all variants, in the order in which they are first seen. */
  readonly variants: readonly string[];
  readonly findings: readonly Finding[];
  /** The paths of agents that lack an output beside each other. */
  readonly failed: ReadonlySet<string>;
  /** Whether an output cannot be beside those of other agents. */
  isWithheld(output: Claim): boolean;
}

/** What makes an output one of its kind, before it is compiled. */
export interface Claim {
  /** The path of the agent. */
  readonly source: string;
  readonly target: string;
  readonly variant?: string | undefined;
}

/** Finds names that several agents have, and outputs that would be one file. */
export function link(cards: readonly AgentCard[], targets: readonly Target[]): Linked {
  const all = cards.flatMap(({ path, editions }) => editions.map((edition): PlacedEdition => ({ path, edition })));
  const clashes = [...namesakesIn(all), ...collisionsIn(all, targets)];
  const withheld = new Set(clashes.flatMap(({ claims }) => claims.map(keyOf)));
  return {
    variants: [...new Set(cards.flatMap(({ variants }) => variants))],
    findings: clashes.map(({ finding }) => finding),
    failed: new Set(clashes.flatMap(({ claims }) => claims.map(({ source }) => source))),
    isWithheld: (output) =>
      withheld.size > 0 && (withheld.has(keyOf(output)) || withheld.has(keyOf({ source: output.source, target: ALL }))),
  };
}

/** In place of a target: none of the agent's outputs can be. */
const ALL = '*';

const keyOf = ({ source, target, variant = '' }: Claim): string => `${source}\0${target}\0${target === ALL ? '' : variant}`;

interface Clash {
  readonly finding: Finding;
  readonly claims: readonly Claim[];
}

/** A variant of an agent, with the agent's path. */
interface PlacedEdition {
  readonly path: string;
  readonly edition: EditionCard;
}

/** Of two agents with one name an assistant keeps one, so neither is built. */
function namesakesIn(all: readonly PlacedEdition[]): Clash[] {
  return [...groupBy(all, ({ edition }) => `${edition.variant ?? ''}\0${edition.id}`).values()].flatMap((group) => {
    const [first, second] = group;
    if (!second) return [];
    return group.map((one): Clash => {
      const data = { name: one.edition.name, other: (one === first ? second : first)?.path ?? '', more: group.length - 2 };
      return {
        finding: { code: 'name-duplicate', severity: 'error', ...one.edition.at, data },
        claims: [{ source: one.path, target: ALL }],
      };
    });
  });
}

/** Files of one target and path: names that `targets` gives may meet, and names that differ only by case. */
function collisionsIn(all: readonly PlacedEdition[], targets: readonly Target[]): Clash[] {
  const isRenamed = all.some(({ edition }) => Object.keys(edition.renamed).length > 0);
  // Where every file is called by its agent's id, only ids can meet.
  const suspects = isRenamed ? all : alikeAmong(all);
  const claims = suspects.flatMap(({ path, edition: { variant = '', id, targets, renamed } }) =>
    targets.map((target) => ({ source: path, own: id, target, id: renamed[target] ?? id, variant })),
  );
  const groups = groupBy(claims, ({ variant, target, id }) => `${variant}\0${target}\0${foldedPath(id)}`);
  return [...groups.values()].flatMap((group): Clash[] => {
    const [first] = group;
    const target = targets.find(({ name }) => name === first?.target);
    // Agents of one name are told of as such.
    if (!first || !target || group.every(({ own }) => own === first.own)) return [];
    const sources = group.map(({ source }) => source);
    const path = `${target.name}: ${outputPath(target, first.id)}${target.shared ? ` (${first.id})` : ''}`;
    return [{ finding: { code: 'output-collision', severity: 'error', file: first.source, data: { path, sources } }, claims: group }];
  });
}

/** Those whose ids are the same but for case. */
function alikeAmong(all: readonly PlacedEdition[]): PlacedEdition[] {
  const groups = groupBy(all, ({ edition }) => `${edition.variant ?? ''}\0${foldedPath(edition.id)}`);
  return [...groups.values()].filter((group) => group.length > 1).flat();
}
