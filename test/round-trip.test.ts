/**
 * What an author wrote comes back out of every target, however odd: sources are written by the `yaml` library, outputs are
 * read by loaders.ts, written after the assistants' own loaders, and not by src/formats.
 */
import fc from 'fast-check';
import { load as loadYaml } from 'js-yaml';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml, stringify } from 'yaml';
import { type Compilation, compile } from '../src/compile.js';
import { FORMATS } from '../src/formats/index.js';
import { toml } from '../src/formats/toml.js';
import type { Json } from '../src/ir.js';
import { TARGETS } from '../src/targets/index.js';
import { LOADERS, type Read } from './loaders.js';
import { SIX } from './read-sample.js';

const RUNS = { numRuns: 300 };

/** What is refused in any source: it prints as nothing. */
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]/u;

const NASTY = [
  ...[': ', ' #', '#', '---', '\n---\n', '--', '-', '"', "'", '"""', "'''", '\\', '\\n', '\\\\', '\\"', '\\x2d', '\\u0041', '`', '```'],
  ...['\n', '\n\n', '\r\n', '\r', '\t', ' ', '  ', '\u00a0', '\u2028', '\u2029', '\u0085', '\u0000', '\u0007', '\u001b[31m', '\u007f'],
  ...[
    'true',
    'no',
    'null',
    '~',
    '0x1F',
    '012',
    '1e3',
    '.inf',
    '2026-01-01',
    '12:30:45',
    '<<',
    '=',
    '? ',
    '- ',
    '| ',
    '> ',
    '|\n  x',
    '%TAG',
  ],
  ...['{', '}', '[', ']', ',', '&a ', '*a', '!', '!!str ', '@', '{{x}}', '{{{x}}}', '{{#if}}', '{id}', '$&', '$1', "$'", '$$'],
  ...[
    'é',
    '日本',
    '👩‍👩‍👧',
    '🏳️‍🌈',
    '𝒳',
    'name: other',
    '\nname: other\n',
    '\ntools: Bash\n',
    'readonly: true',
    '</example>',
    '<!-- c -->',
    'a',
    'word',
  ],
];
const visible = (text: string): boolean => !HIDDEN.test(text.replaceAll('👩‍👩‍👧', '').replaceAll('🏳️‍🌈', ''));
const nasty = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...NASTY) }, fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 8 })
  .map((parts) => parts.join(''))
  .filter(visible);
/** A description or body says something; examples are tried on their own. */
const text = nasty.map((value) => `${value}Z`).filter((value) => !value.includes('<example>'));
const name = fc
  .array(fc.constantFrom(...'abzAZ019 _-.,\'"#&!?%(){}[]|>@*~`$=+;<^', 'é', '日', '---', ': ', 'null', '$&', '{id}'), { maxLength: 8 })
  .map((parts) => `n${parts.join('')}n`);
const eol = fc.constantFrom('\n', '\r\n');

/** A source, its header written by the library in one of its styles. */
function source(header: { readonly [key: string]: Json }, body: string, lineEnd = '\n', style: 'QUOTE_DOUBLE' | 'PLAIN' = 'PLAIN'): string {
  // On several lines the library writes a quoted text with a line of one space in it wrongly (2.9.1).
  const yaml = stringify(header, { defaultStringType: style, lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER });
  return `---\n${yaml}---\n`.replaceAll('\n', lineEnd) + body;
}

const compileOne = (content: string): Compilation => compile({ agents: [{ path: 'a.md', content }] }, READ);
const errors = ({ diagnostics }: Compilation): string[] =>
  diagnostics.filter(({ severity }) => severity === 'error').map(({ reason }) => reason);
const readBack = ({ files }: Compilation, target: string): Read | undefined => {
  const file = files.find((one) => one.target === target);
  return file && LOADERS[target]?.(file.content);
};

/** The text as Claude Code takes it: the two characters `\n` are a line end. */
const meant = (value: string): string => value.replaceAll('\\n', '\n').trim();
const oneLine = (value: string): string => value.replaceAll(/\s*[\r\n]+\s*/g, ' ').trim();

