/** How each field is said in a target's words, given the target's rule for it. */
import type { Example, FateKind, Fields, Json } from '../../ir.js';
import type { FieldRules, Target, WordRule } from '../../targets/target.js';
import { lowerColor } from './color.js';
import { type Grant, isOpen } from './grant.js';
import { lowerMcpServers } from './mcp-servers.js';
import { lowerModel, type ModelMap } from './model.js';

/** What the fields of one agent are said from. */
export interface Speech {
  readonly fields: Fields;
  readonly id: string;
  readonly target: Target;
  readonly grant: Grant;
  readonly models: ModelMap;
  /** The fields that the author set for this very target. */
  readonly overridden: Partial<Fields>;
}

/** A field in the target's words. Without `kind` the author said nothing of it, and it has no fate. */
export interface Said {
  readonly entries: readonly (readonly [key: string, value: Json])[];
  readonly kind?: FateKind;
  readonly note?: string;
  /** How many characters the text has that was to be said, before it was cut. */
  readonly whole?: number;
  /** The target cannot have this name. */
  readonly unusable?: true;
  /** The author's word for a model that the target does not have. */
  readonly unmapped?: string;
}

const NOTHING: Said = { entries: [] };

type Saying<Rule> = (rule: Rule, speech: Speech) => Said;

/** One function a field. A rule in a target's data is said by the function of its name. */
export const SAYINGS: { readonly [F in keyof FieldRules]-?: Saying<NonNullable<FieldRules[F]>> } = {
  name: ({ key, accepts }, { fields, id }) => {
    const { value: name } = fields.name;
    const said = [name, id].find((candidate) => accepts.test(candidate));
    if (said === undefined) return { entries: [], kind: 'dropped', unusable: true };
    return said === name ? { entries: [[key, said]], kind: 'exact' } : { entries: [[key, said]], kind: 'mapped', note: said };
  },
  description: ({ key, limit }, { fields, target }) => {
    const value = descriptionIn(fields, target);
    if (limit?.cut && value.length > limit.characters) {
      const note = `its first ${limit.characters} of ${value.length} characters, cut where a sentence or word ends`;
      return { entries: [[key, cutAt(value, limit.characters)]], kind: 'approximated', note, whole: value.length };
    }
    const whole = value.length;
    const folded = target.format === 'bare-lines' && /[\r\n]/.test(value);
    return { entries: [[key, value]], whole, ...(folded ? { kind: 'approximated', note: 'its lines are joined' } : { kind: 'exact' }) };
  },
  // They have gone back into the description.
  examples: (_, { fields }) => (fields.examples.length > 0 ? { entries: [], kind: 'exact' } : NOTHING),
  tools: (_, { fields, grant }) => {
    if (!fields.tools.range) return { entries: grant.entries };
    if (isOpen(fields.tools)) return { entries: grant.entries, kind: 'exact' };
    if (grant.gained.length + grant.lost.length === 0) return { entries: grant.entries, kind: 'mapped' };
    return { entries: grant.entries, kind: grant.entries.length > 0 ? 'approximated' : 'dropped' };
  },
  model: (rule, { fields, target, models, overridden }) => {
    if (!fields.model) return NOTHING;
    const { value, fate, unmapped } = lowerModel(fields.model.value, rule, target.name, models, 'model' in overridden);
    const note = unmapped === undefined ? {} : { unmapped, note: `no model of ${target.title} is called ${unmapped}` };
    return { entries: value === undefined ? [] : [[rule.key, value]], kind: fate, ...note };
  },
  color: (rule, { fields }) => {
    if (!fields.color) return NOTHING;
    const color = lowerColor(fields.color.value, rule);
    if (!color) return { entries: [], kind: 'dropped' };
    return {
      entries: [[rule.key, color.value]],
      kind: color.fate,
      ...(color.fate === 'approximated' && { note: `the nearest is ${color.value}` }),
    };
  },
  mode: word('mode'),
  permissionMode: word('permissionMode'),
  maxTurns: word('maxTurns'),
  effort: word('effort'),
  temperature: word('temperature'),
  background: word('background'),
  isolation: word('isolation'),
  memory: word('memory'),
  skills: word('skills'),
  mcpServers: (rule, { fields }) => {
    if (!fields.mcpServers) return NOTHING;
    const { value, fate, note } = lowerMcpServers(fields.mcpServers.value, rule);
    return { entries: value === undefined ? [] : [[rule.key, value]], kind: fate, ...(note !== undefined && { note }) };
  },
  hooks: word('hooks'),
  handoffs: word('handoffs'),
};

/** A field whose value is passed on as it is. */
function word(field: keyof FieldRules & keyof Fields): Saying<WordRule> {
  return (rule, { fields }) => {
    const located = fields[field] as { readonly value: Json } | undefined;
    if (!located) return rule.default === undefined ? NOTHING : { entries: [[rule.key, rule.default]] };
    const meant = rule.means?.[String(located.value)];
    if (meant !== undefined) return { entries: [[rule.key, located.value]], kind: 'approximated', note: `there it means \`${meant}\`` };
    if (!rule.values || rule.values.includes(located.value)) {
      return { entries: [[rule.key, located.value]], kind: rule.key === field ? 'exact' : 'mapped' };
    }
    // A switch that is off says what an absent key says.
    return { entries: [], kind: located.value === false ? 'exact' : 'dropped' };
  };
}

/** The start of a text, up to the last end of a sentence, or of a word when there is none in its second half. */
function cutAt(text: string, characters: number): string {
  const start = text.slice(0, characters);
  const [sentence] = /^[\s\S]*[.!?](?=\s)/.exec(start) ?? [];
  if (sentence !== undefined && sentence.length > characters / 2) return sentence;
  // A letter of two code units is not cut in half.
  return (/^[\s\S]*(?=\s)/.exec(start)?.[0] ?? start.replace(/[\ud800-\udbff]$/, '')).trimEnd();
}

/** The description that a target has a place for, before it is cut. */
export const descriptionIn = ({ description, examples }: Fields, target: Target): string =>
  target.fields.examples ? description.full : withoutLeadIn(description.value, examples);

/** Without its examples a description must not end in "Examples:". */
function withoutLeadIn(description: string, examples: readonly Example[]): string {
  return examples.length === 0 ? description : description.replace(/\s*(?:for )?examples?(?: include)?\s*:\s*$/i, '');
}
