import type { Origin } from '../../ir.js';

/** What a section of a fragment or a base came to in an agent. */
export interface Contribution {
  /** The name of the fragment; of a base its path. */
  readonly from: string;
  /** The section in its file; of loose text, that text. */
  readonly origin: Origin;
  /** The title of the section; absent for text under no heading. */
  readonly title?: string;
  /** The title of the agent's section that it went into, or was put under; absent at the top. */
  readonly into?: string;
  /**
   * `merged`: what a section of the agent did not say was added to it. `appended`: it became a section. `inherited`: it
   * stands between the agent's own. `extended`: `@super` put it into the agent's. `replaced`: the agent's own counts.
   */
  readonly how: 'merged' | 'appended' | 'inherited' | 'extended' | 'replaced';
  /** Items, paragraphs and other blocks in it, and how many of them the agent had already. */
  readonly total: number;
  readonly present: number;
}