/** Those whose loader is known well enough to be written here; the others are for the laws and test/clients. */
const READ = TARGETS.filter(({ name }) => SIX.includes(name));

describe.each(READ.map((target) => [target.name, target] as const))('%s', (targetName, target) => {
  it('gives back any description', () => {
    fc.assert(
      fc.property(text, eol, fc.constantFrom('PLAIN' as const, 'QUOTE_DOUBLE' as const), (description, lineEnd, style) => {
        // A block scalar has the line ends of its file, so the library cannot write it into another kind.
        fc.pre(lineEnd === '\n' || style === 'QUOTE_DOUBLE');
        const result = compileOne(source({ name: 'agent', description }, 'Do the work.\n', lineEnd, style));
        expect(errors(result)).toEqual([]);
        const read = readBack(result, targetName)?.header.description;
        expect(target.format === 'bare-lines' ? read : String(read).trim()).toBe(
          target.format === 'bare-lines' ? oneLine(meant(description)) : meant(description),
        );
      }),
      RUNS,
    );
  });

  it('gives back any body', () => {
    const body = text.filter((value) => !/\$\{\w+\}/.test(value) && !/<!--\s*@/.test(value));
    fc.assert(
      fc.property(body, eol, (prompt, lineEnd) => {
        const result = compileOne(source({ name: 'agent', description: 'D.' }, prompt, lineEnd));
        expect(errors(result)).toEqual([]);
        const read = readBack(result, targetName)?.body;
        // Claude Code's pattern takes the white space before the prompt along.
        if (targetName === 'claude-code') expect(read?.trimStart()).toBe(prompt.trimStart());
        else expect(read).toBe(prompt);
      }),
      RUNS,
    );
  });

  it('gives back any name, as it is or as the id', () => {
    fc.assert(
      fc.property(name, (given) => {
        const result = compileOne(source({ name: given, description: 'D.', tools: 'Read' }, 'Do the work.\n'));
        const read = readBack(result, targetName);
        if (!read) return expect(errors(result).length).toBeGreaterThan(0);
        const file = result.files.find((one) => one.target === targetName);
        expect(read.header.description).toBe('D.');
        if (target.fields.name) expect([given.trim(), file?.agent]).toContain(read.header.name);
        expect(file?.path).toBe(target.path.split('{id}').join(file?.agent ?? ''));
      }),
      RUNS,
    );
  });

  it('gives back examples, each once and whole', () => {
    const example = fc
      .array(fc.constantFrom(...NASTY.filter((part) => !part.includes('example') && visible(part))))
      .map((parts) => `E${parts.join('')}E`);
    fc.assert(
      fc.property(fc.array(example, { minLength: 1, maxLength: 3 }), (examples) => {
        const blocks = examples.map((one) => `<example>${one}</example>`);
        const result = compileOne(
          source({ name: 'agent', description: `Use it. ${blocks.join('\n')}` }, 'Do the work.\n', '\n', 'QUOTE_DOUBLE'),
        );
        expect(errors(result)).toEqual([]);
        const description = String(readBack(result, targetName)?.header.description);
        const said = [...description.matchAll(/<example>([\s\S]*?)<\/example>/g)].map((match) => match[1] ?? '');
        const wanted = examples.map((one) => one.replaceAll('\\n', '\n'));
        const folded = (value: string): string => (target.format === 'bare-lines' ? oneLine(value) : value);
        expect(said.map(folded)).toEqual(wanted.map(folded));
        expect(description.startsWith('Use it.')).toBe(true);
      }),
      RUNS,
    );
  });

  it('never lets what an author wrote set another key', () => {
    fc.assert(
      fc.property(text, name, text, (description, given, body) => {
        const result = compileOne(source({ name: given, description, tools: 'Read' }, body));
        const read = readBack(result, targetName);
        if (!read) return;
        const known = Object.values(target.fields).map((rule) => ('key' in rule ? rule.key : ''));
        const { enforcement } = target.fields.tools;
        const tools = enforcement.by === 'flags' ? enforcement.flags.map(({ key }) => key) : [enforcement.key];
        for (const key of Object.keys(read.header)) expect([...known, ...tools, target.body.key]).toContain(key);
        if (enforcement.by === 'allow-list') expect(String(read.header[enforcement.key])).toBe(String(target.fields.tools.ids.read));
      }),
      RUNS,
    );
  });
});

