/** Inheritance, variants and the options of fragments, where something is wrong or odd. Samples show what is right. */
import { describe, expect, it } from 'vitest';
import { type Compilation, type CompileOptions, compile } from '../../src/compile.js';
import { formatPretty } from '../../src/diagnostics/format/pretty.js';
import type { SourceFile } from '../../src/stages/parse/parse.js';
import { claudeCode } from '../../src/targets/claude-code.js';
import { codex } from '../../src/targets/codex.js';
import { cursor } from '../../src/targets/cursor.js';
import { json } from '../../src/targets/json.js';
import { opencode } from '../../src/targets/opencode.js';
import type { Target } from '../../src/targets/target.js';

type Files = { readonly [path: string]: string | Uint8Array };

/** Compiles files: those in `fragments/` are fragments, those whose name begins with `_` bases, the others agents. */
function run(files: Files, options: CompileOptions = {}, targets: readonly Target[] = [claudeCode]): Compilation {
  const all: SourceFile[] = Object.entries(files).map(([path, content]) => ({ path, content }));
  const isFragment = ({ path }: SourceFile): boolean => path.startsWith('fragments/');
  const isBase = ({ path }: SourceFile): boolean => /(?:^|\/)_/.test(path);
  return compile(
    {
      agents: all.filter((file) => !isFragment(file) && !isBase(file)),
      bases: all.filter(isBase),
      fragments: all.filter(isFragment).map((file) => ({ name: file.path.slice('fragments/'.length, -'.md'.length), ...file })),
    },
    targets,
    options,
  );
}

/** An agent with these lines of front matter. */
const agent = (header = '', body = 'You help.\n', name = 'a'): string =>
  `---\nname: ${name}\ndescription: Does it.\n${header && `${header}\n`}---\n${body}`;

/** `code file:line:column`, of errors only or of everything. */
const said = ({ diagnostics }: Compilation, all = false): string[] =>
  diagnostics
    .filter(({ severity }) => all || severity === 'error')
    .map(({ code, file, place }) => `${code} ${file}${place && 'start' in place ? `:${place.start.line}:${place.start.column}` : ''}`);

