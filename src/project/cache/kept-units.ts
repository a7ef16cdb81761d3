/** What came of each agent, as plain data and back. */
import type { AgentCard, EditionCard } from '../../compile/link.js';
import type { Known } from '../prepare.js';
import type { KnownUnit, UnitOutput } from '../units.js';
import { revivePlace, type StoredFinding, type StoredPlace, storePlace } from './findings.js';
import type { Stamp } from './stamps.js';

/** The first line. Words that are said again and again stand in lists. */
interface KeptHead {
  readonly key: string;
  readonly agents: readonly string[];
  readonly variants: readonly string[];
  readonly targets: readonly string[];
  /** The hash of each input, in order. */
  readonly hashes: readonly string[];
}

interface KeptUnit {
  readonly card: Pick<AgentCard, 'path' | 'variants' | 'sound'>;
  readonly editions: readonly (Omit<EditionCard, 'at' | 'targets'> & {
    readonly at: StoredPlace;
    readonly targets: readonly number[] | 'all';
  })[];
  readonly hash: string;
  readonly uses: readonly string[];
  readonly extends: boolean;
  readonly whole: boolean;
  /** Numbers in the list of findings. */
  readonly findings: readonly number[];
  readonly outputs: readonly KeptOutput[];
}

type KeptOutput = readonly [target: number, path: string, hash: string, more?: Pick<UnitOutput, 'variant' | 'part' | 'maps'>];

/**
 * What is known, line by line: a head, and a line for each agent.
 * @param numberOf gives the number of a finding in a list that is kept beside
 */
export function* keepUnits(
  { key, agents, variants, units, inputs }: Known,
  targets: readonly string[],
  numberOf: (finding: StoredFinding) => number,
): Generator<string> {
  const target = new Map(targets.map((name, index) => [name, index]));
  const keep = ({ card, made }: KnownUnit): KeptUnit => ({
    card: { path: card.path, variants: card.variants, sound: card.sound },
    editions: card.editions.map((edition) => ({
      ...edition,
      at: storePlace(edition.at),
      targets: edition.targets.length === targets.length ? 'all' : edition.targets.map((name) => target.get(name) ?? -1),
    })),
    hash: made.hash,
    uses: made.uses,
    extends: made.extends,
    whole: made.whole,
    findings: made.findings.map(numberOf),
    outputs: made.outputs.map(({ target: name, path, hash, variant, part, maps }): KeptOutput => {
      const row = [target.get(name) ?? -1, path, hash] as const;
      return variant === undefined && !part && maps === undefined ? row : [...row, { variant, part, maps }];
    }),
  });
  const head: KeptHead = { key, agents, variants, targets, hashes: [...inputs.values()].map(({ hash }) => hash) };
  yield JSON.stringify(head);
  for (const unit of units.values()) yield JSON.stringify(keep(unit));
}

export interface Beside {
  readonly inputs: readonly string[];
  readonly findings: readonly StoredFinding[];
  /** The stamp of an input, by its row. */
  stampOfInput(row: number): Stamp | undefined;
  /** The stamps of outputs that are whole files, in the order of agents. */
  nextOutputStamp(): Stamp | undefined;
}

/** @param readText gives the text of a file, when somebody wants to see a place in it */
export function reviveUnits([first = '', ...lines]: readonly string[], beside: Beside, readText: (file: string) => string): Known {
  const { targets, hashes, ...kept } = JSON.parse(first) as KeptHead;
  const revive = ({ card, editions, findings, outputs, ...made }: KeptUnit): [string, KnownUnit] => [
    card.path,
    {
      card: {
        ...card,
        editions: editions.map(({ at, targets: own, ...edition }) => ({
          ...edition,
          at: revivePlace(at, readText),
          targets: own === 'all' ? targets : own.flatMap((index) => targets[index] ?? []),
        })),
      },
      made: {
        ...made,
        findings: findings.flatMap((index) => beside.findings[index] ?? []),
        outputs: outputs.map(([target, path, hash, more]): UnitOutput => {
          const { variant, part, maps } = more ?? {};
          return { target: targets[target] ?? '', variant, path, part, maps, hash, stamp: part ? undefined : beside.nextOutputStamp() };
        }),
      },
    },
  ];
  return {
    ...kept,
    units: new Map(lines.map((line) => revive(JSON.parse(line) as KeptUnit))),
    inputs: new Map(beside.inputs.map((file, row) => [file, { stamp: beside.stampOfInput(row), hash: hashes[row] ?? '' }])),
  };
}
