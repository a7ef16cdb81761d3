/**
 * Agent × target → Lowered: every field in the target's own words, with its fate. Generic; what differs between targets
 * is their data. Values leave here as plain data; how they are written is left to emit.
 */
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Agent, Body, Capability, Fate, FieldName, Fields, Json, Range } from '../../ir.js';
import type { FieldRules, Limit, Target } from '../../targets/target.js';
import type { Contribution } from '../merge/contribution.js';
import type { MergedBody } from '../merge/merge.js';
import { idOf } from '../normalize/names.js';
import { type Rewritten, rewriteBody } from './body.js';
import { type Grant, grant } from './grant.js';
import type { ModelMap } from './model.js';
import { SAYINGS, type Said, type Speech } from './say.js';

/** One header key of an output. */
export interface HeaderEntry {
  readonly key: string;
  readonly value: Json;
  /** The field it says; absent for keys of the target's own. */
  readonly field?: FieldName;
}

/** An agent in the words of one target, ready to be laid out. */
export interface Lowered {
  readonly agent: Agent;
  readonly target: Target;
  /** The name of the output's file without extension. */
  readonly id: string;
  readonly header: readonly HeaderEntry[];
  readonly body: Body;
  /** What fragments and bases brought into the body. */
  readonly contributions: readonly Contribution[];
  readonly fates: readonly Fate[];
  readonly grant: Grant;
  /** The author's word for a model that the target does not have. */
  readonly unmappedModel: string | undefined;
}

/** What every agent is lowered with. */
export interface LowerContext {
  readonly models: ModelMap;
  readonly source: SourceText;
  readonly report: Report;
  /** Gets the names of targets that cannot have the agent's name. */
  readonly unusable: string[];
}

/** Lowers an agent. `undefined` when the target cannot have its name. */
export function lower(
  agent: Agent,
  { body, contributions }: Pick<MergedBody, 'body' | 'contributions'>,
  target: Target,
  { models, source, report, unusable }: LowerContext,
): Lowered | undefined {
  const override = agent.overrides[target.name];
  const fields: Fields = { ...agent, ...override?.fields };
  const named = override?.fields.name ? idOf(override.fields.name.value) : agent.id;
  const id = target.ids?.test(named) === false ? hyphenated(named) : named;
  const servers = (fields.mcpServers?.value ?? []).filter(({ config }) => config).map(({ name }) => name);
  const granted = grant(fields.tools, target, broughtAlong(fields, target), servers);
  const overridden = new Set(Object.keys(override?.fields ?? {}));
  const said = sayAll({ fields, id, target, grant: granted, models, overridden });

  const { range } = fields.name;
  if (said.get('name')?.unusable || target.ids?.test(id) === false) {
    unusable.push(target.name);
    return undefined;
  }
  const { body: rewritten, fate: bodyFate } = rewriteBody(body, target, source, report);
  const checkLimit = (actual: number, limit: Limit | undefined, field: string, at: Range): void => {
    if (!limit || actual <= limit.characters) return;
    report.add('limit-exceeded', source, at, { field, target: target.name, limit: limit.characters, actual, effect: limit.effect });
  };
  checkLimit(said.get('description')?.whole ?? 0, target.fields.description.limit, 'description', fields.description.range);
  checkLimit(
    rewritten.reduce((sum, piece) => sum + piece.text.length, 0),
    target.body.limit,
    'body',
    range,
  );

  return {
    agent,
    target,
    id,
    header: headerOf(said, agent, id, target),
    body: rewritten,
    contributions,
    fates: fatesOf(said, { agent, fields, target, id, bodyFate }),
    grant: granted,
    unmappedModel: said.get('model')?.unmapped,
  };
}

/** An id with nothing but letters, digits and hyphens between them. */
const hyphenated = (id: string): string =>
  id
    .normalize('NFKD')
    .replaceAll(/[^a-zA-Z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/** Capabilities that come with other fields, such as Claude Code's `memory`. */
function broughtAlong(fields: Fields, target: Target): Capability[] {
  return Object.entries(target.fields).flatMap(([field, rule]) =>
    'brings' in rule && fields[field as keyof Fields] !== undefined ? (rule.brings ?? []) : [],
  );
}

/** Says every field that the target has a rule for, in the order of its rules, which is the order of the header. */
function sayAll(speech: Speech): Map<FieldName, Said> {
  const rules = Object.entries(speech.target.fields) as [keyof FieldRules, never][];
  return new Map(rules.map(([field, rule]) => [field, SAYINGS[field](rule, speech)]));
}

function headerOf(said: ReadonlyMap<FieldName, Said>, agent: Agent, id: string, target: Target): HeaderEntry[] {
  const { idKey, dialect } = target;
  if (dialect === 'ir') return Object.entries(agent as unknown as { readonly [key: string]: Json }).map(([key, value]) => ({ key, value }));
  const header: HeaderEntry[] = [
    ...(idKey === undefined ? [] : [{ key: idKey, value: id }]),
    ...[...said].flatMap(([field, { entries }]) => entries.map(([key, value]) => ({ key, value, field }))),
    ...agent.extra.filter(({ key }) => keepsExtra(target, key)).map(({ key, value }) => ({ key, value })),
  ];
  const native = agent.overrides[target.name]?.native ?? [];
  // `null` takes a key out.
  return [
    ...header.filter((entry) => !native.some(({ key }) => key === entry.key)),
    ...native.filter(({ value }) => value !== null).map(({ key, value }) => ({ key, value })),
  ];
}

/** Whether a key that polyagent gives no meaning to stays: it is one of the source's own dialect. */
const keepsExtra = ({ dialect, without }: Target, key: string): boolean => dialect !== undefined && !without?.includes(key);

function fatesOf(
  said: ReadonlyMap<FieldName, Said>,
  { agent, fields, target, id, bodyFate }: { agent: Agent; fields: Fields; target: Target; id: string; bodyFate: Rewritten['fate'] },
): Fate[] {
  const of = { agent: agent.id, ...(agent.variant !== undefined && { variant: agent.variant }), target: target.name };
  const fates: Fate[] = [];
  for (const field of Object.keys(SAYINGS) as (keyof FieldRules)[]) {
    const { kind, note } = said.get(field) ?? withoutRule(field, fields, id, target);
    if (kind) fates.push({ ...of, field, kind, ...(note !== undefined && { note }) });
  }
  for (const { key } of agent.extra) fates.push({ ...of, field: `extra.${key}`, kind: keepsExtra(target, key) ? 'exact' : 'dropped' });
  fates.push({
    ...of,
    field: 'body',
    kind: target.body.instead === undefined ? bodyFate : 'moved',
    ...(bodyFate === 'approximated' && { note: 'some text is written differently' }),
    ...(target.body.instead !== undefined && { note: target.body.instead }),
  });
  return fates;
}

/** The fate of a field that the target has no rule for: if the author set it, it is dropped. */
function withoutRule(field: keyof FieldRules, fields: Fields, id: string, { dialect }: Target): Partial<Said> {
  // The file is named so.
  if (field === 'model' && fields.model?.value.kind === 'inherit') return { kind: 'mapped' };
  if (field === 'name' && dialect !== 'ir') return fields.name.value === id ? { kind: 'exact' } : { kind: 'mapped', note: id };
  const stated = field === 'examples' ? fields.examples.length > 0 : fields[field] !== undefined;
  return stated ? { kind: dialect === 'ir' ? 'exact' : 'dropped' } : {};
}
