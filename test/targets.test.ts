/** What every target must be, over the list of targets. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../src/compile.js';
import { FORMATS } from '../src/formats/index.js';
import type { Json } from '../src/ir.js';
import { CAPABILITIES, IMPLIED } from '../src/targets/capabilities.js';
import { TARGETS } from '../src/targets/index.js';
import type { Target } from '../src/targets/target.js';
import { capabilitiesOf } from '../src/targets/words.js';

const MINIMAL = '---\nname: reviewer\ndescription: Reviews code.\n---\nYou review code.\n';
/** By shared/targets, or because the reader is not documented. Said here anew: it is what the targets' data is tested against. */
const CLOSES_ANYWHERE: ReadonlySet<string> = new Set([
  ...['claude-code', 'claude-plugin', 'goose', 'agent-skills'],
  ...['antigravity', 'deepagents', 'devin', 'junie', 'kiro', 'rovodev'],
]);

const templates = new URL('../templates/', import.meta.url);

it('every target has a name and a path of its own', () => {
  for (const values of [TARGETS.map(({ name }) => name), TARGETS.map(({ title }) => title), TARGETS.map(({ path }) => path)])
    expect(new Set(values).size).toBe(TARGETS.length);
});

it('every template belongs to a target', () => {
  expect(readdirSync(templates).sort()).toEqual(TARGETS.map(({ name }) => `${name}.hbs`).sort());
});

it('the targets are listed by name', () => {
  const names = TARGETS.map(({ name }) => name);
  expect(names).toEqual([...names].sort());
});

