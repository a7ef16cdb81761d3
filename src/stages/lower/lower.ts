/**
 * Agent × target → Lowered: every field in the target's own words, with its fate. Generic; what differs between targets
 * is their data. Values leave here as plain data; how they are written is left to emit.
 */
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Agent, Body, Capability, ExtraField, FieldName, Fields, Json, Range } from '../../ir.js';
import type { FieldRules, Limit, Target, WordRule } from '../../targets/target.js';
import type { Contribution } from '../merge/contribution.js';
import type { MergedBody } from '../merge/merge.js';
import { rewriteBody } from './body.js';
import { type FieldFate, fatesOf, keepsExtra, type Named } from './fates.js';
import type { Grant } from './grant.js';
import { knownGrant } from './known-grants.js';
import type { ModelMap } from './model.js';
import { outputId } from './output-id.js';
import { SAYINGS, type Said, type Speech } from './say.js';

/** One header key of an output. */
export interface HeaderEntry {
  readonly key: string;
  readonly value: Json;
  /** The field it says; absent for keys of the target's own. */
  readonly field?: FieldName;
  /** Where the value comes from; absent for what the target says of every agent. */
  readonly range?: Range;
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
  readonly fates: readonly FieldFate[];
  readonly grant: Grant;
  /** The author's word for a model that the target does not have. */
  readonly unmappedModel: string | undefined;
}

/** What every agent is lowered with. */
export interface LowerContext {
  readonly models: ModelMap;
  readonly source: SourceText;
  readonly report: Report;
  /** Gets the targets that cannot have the agent's name. */
  readonly unusable: Target[];
}

/** Lowers an agent. `undefined` when the target cannot have its name. */
export function lower(
  agent: Agent,
  { body, contributions }: Pick<MergedBody, 'body' | 'contributions'>,
  target: Target,
  { models, source, report, unusable }: LowerContext,
): Lowered | undefined {
  const override = agent.overrides[target.name];
  const fields: Fields = override ? { ...agent, ...override.fields } : agent;
  const id = outputId(agent, target);
  const servers = fields.mcpServers?.value.filter(({ config }) => config).map(({ name }) => name) ?? [];
  const granted = knownGrant(fields.tools, target, broughtAlong(fields, target), servers);
  const said = sayAll({ fields, id, target, grant: granted, models, overridden: override?.fields ?? {} });

  const { range } = fields.name;
  if (said.get('name')?.unusable || target.ids?.test(id) === false) {
    unusable.push(target);
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
    header: headerOf(said, { agent, fields, target, id }),
    body: rewritten,
    contributions,
    fates: fatesOf(said, { agent, fields, target, id }, bodyFate),
    grant: granted,
    unmappedModel: said.get('model')?.unmapped,
  };
}

/** A target's rules, in their order, which is the order of the header. */
interface Rules {
  readonly all: readonly (readonly [field: keyof FieldRules, rule: never])[];
  /** Those that bring capabilities along. */
  readonly bringing: readonly (readonly [field: keyof Fields, brings: readonly Capability[]])[];
}

const rulesByTarget = new WeakMap<Target, Rules>();

function rulesOf(target: Target): Rules {
  const known = rulesByTarget.get(target);
  if (known) return known;
  const all = Object.entries(target.fields) as [keyof FieldRules & keyof Fields, never][];
  const bringing = all.flatMap(([field, rule]: [keyof Fields, WordRule]) =>
    'brings' in rule && rule.brings ? [[field, rule.brings] as const] : [],
  );
  const rules: Rules = { all, bringing };
  rulesByTarget.set(target, rules);
  return rules;
}

/** Capabilities that come with other fields, such as Claude Code's `memory`. */
const broughtAlong = (fields: Fields, target: Target): Capability[] =>
  rulesOf(target).bringing.flatMap(([field, brings]) => (fields[field] === undefined ? [] : brings));

/** Says every field that the target has a rule for. */
function sayAll(speech: Speech): Map<FieldName, Said> {
  const said = new Map<FieldName, Said>();
  for (const [field, rule] of rulesOf(speech.target).all) said.set(field, SAYINGS[field](rule, speech));
  return said;
}

function headerOf(said: ReadonlyMap<FieldName, Said>, { agent, fields, target, id }: Named): HeaderEntry[] {
  const { idKey, dialect } = target;
  if (dialect === 'ir') return entriesOf(agent);
  const header: HeaderEntry[] = idKey === undefined ? [] : [{ key: idKey, value: id, range: fields.name.range }];
  said.forEach(({ entries }, field) => {
    const range = entries.length > 0 ? rangeOf(field, fields) : undefined;
    for (const [key, value] of entries) header.push(range ? { key, value, field, range } : { key, value, field });
  });
  for (const extra of agent.extra) if (keepsExtra(target, extra.key)) header.push(written(extra));
  const native = agent.overrides[target.name]?.native ?? [];
  if (native.length === 0) return header;
  // `null` takes a key out.
  return [
    ...header.filter((entry) => !native.some(({ key }) => key === entry.key)),
    ...native.filter(({ value }) => value !== null).map(written),
  ];
}

const written = ({ key, value, valueRange }: ExtraField): HeaderEntry => ({ key, value, range: valueRange });

/** The representation itself, key by key. */
function entriesOf(agent: Agent): HeaderEntry[] {
  const from: { readonly [key: string]: unknown } = { ...agent, id: agent.name, examples: agent.description };
  return Object.entries(agent as unknown as { readonly [key: string]: Json }).map(([key, value]) => {
    const range = spanOf(rangesIn(from[key] as Json));
    return { key, value, ...(range && { range }) };
  });
}

/** The ranges in a part of the representation. What an author wrote is below `value`, and no range whatever it is called. */
function rangesIn(part: Json, found: Range[] = []): Range[] {
  if (part === null || typeof part !== 'object') return found;
  for (const [key, inner] of Object.entries(part)) {
    if (key === 'range' || key === 'valueRange') found.push(inner as unknown as Range);
    else if (key !== 'value') rangesIn(inner, found);
  }
  return found;
}

/** What all ranges lie in that are in the file of the first. */
function spanOf(ranges: readonly Range[]): Range | undefined {
  const [first] = ranges;
  const within = ranges.filter(({ path }) => path === first?.path);
  return first && { ...first, start: Math.min(...within.map(({ start }) => start)), end: Math.max(...within.map(({ end }) => end)) };
}

/** Where the author says a field. The examples are in the description, and the prompt is in no entry. */
function rangeOf(field: FieldName, fields: Fields): Range | undefined {
  return field === 'body' || field === 'examples' ? undefined : fields[field]?.range;
}
