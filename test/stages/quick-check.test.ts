/** The quick check of a file says yes only to what the target's schema accepts, and to all that is usual. */
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile.js';
import { FORMATS } from '../../src/formats/index.js';
import type { Json } from '../../src/ir.js';
import { acceptsAtOnce } from '../../src/stages/emit/quick-check.js';
import { TARGETS } from '../../src/targets/index.js';
import type { Target } from '../../src/targets/target.js';
import { readSample } from '../read-sample.js';

type Data = { readonly [key: string]: Json };

/** A whole agent, and a plain one, as data of each target. */
const { files } = compile(
  {
    agents: [
      ...readSample('kitchen-sink').sources.agents,
      { path: 'plain.md', content: '---\nname: plain\ndescription: Plain.\ntools: Read, Grep, mcp__docs__search\n---\nDo the work.\n' },
    ],
  },
  TARGETS,
);

const refuses = (target: Target, data: unknown): boolean => {
  const result = target.schema['~standard'].validate(data);
  if (result instanceof Promise) throw new TypeError('asynchronous');
  return result.issues !== undefined;
};

function dataOf({ name, format, body: { key = 'body', instead } }: Target): Data[] {
  return files
    .filter(({ target }) => target === name && instead === undefined)
    .map(({ content }) => {
      const { header, body } = FORMATS[format].read(content);
      return { ...header, [key]: body ?? header[key] ?? '' };
    });
}

/** Values that some key of some target may have, and others. */
const junk = fc.oneof(
  fc.constantFrom<Json[]>(
    null,
    true,
    0,
    -1,
    1.5,
    '',
    ' ',
    'all',
    'inherit',
    'A b',
    'a-b',
    '{{',
    [],
    {},
    [''],
    [1],
    ['read'],
    [[]],
    { a: 1 },
    { value: 'a' },
  ),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
);

describe.each(TARGETS.map((target) => [target.name, target] as const))('%s', (_, target) => {
  const good = dataOf(target);

  it.skipIf(target.body.instead !== undefined)('what is emitted is accepted at once', () => {
    expect(good.length).toBeGreaterThan(0);
    expect(good.map((data) => [acceptsAtOnce(target.schema, data), refuses(target, data)])).toEqual(good.map(() => [true, false]));
  });

  it('what the schema refuses is never accepted', () => {
    const keys = [...new Set([...files, ...good].flatMap((data) => Object.keys(data))), '__proto__', 'toString', 'mode', 'color'];
    const changed = fc.record({
      data: fc.constantFrom<Data[]>({}, ...good),
      changes: fc.dictionary(fc.constantFrom(...keys), fc.option(junk)),
      taken: fc.subarray(keys, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(changed, ({ data, changes, taken }) => {
        const entries = Object.entries({ ...data, ...changes }).filter(([key]) => !taken.includes(key));
        const made = Object.fromEntries(entries);
        expect(acceptsAtOnce(target.schema, made) && refuses(target, made)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

it.each([
  ['a default', v.object({ a: v.optional(v.string(), 'b') }), { a: 'c' }],
  ['a transformation', v.pipe(v.string(), v.trim()), 'a'],
  ['a pattern that remembers where it was', v.pipe(v.string(), v.regex(/a/g)), 'a'],
  ['a key that a record passes over', v.record(v.string(), v.string()), { constructor: 'a' }],
  ['a kind of schema that it does not know', v.date(), new Date(0)],
])('%s is left to the schema', (_, schema, value) => {
  expect(acceptsAtOnce(schema, value)).toBe(false);
});

it('a schema of another library is asked itself', () => {
  expect(acceptsAtOnce({ '~standard': { version: 1, vendor: 'other', validate: () => ({ value: 1 }) } }, 1)).toBe(false);
});