describe.each(TARGETS.map((target) => [target.name, target] as const))('%s', (name, target) => {
  it('says where its files go, and has a template', () => {
    expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(target.path.match(/\{id\}/g) ?? []).toHaveLength(target.shared ? 0 : 1);
    expect(target.path).not.toMatch(/^\/|\\|(?:^|\/)\.\.(?:\/|$)/);
    expect(existsSync(new URL(`${name}.hbs`, templates))).toBe(true);
    expect(target.against).toMatch(/\d/);
  });

  it('compiles the smallest agent, and its schema takes the result', () => {
    const { files, diagnostics, failed } = compile({ agents: [{ path: 'reviewer.md', content: MINIMAL }] }, [target]);
    const told = diagnostics.map(({ code, data }) => [code, data.field]);
    expect([failed, told]).toEqual([[], target.body.instead === undefined ? [] : [['field-changed', 'body']]]);
    expect(files.map(({ path }) => path)).toEqual([target.path.replace('{id}', 'reviewer')]);
    const data = asData(files[0]?.content ?? '', target);
    expect(issues(target, data)).toEqual([]);
    if (target.dialect !== 'ir') expect(data[target.fields.description.key]).toBe('Reviews code.');
  });

  it('has a schema that refuses rubbish', () => {
    const { files } = compile({ agents: [{ path: 'reviewer.md', content: MINIMAL }] }, [target]);
    const good = asData(files[0]?.content ?? '', target);
    const { enforcement } = target.fields.tools;
    const toolKeys = enforcement.by === 'flags' ? enforcement.flags.map(({ key }) => key) : [enforcement.key];
    const rubbish: unknown[] = [
      null,
      5,
      'text',
      [],
      {},
      { ...good, [target.fields.description.key]: 5 },
      { ...good, [target.fields.description.key]: [] },
    ];
    for (const key of toolKeys) for (const value of [42, null, { a: 1 }, [5]]) rubbish.push({ ...good, [key]: value });
    if (target.fields.model) rubbish.push({ ...good, [target.fields.model.key]: 5 });
    if (target.fields.name) rubbish.push({ ...good, [target.fields.name.key]: ['a'] });
    if (['codex', 'cursor'].includes(target.name)) rubbish.push({ ...good, [target.body.key ?? 'body']: ' \n' });
    for (const data of rubbish) expect([data, issues(target, data).length > 0]).toEqual([data, true]);
  });

  it('has ids of capabilities that are understood when they are read', () => {
    // What is said by a switch is not said by ids.
    if (target.fields.tools.enforcement.by === 'flags') return;
    for (const capability of CAPABILITIES) {
      for (const id of idsOf(target, capability)) {
        const covered = CAPABILITIES.filter((other) => idsOf(target, other).includes(id));
        const understood = capabilitiesOf(id) ?? [];
        const along = covered.flatMap((one) => IMPLIED[one] ?? []);
        expect([id, understood.length > 0 && understood.every((one) => covered.includes(one) || along.includes(one))]).toEqual([id, true]);
      }
    }
  });

  it('grants what is granted once more, when its own file is compiled again', () => {
    // Not every file is a source: its header may have no name or no `tools`, or be no YAML.
    const { enforcement } = target.fields.tools;
    if (enforcement.by === 'allow-list' && enforcement.key !== 'tools') return;
    if (!target.fields.name || target.format !== 'yaml' || target.body.key !== undefined) return;
    for (const capability of CAPABILITIES) {
      const source = `---\nname: reviewer\ndescription: Reviews code.\ntools: [${capability}]\n---\nYou review code.\n`;
      const first = compile({ agents: [{ path: 'a.md', content: source }] }, [target]);
      const second = compile({ agents: [{ path: 'a.md', content: first.files[0]?.content ?? '' }] }, [target]);
      expect([capability, second.grants[0]?.granted]).toEqual([capability, first.grants[0]?.granted]);
    }
  });

  it('writes each field under a key of its own', () => {
    const keys = Object.values(target.fields).flatMap((rule) => ('key' in rule ? [rule.key] : []));
    const { enforcement } = target.fields.tools;
    if (enforcement.by !== 'flags') keys.push(enforcement.key);
    if (target.body.key !== undefined) keys.push(target.body.key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('rewrites text so that nothing is left to rewrite', () => {
    for (const { pattern, replacement, exact } of target.body.rewrites ?? []) {
      expect(pattern.global).toBe(true);
      // One text after the other: what a pattern looks behind at may be the start.
      const texts = ['a \u0024{x} b \u0024{y_1}\u0024{z}', 'see {env:A} and {file:b}', 'file://x', '{{ a.b }} {% if %} {# c #}'];
      const found = texts.filter((text) => text.search(pattern) !== -1);
      expect([String(pattern), found.length > 0]).toEqual([String(pattern), true]);
      // An escape that is read as the very text holds it.
      if (!exact) expect(found.map((text) => text.replaceAll(pattern, replacement).search(pattern))).toEqual(found.map(() => -1));
    }
  });

  it('keeps dashes out of its header where its loader, or one that is not known, may end the header there', () => {
    if (!CLOSES_ANYWHERE.has(name)) return;
    const content = '---\nname: reviewer\ndescription: "Reviews --- and more"\n---\nYou review code.\n';
    const [file] = compile({ agents: [{ path: 'reviewer.md', content }] }, [target]).files;
    const [, header = ''] = file?.content.split(/^---$/m) ?? [];
    expect(header).toContain('description');
    expect(header).not.toContain('---');
  });
});

/** A file as the data that a schema sees. */
function asData(content: string, target: Target): { readonly [key: string]: Json } {
  // A line of an index has no header.
  if (target.body.instead !== undefined) return { description: content.replace(/^.*?: /, '').trimEnd(), body: 'You review code.\n' };
  const { header, body } = FORMATS[target.format].read(content);
  return { ...header, ...(target.body.key === undefined && { body: body ?? '' }) };
}

function issues(target: Target, data: unknown): readonly string[] {
  const result = target.schema['~standard'].validate(data);
  if (result instanceof Promise) throw new TypeError('an asynchronous schema');
  return (result.issues ?? []).map(({ message }) => message);
}

function idsOf({ fields }: Target, capability: (typeof CAPABILITIES)[number]): readonly string[] {
  const ids = fields.tools.ids[capability];
  return ids === null ? [] : typeof ids === 'string' ? [ids] : ids;
}