const outputs = ({ files }: Compilation): string[] => files.map(({ variant, path }) => (variant ? `${variant}/${path}` : path));
const bodyOf = ({ files }: Compilation, at = 0): string => (files[at]?.content ?? '').replace(/^---\n[\s\S]*?\n---\n/, '');
/** Nothing of JavaScript's own is in an output or a message. */
const isClean = ({ files, diagnostics }: Compilation): boolean =>
  !/native code|\[object |undefined|NaN/.test(
    JSON.stringify([files.map(({ content }) => content), diagnostics.map(({ reason, help }) => [reason, help])]),
  );

describe('extends', () => {
  it.each([
    ['itself', { 'a.md': agent('extends: a') }, ['extends-cycle a.md:4:10']],
    ['itself by its file', { 'a.md': agent('extends: a.md') }, ['extends-cycle a.md:4:10']],
    ['a number', { 'a.md': agent('extends: 3') }, ['structure-invalid a.md:4:10']],
    ['two bases', { 'a.md': agent('extends: [x, y]') }, ['structure-invalid a.md:4:10']],
    ['a map', { 'a.md': agent('extends: { x: y }') }, ['structure-invalid a.md:4:10']],
    ['blanks', { 'a.md': agent('extends: "  "') }, ['structure-invalid a.md:4:10']],
    ['words of JavaScript', { 'a.md': agent('extends: __proto__') }, ['base-not-found a.md:4:10']],
    ['a file above the project', { 'x/a.md': agent('extends: ../../etc/passwd') }, ['base-not-found x/a.md:4:10']],
  ] as const)('%s is an error at its place', (_, files, errors) => {
    const result = run(files);
    expect(said(result)).toEqual(errors);
    expect(result.files).toEqual([]);
    expect(result.failed).toEqual(Object.keys(files));
  });

  it('nothing, written out or not, extends nothing', () => {
    for (const header of ['extends:', 'extends: null', 'extends: []', '']) expect(said(run({ 'a.md': agent(header) }))).toEqual([]);
  });

  it('a key without a value leaves no line behind, whether a base sets it or another base took it out', () => {
    const files = { 'a.md': agent('extends: one\nmodel:\nmine:'), '_two.md': '---\nmodel: opus\n---\n' };
    for (const base of ['extends: two', 'extends: two\nmodel:']) {
      const [file] = run({ ...files, '_one.md': `---\n${base}\n---\n` }).files;
      expect(file?.content).toBe('---\nname: a\ndescription: Does it.\n---\nYou help.\n');
    }
  });

  it('three files in a circle: once for each way in, and nothing of them is built', () => {
    const result = run({
      'a.md': agent('extends: one'),
      'b.md': agent('extends: one', 'You help.\n', 'b'),
      'c.md': agent('', 'You help.\n', 'c'),
      '_one.md': '---\nextends: two\n---\n',
      '_two.md': '---\nextends: three\n---\n',
      '_three.md': '---\nextends: one\n---\n',
    });
    expect(said(result)).toEqual(['extends-cycle _three.md:2:10']);
    expect(result.failed).toEqual(['a.md', 'b.md']);
  });

  it('a file from two sides is inherited once, behind all that inherit from it', () => {
    const base = (text: string, header = ''): string => `${header && `---\n${header}\n---\n`}## Rules\n\n${text}\n`;
    const result = run({
      'team/a.md': agent('extends: engineer'),
      '_engineer.md': base('<!-- @super -->\n\nEngineer.', 'extends: root'),
      'team/_base.md': base('<!-- @super -->\n\nTeam.', 'extends: root'),
      '_root.md': base('Root.'),
    });
    expect(said(result)).toEqual([]);
    expect(bodyOf(result)).toBe('You help.\n\n## Rules\n\nRoot.\n\nTeam.\n\nEngineer.\n');
  });

  it("is no circle when a folder's base extends a file of that folder", () => {
    const files = { '_base.md': '---\nextends: lead\n---\n', 'lead.md': agent('color: red', 'You lead.\n', 'lead'), 'a.md': agent() };
    const result = run(files);
    expect(said(result)).toEqual([]);
    expect(result.files.map(({ content }) => /color: (\w+)/.exec(content)?.[1])).toEqual(['red', 'red']);
    expect(said(run({ ...files, 'b.md': agent('extends: lead', 'You help.\n', 'b') }))).toEqual([]);
  });

  it.each([
    ['hidden characters', '## Rules\n\nBe\u200b kind.\n', ['hidden-unicode _base.md:3:3']],
    ['bytes that are not UTF-8', Buffer.from('## Rules\n\ncaf\xe9\n', 'latin1'), ['source-not-utf8 _base.md:3:4']],
    ['front matter that is not closed', '---\ncolor: red\n', ['front-matter-unclosed _base.md:1:1']],
    ['a directive that is not closed', '<!-- @only codex -->\n', ['directive-unbalanced _base.md:1:1']],
    ['a fragment that is not there', '## Rules\n\n<!-- @fragment nothing -->\n', ['fragment-not-found _base.md:3:16']],
    ['a variant that is not one', '---\nvariants: { X: {} }\n---\n', ['variant-invalid _base.md:2:13']],
    ['a value that cannot be read', '---\ntools: 5\n---\n', ['tools-invalid _base.md:2:8']],
  ] as const)('a base with %s: the error is there, once, and no agent is built', (_, base, errors) => {
    const result = run({ 'a.md': agent(), 'b.md': agent('', 'You help.\n', 'b'), '_base.md': base });
    const [first] = said(result);
    expect(said(result)).toHaveLength(1);
    expect(first?.replace(/:\d+:\d+$/, '')).toBe(errors[0].replace(/:\d+:\d+$/, ''));
    expect(result.files).toEqual([]);
    expect(result.failed).toEqual(['a.md', 'b.md']);
  });

  it('does not hurt agents that have nothing to do with a bad base', () => {
    const result = run({ 'a.md': agent('extends: []'), 'b.md': agent('', 'You help.\n', 'b'), '_base.md': '---\ntools: 5\n---\n' });
    expect(outputs(result)).toEqual(['.claude/agents/a.md']);
  });

  it('never inherits a name, and inherits a description', () => {
    const result = run({ 'a.md': '---\nname: a\n---\nYou help.\n', '_base.md': '---\nname: base\ndescription: All of them.\n---\n' });
    expect(result.files[0]?.content).toBe('---\nname: a\ndescription: All of them.\n---\nYou help.\n');
    expect(said(run({ 'a.md': '---\ndescription: D.\n---\n', '_base.md': '---\nname: base\n---\n' }))).toEqual(['name-missing a.md:1:1']);
  });

  it('keeps a key of one assistant apart from keys of the same name in a map', () => {
    const base = '---\nmcpServers: { steps: { command: x }, tools: { command: t } }\n---\n';
    const result = run({ 'a.md': agent('mcpServers: { max_turns: { command: y }, tools: null }'), '_base.md': base });
    const { content = '' } = result.files[0] ?? {};
    expect([/steps:/.test(content), /max_turns:/.test(content), /tools:/.test(content)]).toEqual([true, true, false]);
  });

  it('puts a key once where the base spells it twice', () => {
    const result = run({ 'a.md': agent('maxTurns: 5'), '_base.md': '---\nmax_turns: 20\nsteps: 30\n---\n' });
    expect(said(result, true)).toEqual([]);
    expect(result.files[0]?.content).toBe(agent('maxTurns: 5'));
  });

  it('points at the file of an inherited value, with its line', () => {
    const result = run({ 'a.md': agent(), '_base.md': '---\neffort: tremendous\ncolor: 5\n---\n' });
    expect(said(result, true)).toEqual(expect.arrayContaining(['value-invalid _base.md:2:9']));
    expect(formatPretty(result.diagnostics, { color: false, width: 100, verbose: true })).toContain(
      '2 | effort: tremendous\n  |         ^^^^^^^^^^',
    );
  });

  it('leaves an agent alone when a loss of what it inherits is made an error', () => {
    const files = { 'a.md': agent(), 'b.md': agent('', 'You help.\n', 'b'), '_base.md': '---\ncolor: red\n---\n' };
    const result = run(files, { rules: { 'field-dropped': 'error' } }, [claudeCode, codex]);
    expect(result.files).toEqual([]);
    expect(result.failed).toEqual(['a.md', 'b.md']);
  });
});

describe('a block for some targets in the value of a parameter', () => {
  it.each([[['claude-code', 'codex']], [['codex', 'claude-code']]])('is for those targets only (%s)', (order) => {
    const files = {
      'fragments/f.md': '---\nparams: [extra]\n---\n## F\n\n- all\n\n{{extra}}\n',
      'a.md': agent('fragments:\n  - use: f\n    with: { extra: "<!-- @only codex -->\\n\\nFor Codex.\\n\\n<!-- @end -->" }'),
    };
    const targets = order.map((name) => (name === 'codex' ? codex : claudeCode));
    const said = new Map(run(files, {}, targets).files.map(({ target, content }) => [target, content.includes('For Codex.')]));
    expect(said).toEqual(new Map(order.map((name) => [name, name === 'codex'])));
  });
});

describe('a fragment that two others bring along', () => {
  it.each([['p, q'], ['q, p']])('has what only one of them omits (%s)', (order) => {
    const files = {
      'fragments/p.md': '---\nfragments: [{ use: r, omit: [r2, r3] }]\n---\n## P\n\n- p\n',
      'fragments/q.md': '---\nfragments: [{ use: r, omit: [r3] }]\n---\n## Q\n\n- q\n',
      'fragments/r.md': '## R\n\n- r1\n- r2\n- r3\n',
      'a.md': agent(`fragments: [${order}]`),
    };
    expect(bodyOf(run(files))).toContain('## R\n\n- r1\n- r2\n\n## ');
    expect(bodyOf(run(files))).not.toContain('r3');
  });
});

describe('@super', () => {
  it('at the end of a section comes before what follows the text of the section', () => {
    const files = {
      '_b.md': '## Work\n\n1. Read.\n\n### Details\n\nMany.\n',
      'fragments/f.md': 'Loose.\n',
      'a.md': agent(
        'extends: b\nfragments: [{ use: f, under: Work }]',
        '## Work\n\nThink first.\n\n<!-- @super -->\n\n## Report\n\nSay it.\n',
      ),
    };
    const expected = '## Work\n\nThink first.\n\n1. Read.\n\nLoose.\n\n### Details\n\nMany.\n\n## Report\n\nSay it.\n';
    expect(bodyOf(run(files))).toBe(expected);
  });

  const BASE = '## Rules\n\n- Be kind.\n\n## Tests\n\nTest.\n';

  it.each([
    ['twice in a section', '## Rules\n\n<!-- @super -->\n\n- Mine.\n\n<!-- @super -->\n', ['super-repeated a.md:11:1']],
    ['in a section that the base does not have', '## Mine\n\n<!-- @super -->\n', ['super-without-base a.md:7:1']],
    ['with something behind it', '## Rules\n\n<!-- @super rules -->\n', ['directive-invalid a.md:7:1']],
    ['in a list', '## Rules\n\n- x\n  <!-- @super -->\n', ['directive-misplaced a.md:8:3']],
  ])('%s is an error', (_, body, errors) => {
    const result = run({ 'a.md': agent('', body), '_base.md': BASE });
    expect(said(result)).toEqual(errors);
    expect(result.files).toEqual([]);
  });

  it('in a block counts where the block does', () => {
    const body =
      '## Rules\n\n<!-- @only codex -->\n<!-- @super -->\n<!-- @end -->\n\n<!-- @except codex -->\n\n- Mine.\n\n<!-- @super -->\n<!-- @end -->\n';
    const result = run({ 'a.md': agent('', body), '_base.md': BASE }, {}, [claudeCode, codex]);
    expect(said(result)).toEqual([]);
    expect(bodyOf(result)).toBe('## Rules\n\n- Mine.\n- Be kind.\n\n## Tests\n\nTest.\n');
    expect(result.files[1]?.content).toContain("'''\n## Rules\n\n- Be kind.\n\n## Tests\n\nTest.\n'''");
  });

  it('is no error in a block that no target gets', () => {
    const body = 'You help.\n\n<!-- @only codex -->\n<!-- @super -->\n<!-- @end -->\n';
    expect(said(run({ 'a.md': agent('extends: []', body) }))).toEqual([]);
  });
});

describe('variants', () => {
  it.each([
    ['variants: []', 'structure-invalid a.md:4:11'],
    ['variants: concise', 'structure-invalid a.md:4:11'],
    ['variants: { concise: 3 }', 'structure-invalid a.md:4:22'],
    ['variants: { concise: [x] }', 'structure-invalid a.md:4:22'],
    ['variants: { default: { color: red } }', 'structure-invalid a.md:4:22'],
    ['variants: { x: { extends: y } }', 'structure-invalid a.md:4:18'],
    ['variants: { x: { variants: {} } }', 'structure-invalid a.md:4:18'],
    ['variants: { claude-code: {} }', 'variant-invalid a.md:4:13'],
    ['variants: { ../x: {} }', 'variant-invalid a.md:4:13'],
    ['variants: { "": {} }', 'variant-invalid a.md:4:13'],
    ['variants: { __proto__: { color: red } }', 'variant-invalid a.md:4:13'],
    ['variants: { x: { tools: 5 } }', 'tools-invalid a.md:4:25'],
    ['variants: { x: { name: ../y } }', 'name-invalid a.md:4:24'],
    ['variants: { x: { description: } }', 'description-missing a.md:1:1'],
    ['variants: { x: { fragments: [none] } }', 'fragment-not-found a.md:4:30'],
  ])('%s is an error at its place, and stops the agent in all variants', (header, error) => {
    const result = run({ 'a.md': agent(header) });
    expect(said(result)).toEqual([error]);
    expect(result.files).toEqual([]);
    expect(isClean(result)).toBe(true);
  });

  it('may be called like a word of JavaScript', () => {
    const result = run({ 'a.md': agent('variants: { constructor: { color: red }, valueof: }') });
    expect(outputs(result)).toEqual(['.claude/agents/a.md', 'constructor/.claude/agents/a.md', 'valueof/.claude/agents/a.md']);
    expect(isClean(result)).toBe(true);
  });

  it('may differ in name and targets, and two agents of one name are told apart by variant', () => {
    const files = {
      'a.md': agent('variants: { x: { name: b, targets: [codex] } }'),
      'b.md': agent('variants: { x: { name: c } }', 'You help.\n', 'b'),
    };
    expect(outputs(run(files, {}, [claudeCode, codex]))).toEqual([
      ...['.claude/agents/a.md', '.codex/agents/a.toml', 'x/.codex/agents/b.toml', '.claude/agents/b.md', '.codex/agents/b.toml'],
      ...['x/.claude/agents/c.md', 'x/.codex/agents/c.toml'],
    ]);
    const clash = run({ ...files, 'b.md': agent('variants: { x: }', 'You help.\n', 'b') });
    expect(said(clash)).toEqual(['name-duplicate a.md:4:24', 'name-duplicate b.md:2:7']);
  });

  it('of the config have no place in a source: a message names the config, without a line', () => {
    const result = run({ 'a.md': agent() }, { variants: { x: { tools: 5 } } });
    expect(said(result)).toEqual(['tools-invalid build.config']);
    expect(result.files).toEqual([]);
    expect(formatPretty(result.diagnostics, { color: false, width: 100, verbose: true })).not.toContain('|');
  });

  it('of the config and of an agent are one, and what both deny is denied', () => {
    const header = 'variants: { x: { disallowedTools: Bash }, y: { disallowedTools: [] } }';
    const options: CompileOptions = { variants: { x: { disallowedTools: 'WebFetch' }, y: { disallowedTools: 'WebFetch' } } };
    const result = run({ 'a.md': agent(header) }, options);
    const denied = result.files.map(({ content }) => /disallowedTools: (.*)/.exec(content)?.[1]);
    expect(denied).toEqual([undefined, 'Bash, WebFetch', 'WebFetch']);
  });

  it('add their fragments to those of the agent, or take them out', () => {
    const fragments = { 'fragments/f.md': '## F\n\nF.\n', 'fragments/g.md': '## G\n\nG.\n' };
    const result = run({ 'a.md': agent('fragments: [f]\nvariants: { x: { fragments: g }, y: { fragments: } }'), ...fragments });
    expect(result.files.map((_, index) => bodyOf(result, index).match(/## ./g)?.join() ?? '')).toEqual(['## F', '## F,## G', '']);
  });

  it('that are not asked for are not built, but known to `@variant`', () => {
    const files = { 'a.md': agent('variants: { x: , y: }', 'You help.\n\n<!-- @variant y -->\n\nMore.\n\n<!-- @end -->\n') };
    expect(outputs(run(files, { onlyVariants: ['x', 'default'] }))).toEqual(['.claude/agents/a.md', 'x/.claude/agents/a.md']);
    expect(run(files, { onlyVariants: ['x'] }).variants).toEqual(['default', 'x', 'y']);
  });

  it('in a base or a fragment may be those of agents that are not compiled for now', () => {
    const files = {
      'a.md': agent('fragments: [f]'),
      '_base.md': '<!-- @variant x -->\nX.\n<!-- @end -->\n',
      'fragments/f.md': '## F\n\n<!-- @variant x -->\nX.\n<!-- @end -->\n',
    };
    expect(said(run(files))).toEqual(['variant-unknown _base.md:1:15', 'variant-unknown fragments/f.md:3:15']);
    expect(said(run(files, { partial: true }))).toEqual([]);
  });

  it('get the fragments that a base of a base places for them', () => {
    const result = run({
      'a.md': agent('extends: one\nvariants: { x: }'),
      '_one.md': '---\nextends: two\n---\n',
      '_two.md': '## Rules\n\n<!-- @fragment f -->\n',
      'fragments/f.md': 'All.\n\n<!-- @variant x -->\n\nX.\n\n<!-- @end -->\n',
    });
    expect(said(result)).toEqual([]);
    expect([bodyOf(result), bodyOf(result, 1)]).toEqual(['You help.\n\n## Rules\n\nAll.\n', 'You help.\n\n## Rules\n\nAll.\n\nX.\n']);
  });

  it('fifty of them over thirty bases take their time, and no more', () => {
    const bases = Array.from({ length: 30 }, (_, n) => [
      `_b${n}.md`,
      `---\n${n < 29 ? `extends: b${n + 1}\n` : ''}k${n}: ${n}\n---\n## Section ${n}\n\n- Item ${n}\n\n## All\n\n${n < 29 ? '<!-- @super -->\n\n' : ''}- From ${n}\n`,
    ]);
    const variants = Array.from({ length: 50 }, (_, n) => `  v${n}: { color: red, k${n % 30}: x }`).join('\n');
    const started = performance.now();
    const result = run({ 'a.md': agent(`extends: b0\nvariants:\n${variants}`), ...Object.fromEntries(bases) });
    expect(said(result)).toEqual([]);
    expect(result.files).toHaveLength(51);
    expect(bodyOf(result, 50).match(/From/g)).toHaveLength(30);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('a key that JavaScript has its own of', () => {
  it.each([
    'fragments: [{ use: f, with: { __proto__: x } }]',
    'fragments: [{ use: f, with: { constructor: x } }]',
    'fragments: [{ use: f, __proto__: x }]',
    'targets: { codex: { __proto__: { a: 1 } } }',
    'variants: { x: { __proto__: { a: 1 }, constructor: 1 } }',
    '__proto__: { a: 1 }',
    'mcpServers: { __proto__: { command: x } }',
  ])('%s over one of a base', (header) => {
    const result = run({
      'a.md': agent(header),
      '_base.md': `---\n${header}\n---\n`,
      'fragments/f.md': '---\nparams: { p: 1 }\n---\n## F\n\n{{p}}\n',
    });
    expect(isClean(result)).toBe(true);
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });

  it('is a parameter like any other', () => {
    const fragment = '---\nparams: { constructor: }\n---\n## F\n\n{{constructor}}\n';
    expect(said(run({ 'a.md': agent('fragments: [f]'), 'fragments/f.md': fragment }))).toEqual(['parameter-missing a.md:4:13']);
    const result = run({ 'a.md': agent('fragments: [{ use: f, with: { constructor: mine } }]'), 'fragments/f.md': fragment });
    expect(bodyOf(result)).toBe('You help.\n\n## F\n\nmine\n');
  });
});

describe('a fragment with parameters', () => {
  const use = (text: string, values: string, params = '{ a: 1 }'): Compilation =>
    run({ 'a.md': agent(`fragments: [{ use: f, with: ${values} }]`), 'fragments/f.md': `---\nparams: ${params}\n---\n## F\n\n${text}\n` });
  const body = (result: Compilation): string => bodyOf(result).replace('You help.\n\n## F\n\n', '').trim();

  it.each([
    ['{{constructor}}', 'parameter-undeclared'],
    ['{{__proto__}}', 'parameter-undeclared'],
    ['{{a.__proto__}}', 'parameters-invalid'],
    ['{{a.constructor}}', 'parameters-invalid'],
    ['{{a.constructor.constructor}}', 'parameters-invalid'],
    ['{{log a}}', 'parameters-invalid'],
    ['{{> x}}', 'parameters-invalid'],
    ['{{#> x}}y{{/x}}', 'parameters-invalid'],
    ['{{#*inline "x"}}y{{/inline}}', 'parameters-invalid'],
    ['{{helperMissing a}}', 'parameters-invalid'],
    ['{{if}}', 'parameter-undeclared'],
    ['{{#if a a}}x{{/if}}', 'parameters-invalid'],
    ['{{#if a}}x', 'parameters-invalid'],
    ['{{#if a}}x{{/each}}', 'parameters-invalid'],
    ['{{/if}}', 'parameters-invalid'],
    ['{{a', 'parameters-invalid'],
    ['{{{a}}', 'parameters-invalid'],
    ['{{}}', 'parameters-invalid'],
    ['{{a.b}}', 'parameters-invalid'],
    ['{{#each a}}{{x}}{{/each}}', 'parameters-invalid'],
  ])('%s is refused at its line', (text, code) => {
    const result = use(text, '{ a: [{ b: 1 }] }');
    expect(said(result).map((one) => one.replace(/:\d+$/, ''))).toEqual([`${code} fragments/f.md:6`]);
    expect(result.files).toEqual([]);
    expect(isClean(result)).toBe(true);
  });

  it.each([
    '{{lookup a "toString"}}',
    '{{lookup a "constructor"}}',
    '{{lookup a "__proto__"}}',
    '{{lookup a a.b}}',
    '{{lookup a.b "toString"}}',
    '{{#with a}}{{lookup this "toString"}}{{/with}}',
    '{{#if (lookup a "toString")}}x{{/if}}',
    '{{@root}}',
    '{{@root.a}}',
    '{{lookup @root "a"}}',
    '{{{a}}}',
    '{{"a"}}',
    '{{a.c}}',
  ])('%s prints nothing of JavaScript: it is refused at its line', (text) => {
    const result = use(text, '{ a: { b: valueOf, c: [1, { d: 2 }] } }');
    expect(said(result).map((one) => one.replace(/:\d+$/, ''))).toEqual(['parameters-invalid fragments/f.md:6']);
    expect(result.files).toEqual([]);
    expect(isClean(result)).toBe(true);
  });

  it('prints no map where texts are compared with one', () => {
    expect(body(use('{{#with a}}{{#each c}}{{this}}{{../b}}{{/each}}{{/with}}', '{ a: { b: x, c: [1, 2] } }'))).toBe('1x2x');
  });

  it('looks up what is there', () => {
    expect(body(use('{{lookup a "b"}}{{lookup a "none"}}{{lookup (lookup a "c") 1}}', '{ a: { b: x, c: [1, 2] } }'))).toBe('x2');
  });

  it.each([
    ['text', '"x"', 'x'],
    ['a number', '1.50', '1.5'],
    ['nothing said as text', '""', ''],
    ['true', 'true', 'true'],
    ['false', 'false', 'false'],
    ['zero', '0', '0'],
    ['a list', '[x, y]', 'x,y'],
    ['a date', '2024-01-02', '2024-01-02'],
    ['braces', '"{{a}} {{#if}}"', '{{a}} {{#if}}'],
    ['HTML', '"<b>&\\"</b>"', '<b>&"</b>'],
  ])('is filled with %s', (_, value, text) => {
    expect(body(use('<{{a}}>', `{ a: ${value} }`))).toBe(`<${text}>`);
  });

  it('is not filled with a map, which would be no text', () => {
    const result = use('<{{a}}>', '{ a: { b: 1 } }');
    expect(said(result).map((one) => one.replace(/:\d+$/, ''))).toEqual(['parameters-invalid fragments/f.md:6']);
    expect(isClean(result)).toBe(true);
  });

  it('is not filled with nothing', () => {
    expect(said(use('{{a}}', '{ a: }', '{ a: }'))).toEqual(['parameter-missing a.md:4:20']);
  });

  it('refuses a value that parts pieces', () => {
    expect(said(use('{{a}}', '{ a: "x\\0y" }'))[0]).toContain('parameters-invalid');
  });

  it('knows where each item of a list comes from', () => {
    const result = use('{{#each a}}\n- {{this}} of {{b}}{{../b}}\n{{/each}}', '{ a: [x, y], b: z }', '{ a: , b: }');
    expect(said(result)).toEqual(['parameters-invalid fragments/f.md:7:1']);
    const sound = use('{{#each a}}\n- {{this}} of {{../b}}\n{{/each}}', '{ a: [x, y], b: z }', '{ a: , b: }');
    expect(body(sound)).toBe('- x of z\n- y of z');
    const values = sound.files[0]?.pieces.filter(({ origin }) => origin.kind === 'parameter') ?? [];
    expect(values.map(({ text, origin }) => `${text} ${origin.path} ${origin.parameter}`)).toEqual([
      'x a.md a',
      'z a.md b',
      'y a.md a',
      'z a.md b',
    ]);
  });

  it('has its line ends made those of the agent', () => {
    const files = {
      'a.md': agent('fragments: [f]').replaceAll('\n', '\r\n'),
      'fragments/f.md': '---\nparams: { a: "x\\ny" }\n---\n## F\n\n- {{a}}\n- z\n',
    };
    expect(
      bodyOf({ ...run(files), files: run(files).files.map((file) => ({ ...file, content: file.content.replaceAll('\r\n', '\n') })) }),
    ).toContain('- x');
    expect(run(files).files[0]?.content).not.toMatch(/(?<!\r)\n/);
  });

  it('is placed by a directive with the values of front matter, which is no second use', () => {
    const result = run({
      'a.md': agent('fragments: [{ use: f, with: { a: 2 }, omit: [gone] }]', 'You help.\n\n<!-- @fragment f -->\n'),
      'fragments/f.md': '---\nparams: { a: }\n---\nOne of {{a}}.\n\nGone.\n',
    });
    expect(said(result, true)).toEqual([]);
    expect(bodyOf(result)).toBe('You help.\n\nOne of 2.\n');
  });
});

describe('policies over each other', () => {
  const granted = (header: string, base: string, target = 'json'): unknown => {
    const result = run({ 'a.md': agent(header), '_base.md': `---\n${base}\n---\n` }, {}, [claudeCode, codex, json]);
    expect(said(result)).toEqual([]);
    const { tools, overrides } = JSON.parse(result.files.find((file) => file.target === 'json')?.content ?? '{}');
    const policy = target === 'json' ? tools : overrides[target].fields.tools;
    const words = (refs: readonly { name: string; pattern?: string }[]): string =>
      refs.map(({ name, pattern }) => (pattern ? `${name}(${pattern})` : name)).join(' ');
    return `${policy.allow === 'all' ? '*' : words(policy.allow)}${policy.deny.length > 0 ? ` - ${words(policy.deny)}` : ''}`;
  };

  it.each([
    ['', 'tools: Read, Grep', 'read grep'],
    ['disallowedTools: Grep', 'tools: Read, Grep', 'read grep - grep'],
    ['disallowedTools: Grep', 'disallowedTools: Bash', '* - grep shell'],
    ['tools: Bash', 'disallowedTools: Bash', 'shell'],
    ['tools: Bash(git *)', 'disallowedTools: Bash', 'shell(git *)'],
    ['tools: Bash', 'disallowedTools: Bash(rm *)', 'shell - shell(rm *)'],
    ['tools: { write: false }', 'tools: Read, Write', 'read write - write'],
    ['tools: { grep: true }', 'tools: Read', 'read grep'],
    ['tools: { "*": false, grep: true }', 'tools: Read', 'grep'],
    ['tools: { "*": true, write: false }', 'tools: Read', '* - write'],
    ['tools:', 'tools: Read', ''],
    ['tools: "*"', 'tools: Read\ndisallowedTools: Bash', '* - shell'],
    ['permission: { bash: { "*": deny, "git *": allow } }', 'tools: Read', 'read shell(git *)'],
    ['permission: allow', 'tools: Read', '*'],
    ['permission: { "*": deny, read: allow }', 'tools: Bash', 'read'],
    ['readonly: false', 'readonly: true', '* - write edit notebook shell'],
    ['disallowedTools: Grep', 'disallowedTools: Bash\nexcludedTools: Write', '* - grep shell write'],
  ])('%s over %s', (own, base, policy) => {
    expect(granted(own, base)).toBe(policy);
  });

  it.each([
    [
      'disallowedTools: Grep\ntargets: { codex: { readonly: true } }',
      'disallowedTools: WebFetch',
      '* - grep write edit notebook shell web-fetch',
    ],
    ['tools: Read', 'targets: { codex: { tools: [Read, Bash] } }', 'read'],
    ['disallowedTools: Bash', 'tools: Read, Bash\ntargets: { codex: { tools: [Read, Bash, Edit] } }', 'read shell edit - shell'],
    ['targets: { codex: { tools: [Bash] } }', 'tools: Read\ntargets: { codex: { disallowedTools: Write } }', 'shell - write'],
  ])('for one target: %s over %s', (own, base, policy) => {
    expect(granted(own, base, 'codex')).toBe(policy);
  });

  it('a variant that only reads does so in every target', () => {
    const result = run({
      'a.md': agent('tools: Read\ntargets: { claude-code: { tools: [Read, Bash] } }\nvariants: { x: { tools: [Read] } }'),
    });
    expect(result.files.map(({ content }) => /^tools: (.*)/m.exec(content)?.[1])).toEqual(['Read, Bash', 'Read']);
  });

  it('what a base asks about is asked about', () => {
    const result = run({ 'a.md': agent('tools: Bash, Read'), '_base.md': '---\npermission: { bash: ask, edit: ask }\n---\n' }, {}, [json]);
    expect(JSON.parse(result.files[0]?.content ?? '{}').tools.ask.map(({ name }: { name: string }) => name)).toEqual(['shell']);
  });
});

describe('no plain build and no variant either', () => {
  const nothing = 'variants: { default: false, short: false }';

  it('is an error where it is said', () => {
    expect(said(run({ 'a.md': agent(nothing) }))).toEqual(['structure-invalid a.md:4:22']);
    expect(said(run({ 'a.md': agent(), '_base.md': `---\n${nothing}\n---\n` }))).toEqual(['structure-invalid _base.md:2:22']);
    expect(said(run({ 'a.md': agent() }, { variants: { default: false } }))).toEqual(['structure-invalid a.md:1:1']);
  });

  it('is none where the agent or the config has a variant', () => {
    expect(said(run({ 'a.md': agent(nothing) }, { variants: { long: {} } }))).toEqual([]);
    expect(said(run({ 'a.md': agent('variants: { long: {} }') }, { variants: { default: false } }))).toEqual([]);
  });
});

describe('what the papers say of fragments', () => {
  const limits = '---\nparams: { days: 2, list: [a, b] }\n---\n## Limits\n\n- In {{days}} days: {{list}}.\n';
  const outer = (days: number): string => `---\nfragments: [{ use: limits, with: { days: ${days} } }]\n---\n## Outer ${days}\n\n- Out.\n`;
  const fragments = { 'fragments/limits.md': limits, 'fragments/one.md': outer(1), 'fragments/three.md': outer(3) };

  it("an agent's own entry wins over what fragments bring along, without a word and with its values", () => {
    const result = run({ ...fragments, 'a.md': agent('fragments: [one, three, { use: limits, with: { days: 9, list: [x, y] } }]') });
    expect(said(result, true)).toEqual([]);
    expect(bodyOf(result)).toContain('- In 9 days: x,y.');
    expect(bodyOf(result)).not.toMatch(/In [123] days/);
  });

  it('two that bring one along with other values are an error', () => {
    expect(said(run({ ...fragments, 'a.md': agent('fragments: [one, three]') }))).toEqual(['fragment-conflict fragments/three.md:2:20']);
  });

  it('rules and empty comments go with a section that is appended, and not into one that is there', () => {
    const text = '> **Ask** first\n\n---\n\n<!-- -->\n\n<!-- note -->\n';
    const both = { 'fragments/f.md': `## A\n\n${text}\n## B\n\n${text}` };
    const result = run({ ...both, 'a.md': agent('fragments: [f]', '## A\n\n> Ask first.\n') });
    expect(bodyOf(result)).toBe(`## A\n\n> Ask first.\n\n<!-- note -->\n\n## B\n\n${text}`);
  });
});

describe('what a base asks about', () => {
  const read = (header: string, base: string): Compilation =>
    run({ 'a.md': agent(header), '_base.md': `---\n${base}\n---\n` }, {}, [opencode, json]);
  const asked = (result: Compilation): string =>
    (JSON.parse(result.files.find(({ target }) => target === 'json')?.content ?? '{}').tools.ask ?? [])
      .map(({ name, pattern }: { name: string; pattern?: string }) => (pattern ? `${name}(${pattern})` : name))
      .join(' ');

  it.each([
    ['permission: { webfetch: ask }', 'permission: { bash: ask }', 'web-fetch shell'],
    ['permission: { bash: allow }', 'permission: { bash: ask, webfetch: ask }', 'web-fetch'],
    ['permission: { bash: { "git *": allow } }', 'permission: { bash: ask }', 'shell'],
    ['permission: { bash: { "git *": allow } }', 'permission: { bash: { "git *": ask, "make *": ask } }', 'shell(make *)'],
    ['permission: allow', 'permission: { bash: ask }', ''],
    ['permission: { "*": deny, bash: ask }', 'permission: { webfetch: ask }', 'shell'],
    ['tools: Bash', 'permission: { bash: ask, webfetch: ask }', 'shell'],
  ])('%s over %s: %s', (own, base, expected) => {
    expect(asked(read(own, base))).toBe(expected);
  });

  it('is in the file of an assistant that can ask', () => {
    const { files } = read('permission: { webfetch: ask }', 'permission: { bash: ask }');
    expect(files[0]?.content).toMatch(/^ {2}bash: ask$/m);
    expect(files[0]?.content).toMatch(/^ {2}webfetch: ask$/m);
  });

  it.each([
    ['permission: { bash: allow }', ['tools-beyond-base: bash without asking']],
    ['permission: { "*": allow, bash: deny }', []],
    ['permission: { webfetch: ask }', []],
    ['disallowedTools: Bash', []],
  ])('is told when %s asks no more', (own, told) => {
    const { diagnostics } = read(own, 'permission: { bash: ask }');
    const found = diagnostics.filter(({ code }) => code === 'tools-beyond-base');
    expect(found.map(({ code, data }) => `${code}: ${(data.tools as string[]).join(' ')}`)).toEqual(told);
  });
});

describe('fragments that a list replaces', () => {
  const fragments = { 'fragments/f.md': 'One.\n', 'fragments/g.md': 'Two.\n' };
  it.each([
    ['<!-- @fragment f -->', []],
    ['<!--@fragment f-->', []],
    ['<!-- @FRAGMENT   f -->', []],
    ['```md\n<!-- @fragment f -->\n```', ['fragments-replaced']],
    ['<!-- @fragment g -->', ['fragments-replaced']],
  ])('are lost when the base has no place for them: %s', (text, expected) => {
    const base = `---\nfragments: [f]\n---\n## Rules\n\n${text}\n`;
    const { diagnostics } = run({ 'a.md': agent('fragments: [g]'), '_base.md': base, ...fragments });
    expect(diagnostics.map(({ code }) => code).filter((code) => code === 'fragments-replaced')).toEqual(expected);
  });
});

describe('what goes beyond another file', () => {
  const told = (header: string, base: string, options: CompileOptions = {}): string[] =>
    run({ 'a.md': agent(header), '_base.md': `---\n${base}\n---\n` }, options)
      .diagnostics.filter(({ code }) => code === 'tools-beyond-base')
      .map(({ data }) => `${(data.tools as string[]).join(' ')} of ${data.base}`);
  const base = 'tools: [Read, Grep]\ndisallowedTools: Bash';

  it.each([
    ['tools: Read\nvariants: { x: { tools: "*" } }', ['every tool of _base.md']],
    ['tools: Read\nvariants: { x: { tools: [Read, Bash] } }', ['Bash of _base.md']],
    ['disallowedTools: Grep\nvariants: { x: { tools: [WebFetch] } }', ['WebFetch of _base.md']],
    ['tools: Read\nvariants: { x: { tools: [Grep] } }', []],
  ])('is told of a variant: %s', (header, expected) => {
    expect(told(header, base)).toEqual(expected);
  });

  it('is told of a variant of the config, which is another file than the agent', () => {
    expect(told('tools: Read', 'color: red', { variants: { x: { tools: ['Bash'] } } })).toEqual(['Bash of a.md']);
  });

  it('is not told of what an agent says of itself', () => {
    expect(told('tools: Read\nvariants: { x: { tools: "*" } }', 'color: red')).toEqual([]);
  });
});

describe('targets over each other', () => {
  const three: readonly Target[] = [claudeCode, codex, cursor];
  const limits = 'targets: { cursor: { readonly: true }, claude-code: { tools: [Read] } }';
  /** What is built, with the tools of Claude Code and the switch of Cursor. */
  const built = (header: string, base: string, variant?: string): string[] =>
    run({ 'a.md': agent(header), '_base.md': `---\n${base}\n---\n` }, {}, three)
      .files.filter((file) => file.variant === variant)
      .map(({ target, content }) => [target, /^(?:tools|readonly): .*/m.exec(content)?.[0] ?? '*'].join(' '));

  it.each([
    ['targets: [claude-code, cursor]', limits, ['claude-code tools: Read', 'cursor readonly: true']],
    ['targets: claude-code', limits, ['claude-code tools: Read']],
    ['targets: "*"', limits, ['claude-code tools: Read', 'codex *', 'cursor readonly: true']],
    ['targets: { claude-code: true, codex: false }', limits, ['claude-code tools: Read', 'cursor readonly: true']],
    ['targets: { claude-code: { color: red } }', limits, ['claude-code tools: Read', 'codex *', 'cursor readonly: true']],
    ['targets: { claude-code: }', limits, ['claude-code *', 'codex *', 'cursor readonly: true']],
    ['targets:', limits, ['claude-code *', 'codex *', 'cursor *']],
    ['targets: { codex: false }', 'targets: [claude-code]', ['claude-code *']],
    ['targets: { cursor: { readonly: true } }', 'targets: [claude-code, cursor]', ['claude-code *', 'cursor readonly: true']],
    ['targets: { claude-code: false }', 'targets: [claude-code, codex]', ['codex *']],
    ['targets: [codex]', 'targets: { codex: false }', ['codex *']],
    ['targets: { codex: true }', 'targets: { codex: false }', ['claude-code *', 'codex *', 'cursor *']],
  ])('%s over %s', (header, base, expected) => {
    expect(built(header, base)).toEqual(expected);
    expect(built(`variants: { x: { ${header} } }`, base, 'x')).toEqual(expected);
  });

  it('what a variant leaves out and the next brings back has its limits', () => {
    expect(built('targets: { cursor: false }\nvariants: { x: { targets: [cursor] } }', limits, 'x')).toEqual(['cursor readonly: true']);
  });

  it('a variant that a nearer file only calls for keeps what it is', () => {
    expect(built('variants: { x: true }', `variants: { x: { ${limits} } }`, 'x')).toEqual([
      'claude-code tools: Read',
      'codex *',
      'cursor readonly: true',
    ]);
    expect(built('variants: { x: true }', 'variants: { x: { tools: [Read] } }', 'x')[0]).toBe('claude-code tools: Read');
  });
});
