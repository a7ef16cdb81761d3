/** Outputs that are to come, each with its place on the disk: known before anything is compiled. */
import path from 'node:path';
import type { Claim } from '../compile/link.js';
import type { Part } from '../stages/emit/emit.js';
import { outputPath } from '../stages/lower/output-id.js';
import type { Target } from '../targets/target.js';
import { keyFor } from './manifest.js';
import { slashed } from './paths.js';
import { type Placement, placementOf, type Settings } from './settings.js';

/** An output of a source. */
export interface OutputName extends Claim {
  /** From the root of a project of the assistant's, with `/`. */
  readonly path: string;
  readonly part?: Part;
  /** It is the source map of this output. */
  readonly maps?: string;
}

export interface PlacedOutput extends OutputName {
  readonly place: Placement;
  /** Absolute. */
  readonly file: string;
  /** Of its entry in the manifest of `place.within`. */
  readonly key: string;
}

/** Says where outputs lie. Nothing for an output of a target that is not built. */
export function createPlacer(settings: Settings): (output: OutputName) => PlacedOutput | undefined {
  const places = new Map<string, { readonly place: Placement; readonly inside: string } | undefined>();
  const placeOf = (target: string, variant = ''): { readonly place: Placement; readonly inside: string } | undefined => {
    const key = `${target}\0${variant}`;
    if (!places.has(key)) {
      const place = placementOf(settings, target, variant === '' ? undefined : variant);
      const inside = place && slashed(path.relative(place.within, place.root));
      places.set(key, place && { place, inside: inside === '' || inside === undefined ? '' : `${inside}/` });
    }
    return places.get(key);
  };
  return (output) => {
    const found = placeOf(output.target, output.variant);
    if (!found) return undefined;
    const { place, inside } = found;
    const native = path.sep === '/' ? output.path : output.path.split('/').join(path.sep);
    return { ...output, place, file: place.root + path.sep + native, key: keyFor(inside + output.path, output.part) };
  };
}

/** The name of an agent's output in a target. */
export function outputName(source: string, target: Target, variant: string | undefined, id: string): OutputName {
  return {
    source,
    target: target.name,
    ...(variant !== undefined && { variant }),
    path: outputPath(target, id),
    ...(target.shared && { part: { id, kept: target.shared } }),
  };
}

/** The name of the source map of an output. A part of a shared file has none. */
export function mapName({ part, ...output }: OutputName): OutputName | undefined {
  return part ? undefined : { ...output, path: `${output.path}.map`, maps: output.path };
}
