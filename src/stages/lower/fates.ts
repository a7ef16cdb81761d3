/** What becomes of each field of an agent in a target. */
import type { Agent, Fate, FateKind, FieldName, Fields } from '../../ir.js';
import type { FieldRules, Target } from '../../targets/target.js';
import type { Rewritten } from './body.js';
import { SAYINGS, type Said } from './say.js';

/** A fate in one target. Where there is no note it is one object for all agents: a build has hundreds of thousands. */
export type FieldFate = Pick<Fate, 'field' | 'kind' | 'note'>;

/** An agent under the name and with the fields that it has in a target. */
export interface Named {
  readonly agent: Agent;
  readonly fields: Fields;
  readonly target: Target;
  readonly id: string;
}

/** Whether a key that polyagent gives no meaning to stays: it is one of the source's own dialect. */
export const keepsExtra = ({ dialect, without }: Target, key: string): boolean => dialect !== undefined && !without?.includes(key);

const FIELDS = Object.keys(SAYINGS) as readonly (keyof FieldRules)[];

const statedBy = new WeakMap<Fields, readonly (keyof FieldRules)[]>();

/** The fields that an agent has something in: the others have no fate in any target. */
function statedIn(fields: Fields): readonly (keyof FieldRules)[] {
  const known = statedBy.get(fields);
  if (known) return known;
  const stated = FIELDS.filter((field) => (field === 'examples' ? fields.examples.length > 0 : fields[field] !== undefined));
  statedBy.set(fields, stated);
  return stated;
}

export function fatesOf(said: ReadonlyMap<FieldName, Said>, named: Named, bodyFate: Rewritten['fate']): readonly FieldFate[] {
  const { agent, target } = named;
  const fates: FieldFate[] = [];
  for (const field of statedIn(named.fields)) {
    const { kind, note } = said.get(field) ?? withoutRule(field, named);
    if (kind) fates.push(fateOf(field, kind, note));
  }
  for (const { key } of agent.extra) fates.push({ field: `extra.${key}`, kind: keepsExtra(target, key) ? 'exact' : 'dropped' });
  const { instead } = target.body;
  const note = instead ?? (bodyFate === 'approximated' ? 'some text is written differently' : undefined);
  fates.push(fateOf('body', instead === undefined ? bodyFate : 'moved', note));
  return fates;
}

const withoutNote = new Map<FieldName, Map<FateKind, FieldFate>>();

function fateOf(field: FieldName, kind: FateKind, note: string | undefined): FieldFate {
  if (note !== undefined) return { field, kind, note };
  const known = withoutNote.get(field)?.get(kind);
  if (known) return known;
  const fate = { field, kind };
  withoutNote.set(field, (withoutNote.get(field) ?? new Map<FateKind, FieldFate>()).set(kind, fate));
  return fate;
}

/** The fate of a field that the author set and the target has no rule for. */
function withoutRule(field: keyof FieldRules, { fields, id, target: { dialect } }: Named): Partial<Said> {
  // The file is named so.
  if (field === 'model' && fields.model?.value.kind === 'inherit') return MAPPED;
  if (field === 'name' && dialect !== 'ir') return fields.name.value === id ? EXACT : { kind: 'mapped', note: id };
  return dialect === 'ir' ? EXACT : DROPPED;
}

const [EXACT, MAPPED, DROPPED] = [{ kind: 'exact' }, { kind: 'mapped' }, { kind: 'dropped' }] as const;
