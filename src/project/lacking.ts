/** Outputs that could not be written. What would go in favour of them stays, so that no assistant is without its agent. */
import path from 'node:path';
import { oncePer } from './once-per.js';
import type { StaleOutput } from './plan.js';
import type { Prepared } from './prepare.js';

export interface Lacking {
  /** @param source absolute */
  add(source: string, target: string): void;
  /** Why an output that is left over stays for now: its source fails, or what takes its place is missing. */
  keeps(one: StaleOutput): 'source' | 'replacement' | undefined;
}

/**
 * Must be called before outputs are noted as written.
 * @param failed paths of agents that lack an output, whichever; it may grow
 */
export function createLacking(stale: readonly StaleOutput[], prepared: Prepared, failed: ReadonlySet<string>): Lacking {
  // Nobody asks then.
  if (stale.length === 0) return { add: () => undefined, keeps: () => undefined };
  const { files, ownership, shown, absolute } = prepared;
  const lacking = new Map<string, { readonly source: string; readonly target: string }>();
  const before = outputsIn(ownership.manifests);
  const agents = new Set(files.agents);
  const targetsOf = wantedTargets(prepared);
  let newcomers = { of: -1, targets: new Set<string>() };
  /** Targets in which an agent lacks its first output: it may be one that had another path before. */
  const lackingFirst = (): ReadonlySet<string> => {
    const of = lacking.size + failed.size;
    if (newcomers.of === of) return newcomers.targets;
    const all = [...failed].flatMap((agent) => targetsOf(agent).map((target) => ({ source: absolute(agent), target })));
    const first = [...lacking.values(), ...all].filter(({ source, target }) => !before.has(keyOf(source, target)));
    newcomers = { of, targets: new Set(first.map(({ target }) => target)) };
    return newcomers.targets;
  };
  const keepsAgent = ({ source, entry: { target } }: StaleOutput): ReturnType<Lacking['keeps']> => {
    if (failed.has(shown(source))) return 'source';
    const isMissing = lacking.has(keyOf(source, target)) || (!agents.has(source) && lackingFirst().has(target));
    return isMissing ? 'replacement' : undefined;
  };
  const isCompanion = ({ entry }: StaleOutput): boolean => entry.part?.kept.by === 'json-keys';
  const agentsOutputs = stale.filter((one) => !isCompanion(one));
  return {
    add: (source, target) => void lacking.set(keyOf(source, target), { source, target }),
    keeps: (one) =>
      keepsAgent(one) ??
      (isCompanion(one) && agentsOutputs.some((other) => other.entry.target === one.entry.target && keepsAgent(other))
        ? 'replacement'
        : undefined),
  };
}

const keyOf = (source: string, target: string): string => `${source}\0${target}`;

function outputsIn(manifests: Prepared['ownership']['manifests']): Set<string> {
  const found = new Set<string>();
  for (const [folder, manifest] of manifests) {
    const absolute = oncePer((source: string) => path.resolve(folder, source));
    for (const { source, target } of manifest.values()) found.add(keyOf(absolute(source), target));
  }
  return found;
}

/** Gives the targets of an agent; all of them where that cannot be told. */
function wantedTargets({ units, targets }: Prepared): (agent: string) => readonly string[] {
  const cards = new Map(units.map(({ card }) => [card.path, card]));
  return (agent) => {
    const card = cards.get(agent);
    return card?.sound ? card.editions.flatMap((edition) => edition.targets) : targets.map(({ name }) => name);
  };
}
