/** What became of an agent in a target: kept for those who ask, and written out for them alone. */
import type { Fate } from '../../ir.js';
import type { FieldFate } from './fates.js';
import type { Grant } from './grant.js';
import type { Lowered } from './lower.js';

/** It holds nothing of the agent alive but its name. */
export interface Account {
  readonly of: Pick<Fate, 'agent' | 'variant' | 'target'>;
  readonly fates: readonly FieldFate[];
  readonly grant: Grant;
}

/** What a target lets an agent do, beside what the agent asked for. */
export interface AgentGrant extends Omit<Grant, 'entries'> {
  readonly agent: string;
  readonly target: string;
  readonly variant?: string;
}

export const accountOf = ({ agent: { id, variant }, target, fates, grant }: Lowered): Account => ({
  of: { agent: id, ...(variant !== undefined && { variant }), target: target.name },
  fates,
  grant,
});

export const fatesIn = ({ of, fates }: Account): Fate[] => fates.map((fate) => ({ ...of, ...fate }));

export function grantIn({ of, grant: { entries: _, ...granted } }: Account): AgentGrant {
  return { ...of, ...granted };
}
