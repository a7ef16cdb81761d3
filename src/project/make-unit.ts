/** One agent, compiled. What comes of it is plain data, so that another thread can do it. */
import type { AgentCard } from '../compile/link.js';
import type { Fate } from '../ir.js';
import type { OutputFile } from '../stages/emit/emit.js';
import { fatesIn } from '../stages/lower/account.js';
import { store } from './cache/findings.js';
import { hashOf } from './cache/inputs.js';
import { type Content, textOf } from './content.js';
import { hashWithBeginnings } from './manifest.js';
import { saidBy } from './parts.js';
import type { Prepared } from './prepare.js';
import type { MapFile } from './source-maps.js';
import type { MadeUnit, Unit } from './units.js';

/** What comes of an agent that is compiled. */
export interface Product extends Pick<MadeUnit, 'uses' | 'extends' | 'findings' | 'whole'> {
  readonly files: readonly ProductFile[];
  /** What became of its fields; none when nobody wants to know. */
  readonly fates: readonly Fate[];
}

export interface ProductFile extends Pick<OutputFile, 'target' | 'variant' | 'path' | 'part'> {
  readonly content: Content;
  /** Of a source map, the path of the output that it is of. */
  readonly maps?: string | undefined;
  /** Absent when nobody has looked yet. */
  readonly hashes?: Hashes;
}

export interface Hashes {
  /** Of a content; of a part, of what the part says. */
  readonly hash: string;
  /** Of the beginnings of a whole file, where they were wanted. */
  readonly beginnings?: readonly string[];
}

/** How agents are compiled. */
export interface Making {
  /** Makes the maps of outputs; absent when none are wanted. */
  readonly mapsOf?: ((files: readonly OutputFile[], textOf: Prepared['textOf']) => readonly MapFile[]) | undefined;
  /** What becomes of fields is wanted. */
  readonly keepsFates: boolean;
}

/** What they are compiled with. */
export type Workshop = Pick<Prepared, 'compiler' | 'inputs' | 'variants' | 'targetsFor' | 'linked' | 'textOf'>;

/** Compiles an agent, with its maps when they are wanted. */
export function makeUnit(
  { card, file, hash, take }: Pick<Unit, 'file' | 'hash' | 'take'> & { readonly card: Pick<AgentCard, 'path'> },
  { compiler, inputs, variants, targetsFor, linked, textOf }: Workshop,
  { mapsOf, keepsFates }: Making,
): Product {
  const read = take?.();
  const input = read ? undefined : inputs.read(file);
  // One that changed after its name was read has no outputs now, and is compiled by the next build.
  const content = input && input.hash === hash && input.content ? input.content : new Uint8Array();
  const agent = read ?? compiler.read({ path: card.path, content });
  const made = compiler.make(agent, variants, targetsFor(card.path));
  const files = made.files.filter((one) => !linked.isWithheld(one));
  const source = agent.editions[0]?.edition.document.source;
  const maps = mapsOf?.(files, (of) => (of === card.path ? source : textOf(of))) ?? [];
  return {
    uses: made.uses,
    extends: made.extends,
    findings: made.findings.map(store),
    whole: made.whole && files.length === made.files.length,
    fates: keepsFates ? made.accounts.flatMap(fatesIn) : [],
    files: [...files, ...maps].map(productOf),
  };
}

function productOf(file: OutputFile | MapFile): ProductFile {
  const { target, variant, path, part, content } = file;
  return {
    target,
    path,
    content,
    ...(variant !== undefined && { variant }),
    ...(part && { part }),
    ...('maps' in file && { maps: file.maps }),
  };
}

/** @param isNew whether the beginnings of a whole file are wanted too */
export function hashesOf({ part, content }: Pick<ProductFile, 'part' | 'content'>, isNew: boolean): Hashes {
  if (part) return { hash: hashOf(saidBy(part, textOf(content))) };
  return isNew ? hashWithBeginnings(content) : { hash: hashOf(content) };
}
