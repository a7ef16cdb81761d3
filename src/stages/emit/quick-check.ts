/**
 * A schema of valibot as a plain function: most files are fine, and valibot makes objects for each value that it looks at.
 * What the function says yes to, the schema accepts; all else is left to the schema, which also knows the reasons.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';

type Accepts = (value: unknown) => boolean;

/** The parts of a schema, as valibot lays them out (https://valibot.dev/guides/schemas). */
interface Part {
  readonly type: string;
  readonly async?: boolean;
  readonly pipe?: readonly [Part, ...Part[]];
  readonly requirement?: unknown;
  readonly default?: unknown;
  readonly literal?: unknown;
  readonly options?: readonly unknown[];
  readonly wrapped?: Part;
  readonly item?: Part;
  readonly key?: Part;
  readonly value?: Part;
  readonly entries?: { readonly [key: string]: Part };
  readonly rest?: Part;
}

const checks = new WeakMap<StandardSchemaV1, Accepts>();

/** Whether a schema accepts a value for certain. */
export function acceptsAtOnce(schema: StandardSchemaV1, value: unknown): boolean {
  const known = checks.get(schema) ?? (schema['~standard'].vendor === 'valibot' ? checkOf(schema as unknown as Part) : NEVER);
  checks.set(schema, known);
  return known(value);
}

const NEVER: Accepts = () => false;

const isObject = (value: unknown): value is { readonly [key: string]: unknown } => typeof value === 'object' && value !== null;

/** Other keys valibot passes over in a record. */
const isOrdinary = (key: string): boolean => key !== '__proto__' && key !== 'prototype' && key !== 'constructor';

function checkOf(part: Part | undefined): Accepts {
  if (!part || part.async) return NEVER;
  if (!part.pipe) return typeCheck(part);
  const [first, ...actions] = part.pipe;
  const [accepts, rules] = [checkOf(first), actions.map(ruleOf)];
  return (value) => accepts(value) && rules.every((rule) => rule(value));
}

function typeCheck(part: Part): Accepts {
  const { type, options = [] } = part;
  switch (type) {
    case 'string':
    case 'boolean':
      return (value) => typeof value === type;
    case 'number':
      return (value) => typeof value === 'number' && !Number.isNaN(value);
    case 'unknown':
      return () => true;
    case 'literal':
      return (value) => value === part.literal;
    case 'picklist':
      return (value) => options.includes(value);
    case 'nullable':
    case 'optional': {
      if (part.default !== undefined) return NEVER;
      const nothing = type === 'nullable' ? null : undefined;
      const wrapped = checkOf(part.wrapped);
      return (value) => value === nothing || wrapped(value);
    }
    case 'union': {
      const ways = options.map((option) => checkOf(option as Part));
      return (value) => ways.some((accepts) => accepts(value));
    }
    case 'array': {
      const item = checkOf(part.item);
      return (value) => Array.isArray(value) && value.every((one) => item(one));
    }
    case 'record': {
      const [key, inner] = [checkOf(part.key), checkOf(part.value)];
      return (value) => isObject(value) && Object.keys(value).every((name) => isOrdinary(name) && key(name) && inner(value[name]));
    }
    case 'object':
    case 'loose_object':
    case 'strict_object':
    case 'object_with_rest':
      return objectCheck(part);
    default:
      return NEVER;
  }
}

function objectCheck({ type, entries = {}, rest }: Part): Accepts {
  const checked = Object.entries(entries).map(([key, part]) => ({ key, accepts: checkOf(part), mayLack: part.type === 'optional' }));
  const others = rest ? checkOf(rest) : type === 'strict_object' ? NEVER : undefined;
  return (value) =>
    isObject(value) &&
    checked.every(({ key, accepts, mayLack }) => (key in value ? accepts(value[key]) : mayLack)) &&
    (!others || Object.keys(value).every((key) => Object.hasOwn(entries, key) || (isOrdinary(key) && others(value[key]))));
}

/** What a pipe asks for beside the type. A rule may rely on the type, which is checked before. */
function ruleOf({ type, requirement }: Part): Accepts {
  switch (type) {
    case 'regex': {
      const pattern = requirement as RegExp;
      // One of these is in another state after each test.
      return pattern.global || pattern.sticky ? NEVER : (value) => pattern.test(value as string);
    }
    case 'check':
      return (value) => Boolean((requirement as Accepts)(value));
    case 'min_length':
      return (value) => (value as string).length >= (requirement as number);
    case 'max_length':
      return (value) => (value as string).length <= (requirement as number);
    case 'min_value':
      return (value) => (value as number) >= (requirement as number);
    case 'integer':
      return (value) => Number.isInteger(value);
    case 'starts_with':
      return (value) => (value as string).startsWith(requirement as string);
    default:
      return NEVER;
  }
}