describe('cursor', () => {
  it('takes a description that holds what stands for the prompt in a template', () => {
    const result = compileOne(source({ name: 'agent', description: 'a\u0000body\u0000b' }, 'Do the work.\n'));
    expect(errors(result)).toEqual([]);
    expect(readBack(result, 'cursor')?.body).toBe('Do the work.\n');
  });
});

describe('compiling what was compiled for Claude Code', () => {
  const header = fc.record(
    {
      name,
      description: text,
      tools: fc.constantFrom<Json>('Read, Bash(git *)', ['Read', 'shell'], 'read_file', '*', [], { bash: false }, 'mcp__a__b, Nonsense'),
      disallowedTools: fc.constantFrom<Json>('Write', ['Bash(rm *)', 'mcp__x'], 'edit'),
      model: fc.constantFrom('sonnet', 'strong', 'gpt-5', 'inherit', 'claude-opus-4-5'),
      color: fc.constantFrom('red', '#ff0010', 'primary'),
      maxTurns: fc.constantFrom<Json>(3, '4'),
      mcpServers: fc.constantFrom<Json>(['github'], { local: { command: 'x', args: ['a: b', '---'] } }),
      hooks: fc.constant<Json>({ Stop: [{ hooks: [{ type: 'command', command: 'echo "a --- b" # c' }] }] }),
      'x-extra': fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
      targets: fc.constantFrom<Json>({ 'claude-code': { model: 'haiku' } }, { 'claude-code': { custom: 'a --- b' } }, ['claude-code']),
    },
    { requiredKeys: ['name', 'description'] },
  );

  it('changes nothing any more', () => {
    fc.assert(
      fc.property(header, text, eol, (keys, body, lineEnd) => {
        const first = compileOne(source(keys, body, lineEnd, 'QUOTE_DOUBLE')).files.find((file) => file.target === 'claude-code');
        fc.pre(first !== undefined);
        const second = compileOne(first.content).files.find((file) => file.target === 'claude-code');
        expect(second?.content).toBe(first.content);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['an anchor on a value that is written anew', 'tools: &t [read_file]\nother: *t\n'],
    ['an anchor on a key of the compiler', 'targets: &t { cursor: {} }\nother: *t\n'],
    ['an anchor on a description with dashes', 'x: &t "a --- b"\ny: *t\n'],
    ['a key in the long form', '? tools\n: read_file\n'],
    ['a tag', 'tools: !!str read_file\n'],
    ['a block scalar', 'tools: >-\n  read_file,\n  shell\n'],
    ['a value that means nothing', 'model: [sonnet, opus]\nhooks: 5\nmcpServers: 7\n'],
    ['a map of switches', 'tools: { write: true, bash: true }\n'],
    ['dashes in a key', '"a---b": 1\n'],
    ['dashes in a comment', '# --- tools ---\n'],
  ])('leaves a header that Claude Code reads: %s', (_, header) => {
    const { files } = compileOne(`---\nname: agent\ndescription: D.\n${header}permissionMode: plan\n---\nDo the work.\n`);
    const file = files.find(({ target }) => target === 'claude-code');
    const read = LOADERS['claude-code']?.(file?.content ?? '');
    expect(read).toMatchObject({ header: { name: 'agent', description: 'D.', permissionMode: 'plan' }, body: 'Do the work.\n' });
    const schema = TARGETS.find(({ name: one }) => one === 'claude-code')?.schema['~standard'];
    expect(schema?.validate(read?.header)).not.toHaveProperty('issues');
  });

  it('leaves a header that Claude Code reads: all keys indented', () => {
    const { files } = compileOne('---\n  name: agent\n  description: D.\n  tools: read_file\n---\nDo the work.\n');
    const file = files.find(({ target }) => target === 'claude-code');
    expect(LOADERS['claude-code']?.(file?.content ?? '').header).toEqual({ name: 'agent', description: 'D.', tools: 'Read' });
  });

  it('closes the header where it ends, whatever is in it', () => {
    fc.assert(
      fc.property(header, fc.constantFrom('', '# --- keys ---\n', '# a\n\n'), (keys, comment) => {
        const yaml = stringify(keys, { lineWidth: 0 });
        const result = compileOne(`---\n${comment}${yaml}${comment}---\nDo the work.\n`);
        const read = readBack(result, 'claude-code');
        fc.pre(read !== undefined);
        expect(read?.body).toBe('Do the work.\n');
      }),
      RUNS,
    );
  });
});

describe('formats', () => {
  const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
  const key = fc.oneof(
    fc.constantFrom('a', 'a b', 'a: b', '#a', 'null', 'on', '1', '-', '"a"', '[a]', 'a.b', 'a---b', 'é'),
    fc.string({ minLength: 1, maxLength: 5 }),
  );
  const same = (a: unknown, b: unknown): void => expect(JSON.stringify(a)).toBe(JSON.stringify(b));

  it('YAML: what is written is read, by three readers', () => {
    fc.assert(
      fc.property(key, fc.oneof(json, nasty), fc.boolean(), (word, value, guarded) => {
        fc.pre(word !== '__proto__');
        const entry = FORMATS.yaml.entry(word, value, { escapes: guarded ? /-(?=--)/g : undefined });
        same(FORMATS.yaml.read(`---\n${entry}\n---\nBody`).header, { [word]: value });
        same(parseYaml(entry), { [word]: value });
        same(loadYaml(entry), { [word]: value });
        if (guarded) expect(entry).not.toContain('---');
      }),
      RUNS,
    );
  });

  it('TOML: what is written is read', () => {
    const holds = (value: Json): boolean =>
      value !== null && (typeof value !== 'object' || (Array.isArray(value) ? value : Object.values(value)).every(holds));
    const exact = (value: Json): boolean => typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value);
    const value = fc
      .oneof(json, nasty)
      .filter((one) => holds(one) && JSON.stringify(one, (_, part: Json) => (exact(part) ? part : undefined)) === JSON.stringify(one));
    fc.assert(
      fc.property(key, value, (word, given) => {
        fc.pre(word !== '__proto__' && !JSON.stringify(given).includes('__proto__'));
        // Tables come last, so the order of keys may be another.
        const { header } = FORMATS.toml.read(FORMATS.toml.entry(word, given, {}));
        expect(JSON.parse(JSON.stringify(header))).toEqual(JSON.parse(JSON.stringify({ [word]: given })));
      }),
      RUNS,
    );
  });

  it('TOML: a prompt is the same text when it is read', () => {
    fc.assert(
      fc.property(nasty, (prompt) => {
        expect(parseToml(`p = ${toml.text(prompt, {})}\nq = 1\n`)).toEqual({ p: prompt, q: 1 });
      }),
      { numRuns: 1000 },
    );
  });

  it('bare lines: any line is the value', () => {
    const line = nasty.map(oneLine).filter((value) => value !== 'true');
    fc.assert(
      fc.property(line, (value) => {
        const file = `---\n${FORMATS['bare-lines'].entry('description', value, {})}\nname: x\n---\nBody`;
        expect(FORMATS['bare-lines'].read(file).header).toEqual({ description: value, name: 'x' });
        expect(LOADERS.cursor?.(file).header).toEqual({ description: value, name: 'x' });
      }),
      { ...RUNS, examples: [[':\u2028---'], [':\u2028 ---']] },
    );
  });
});
