/**
 * `targets` of all layers over each other. A list says only which targets there are, and `true` only that one is: what a
 * layer below says of a target, which may be a limit, stays.
 */
import type { Layers } from '../compose/compose.js';
import { layOver } from '../compose/overlay.js';
import { type MapEntry, plain, type Value } from '../parse/document.js';

/** What layers say of targets together. */
export interface TargetSettings {
  /** The nearest list. Absent: all targets. */
  readonly only?: Value;
  /** What differs, by target. */
  readonly settings: readonly MapEntry[];
  /** `true` or `false` by target, said nearer than the list. */
  readonly switches: readonly MapEntry[];
}

const NOTHING: TargetSettings = { settings: [], switches: [] };

/** Reads `targets` of each layer. What is not a target, or no setting, is left in. */
export function layTargets(layers: Layers): TargetSettings {
  return layers.reduceRight((lower, layer) => over(layer.find(({ key }) => key === 'targets')?.value, lower), NOTHING);
}

function over(value: Value | undefined, lower: TargetSettings): TargetSettings {
  if (!value) return lower;
  if (value.kind !== 'map') return plain(value) === null ? NOTHING : { only: value, settings: lower.settings, switches: [] };
  const { entries } = value;
  return {
    ...lower,
    settings: layOver(
      entries.filter((entry) => !isSwitch(entry)),
      lower.settings,
      { keys: 'names' },
    ),
    switches: [...lower.switches.filter(({ key }) => entries.every((entry) => entry.key !== key)), ...entries.filter(isSwitch)],
  };
}

const isSwitch = ({ value }: MapEntry): boolean => typeof plain(value) === 'boolean';
