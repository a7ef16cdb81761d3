/** What merging and inheriting do alike: put text of another file into a document. */
import type { RootContent } from 'mdast';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Tally } from './blocks.js';
import type { Contribution } from './contribution.js';
import type { OutlineSection } from './outline.js';
import type { Slot } from './slots.js';

/** Text that is put into a document. */
export interface Material {
  readonly source: SourceText;
  readonly nodes: readonly RootContent[];
}

/** A section that is new to a document. */
export interface NewSection {
  readonly section: OutlineSection;
  readonly keys: readonly string[];
  readonly parent: Slot;
  readonly depth: number;
  /** The offset at which it stands; absent: behind all that its parent has. */
  readonly placedAt?: number | undefined;
}

/** What merging and inheriting do alike. */
export interface Writing {
  /** Puts blocks into a section: what its author has not said yet. */
  fill(source: SourceText, nodes: readonly RootContent[], slot: Slot, scope: Slot): Tally;
  /**
   * Puts blocks at an offset.
   * @param joins whether items become the first ones of a list that follows
   */
  place(source: SourceText, nodes: readonly RootContent[], slot: Slot, at: number, joins?: boolean): Tally;
  append(source: SourceText, section: NewSection): Tally;
  told(contribution: Contribution): void;
}
