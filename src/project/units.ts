/**
 * What a build keeps of each agent, and which agents have to be compiled again: those whose source or whose bases and
 * fragments have other bytes, and those that failed.
 */
import type { Compiler, ReadAgent } from '../compile/compiler.js';
import { type AgentCard, cardOf, type EditionCard } from '../compile/link.js';
import type { Target } from '../targets/target.js';
import { revivePlace, type StoredFinding, storePlace } from './cache/findings.js';
import type { Inputs } from './cache/inputs.js';
import type { OutputName, OutputRecord } from './claims.js';
import { oncePer } from './once-per.js';

/** What came of an agent that was compiled. */
export interface MadeUnit {
  /** The hash of its source. */
  readonly hash: string;
  /** The paths of the bases and fragments that it is made of. */
  readonly uses: readonly string[];
  /** It extends something by name, which may mean another file when agents come or go. */
  readonly extends: boolean;
  readonly findings: readonly StoredFinding[];
  /** It has every output that it wants. */
  readonly whole: boolean;
  readonly outputs: readonly UnitOutput[];
}

/** An output as it was left. */
export interface UnitOutput extends Omit<OutputName, 'source'>, OutputRecord {}

/** An agent in a build. */
export interface Unit {
  /** Absolute. */
  readonly file: string;
  readonly card: AgentCard;
  /** The hash of its source. */
  readonly hash: string;
  /** What came of it before, and still holds. */
  readonly made?: MadeUnit;
  /** What came of it before, whether it holds or not. */
  readonly before?: MadeUnit | undefined;
  /** Gives its front matter and text, and lets them go: after that, and for one that was not kept, it gives nothing. */
  readonly take?: () => ReadAgent | undefined;
}

/** What is known of agents from an earlier build. */
export interface KnownUnits {
  readonly units: ReadonlyMap<string, KnownUnit>;
  /** The paths of all agents. */
  readonly agents: readonly string[];
  /** The bases and fragments of the project. What comes from packages is looked up anew. */
  readonly own: ReadonlySet<string>;
  /** The hash of a base or fragment, by the path that agents know it by. */
  readonly hashOf: (path: string) => string | undefined;
}

export interface KnownUnit {
  readonly card: AgentCard;
  readonly made: MadeUnit;
}

/** The most agents that are kept in memory between being read and being compiled. The others are read twice. */
const MOST_READ = 2000;

/**
 * Reads the agents that are new or have changed, and takes the others over.
 * @param files the absolute path of each agent that can be read, by the path that messages show
 * @param known absent when something changed that every agent depends on
 * @param absolute the absolute path of a base or fragment
 * @param readText gives the text of a file, by the path that messages show
 */
export function refreshUnits(
  files: ReadonlyMap<string, string>,
  known: KnownUnits | undefined,
  inputs: Inputs,
  compiler: Compiler,
  targets: readonly Target[],
  absolute: (path: string) => string,
  readText: (path: string) => string,
): Unit[] {
  const paths = [...files.keys()];
  const sameAgents =
    known !== undefined && known.agents.length === paths.length && known.agents.every((path, index) => path === paths[index]);
  const hasChanged = oncePer((path: string): boolean => !known?.own.has(path) || inputs.open(absolute(path)).hash !== known.hashOf(path));
  let held = 0;
  return [...files].flatMap(([path, file]): Unit[] => {
    const before = known?.units.get(path);
    const input = inputs.open(file);
    const stands =
      before?.made.whole && before.made.hash === input.hash && (sameAgents || !before.made.extends) && !before.made.uses.some(hasChanged);
    if (before && stands) return [{ file, card: before.card, hash: before.made.hash, made: before.made }];
    const now = 'content' in input && input.content ? input : inputs.read(file);
    if (now.hash === undefined || !now.content) return [];
    const read = compiler.read({ path, content: now.content });
    const unit = { file, before: before?.made, card: compactCard(cardOf(read, targets), readText), hash: now.hash };
    return [held++ < MOST_READ ? { ...unit, take: once(read) } : unit];
  });
}

/** Gives something once. */
function once<T>(value: T): () => T | undefined {
  let held: T | undefined = value;
  return () => {
    const taken = held;
    held = undefined;
    return taken;
  };
}

/** Whether an agent is to others what it was. */
export function isSameCard(a: AgentCard, b: AgentCard | undefined): boolean {
  const said = ({ variants, sound, editions }: AgentCard): string =>
    JSON.stringify([
      variants,
      sound,
      editions.map(({ variant, id, name, tags, targets, renamed }) => [variant, id, name, tags, targets, Object.entries(renamed).sort()]),
    ]);
  return b !== undefined && said(a) === said(b);
}

/** A card that does not keep the agent's text alive. */
function compactCard(card: AgentCard, readText: (path: string) => string): AgentCard {
  const compact = (edition: EditionCard): EditionCard => ({ ...edition, at: revivePlace(storePlace(edition.at), readText) });
  return { ...card, editions: card.editions.map(compact) };
}
