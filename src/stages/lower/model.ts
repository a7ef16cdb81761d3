import type { FateKind, Model } from '../../ir.js';
import type { ModelRule } from '../../targets/target.js';

/** By the author's word (a tier, an alias or an exact id), then by target: the id to write. */
export type ModelMap = { readonly [word: string]: { readonly [target: string]: string } };

export interface LoweredModel {
  /** `undefined`: the key is left out, and the agent uses what its caller uses. */
  readonly value: string | undefined;
  readonly fate: FateKind;
  /** The author's word, when it names no model of the target. */
  readonly unmapped?: string;
}

/**
 * Chooses the target's word for a model. An id is never guessed: no loader refuses a wrong one.
 * @param meant the author set it for this very target, so an exact id is one of its own
 */
export function lowerModel(model: Model, rule: ModelRule | undefined, target: string, models: ModelMap, meant: boolean): LoweredModel {
  const fallback = rule?.inherit ?? undefined;
  if (model.kind === 'inherit') return { value: fallback, fate: rule ? 'exact' : 'mapped' };
  const word = model.kind === 'tier' ? model.word : model.id;
  if (!rule) return { value: undefined, fate: 'dropped', unmapped: word };
  const chosen = idFor(models, word, target) ?? (model.kind === 'tier' ? idFor(models, model.tier, target) : undefined);
  if (chosen !== undefined) return { value: chosen, fate: 'mapped' };
  if (model.kind === 'tier') {
    const own = rule.tiers?.[model.tier];
    if (own !== undefined) return { value: own, fate: own === word ? 'exact' : 'mapped' };
  } else if (meant || rule.accepts?.test(word)) return { value: word, fate: 'exact' };
  return { value: fallback, fate: 'dropped', unmapped: word };
}

/** The word is the author's, and may be any name that an object has of itself. */
function idFor(models: ModelMap, word: string, target: string): string | undefined {
  const byTarget = Object.hasOwn(models, word) ? models[word] : undefined;
  return byTarget && Object.hasOwn(byTarget, target) ? byTarget[target] : undefined;
}
