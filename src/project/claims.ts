/** Outputs that are to come, each with its place on the disk: known before anything is compiled. */
import path from 'node:path';
import type { Claim } from '../compile/link.js';
import type { Part } from '../stages/emit/emit.js';
import { outputPath } from '../stages/lower/output-id.js';
import type { Target } from '../targets/target.js';
import type { Stamp } from './cache/stamps.js';
import { keyFor } from './manifest.js';
import { pathFrom } from './paths.js';
import { type Placement, placementOf, type Settings } from './settings.js';

/** An output of a source. */
export interface OutputName extends Claim {
  /** From the root of a project of the assistant's, with `/`. */
  readonly path: string;
  readonly part?: Part | undefined;
  /** It is the source map of this output. */
  readonly maps?: string | undefined;
}

/** What was known of an output at the end of an earlier build. */
export interface OutputRecord {
  /** The hash of its content; of a part, of what the part says. */
  readonly hash: string;
  /** Absent when it would not tell of every later change. */
  readonly stamp?: Stamp | undefined;
}

export interface PlacedOutput extends OutputName {
  readonly place: Placement;
  /** Absolute. */
  readonly file: string;
  /** Of its entry in the manifest of `place.within`. */
  readonly key: string;
  readonly record?: OutputRecord | undefined;
}

/** Says where outputs lie. Nothing for an output of a target that is not built. */
export function createPlacer(settings: Settings): (output: OutputName, record?: OutputRecord) => PlacedOutput | undefined {
  const places = new Map<string, { readonly place: Placement; readonly inside: string } | undefined>();
  const placeOf = (target: string, variant = ''): { readonly place: Placement; readonly inside: string } | undefined => {
    const key = `${target}\0${variant}`;
    if (!places.has(key)) {
      const place = placementOf(settings, target, variant === '' ? undefined : variant);
      const inside = place && pathFrom(place.within, place.root);
      places.set(key, place && { place, inside: inside === '' || inside === undefined ? '' : `${inside}/` });
    }
    return places.get(key);
  };
  return (output, record) => {
    const found = placeOf(output.target, output.variant);
    if (!found) return undefined;
    const { place, inside } = found;
    const native = path.sep === '/' ? output.path : output.path.split('/').join(path.sep);
    // Field by field: there are many, and a spread costs more than all else here.
    const { source, target, variant, path: to, part, maps } = output;
    const file = place.root + path.sep + native;
    return { source, target, variant, path: to, part, maps, place, file, key: keyFor(inside + to, part), record };
  };
}

/** The name of an agent's output in a target. */
export function outputName(source: string, target: Target, variant: string | undefined, id: string): OutputName {
  const part = target.shared && { id, kept: target.shared };
  return { source, target: target.name, variant, path: outputPath(target, id), part, maps: undefined };
}

/** The name of the source map of an output. A part of a shared file has none. */
export function mapName({ part, ...output }: OutputName): OutputName | undefined {
  return part ? undefined : { ...output, path: `${output.path}.map`, maps: output.path };
}
