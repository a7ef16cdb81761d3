/** Whether an author's tool list is one that a target's loader knows. */
import type { Capability, ToolPolicy, ToolRef } from '../../ir.js';
import type { Target } from '../../targets/target.js';
import { spell } from './mcp-tools.js';
import { isNative } from './tally.js';

/** Whether a policy is written in words that the target's loader knows. */
export function isInOwnWords({ allow, deny, mixed }: ToolPolicy, target: Target): boolean {
  const granted = allow === 'all' ? [] : allow;
  return !mixed && [...granted, ...deny].every((ref) => isOwnWord(ref, target));
}

/** Whether all words for a capability stand for a tool that the target has no more: the author's own list gives it nothing. */
export function isGoneThere(capability: Capability, { allow }: ToolPolicy, { fields }: Target): boolean {
  const words = (allow === 'all' ? [] : allow).flatMap((ref) =>
    ref.kind === 'capability' && ref.name === capability ? [wordOf(ref)] : [],
  );
  return words.length > 0 && words.every((word) => fields.tools.gone?.includes(word));
}

const wordOf = (ref: ToolRef): string => ref.word.value.replace(/\(.*$/s, '');

function isOwnWord(ref: ToolRef, target: Target): boolean {
  if (ref.kind === 'native') return isNative(ref, target);
  const { ids, words, mcp } = target.fields.tools;
  if (ref.kind === 'mcp') {
    const known = [...spell(mcp, ref), ...spell(mcp && { ...mcp, ...mcp.denials }, ref)];
    return ref.word.value === '*' || known.some((id) => [id, `${id}__*`].includes(ref.word.value));
  }
  const word = wordOf(ref);
  if (word === '*' || words?.includes(word)) return true;
  return Object.values(ids).some((own) => (typeof own === 'string' ? own === word : own?.includes(word)));
}
