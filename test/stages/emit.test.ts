import { describe, expect, test } from 'vitest';
import { type Compilation, compile } from '../../src/compile.js';
import { createComposedText, createSourceText } from '../../src/diagnostics/source-text.js';
import { compileTemplate } from '../../src/stages/emit/compile-template.js';
import { TARGETS as ALL_TARGETS } from '../../src/targets/index.js';
import { SIX } from '../read-sample.js';

const TARGETS = ALL_TARGETS.filter(({ name }) => SIX.includes(name));

const agent = (more: string, body = 'Do the work.\n'): string => `---\nname: agent\ndescription: Does it.\n${more}---\n${body}`;

function build(source: string, templates: { readonly [target: string]: string } = {}): Compilation {
  const compiled = Object.fromEntries(Object.entries(templates).map(([target, text]) => [target, compileTemplate(text)]));
  return compile({ agents: [{ path: 'a.md', content: source }] }, TARGETS, { templates: compiled });
}

const fileOf = (result: Compilation, target: string): string | undefined => result.files.find((file) => file.target === target)?.content;
const errorsOf = (result: Compilation): string[] =>
  result.diagnostics.filter(({ severity }) => severity === 'error').map(({ reason }) => reason);

const HEADER = '---\n{{#each header}}\n{{this}}\n{{/each}}\n';

describe('a template of the project', () => {
  test.each([
    ['adds a key that the loader refuses', 'gemini-cli', `${HEADER}color: red\n---\n{{body~}}\n`, '`color` is added'],
    [
      'adds tools',
      'copilot',
      '---\n{{#each header}}\n{{this}}\n{{/each}}\nmodel-policy: required\n---\n{{body~}}\n',
      '`model-policy` is added',
    ],
    ['loses the header', 'copilot', '---\nname: agent\n---\n{{body~}}\n', '`description` is missing'],
    ['changes a value', 'copilot', `---\nname: b\ndescription: Does it.\ntools: [read]\n---\n{{body~}}\n`, '`name` is another value'],
    ['loses the prompt', 'copilot', HEADER, 'it must have `{{body}}` once'],
    ['uses a name that is not there', 'copilot', '{{nobody}}{{body}}', 'there is nothing called `nobody`'],
  ])('that %s is refused for that target only', (_, target, template, reason) => {
    const result = build(agent('tools: Read\n'), { [target]: template });
    expect(errorsOf(result)).toEqual([expect.stringContaining(reason)]);
    expect(result.files.map((file) => file.target)).toEqual(TARGETS.map(({ name }) => name).filter((name) => name !== target));
  });

  test('may add a comment, also for an agent with line ends of Windows', () => {
    const result = build(agent('').replaceAll('\n', '\r\n'), {
      copilot: `---\n# from {{agent.source}}\n${HEADER.slice(4)}---\n{{body~}}\n`,
    });
    expect(errorsOf(result)).toEqual([]);
    expect(fileOf(result, 'copilot')).toBe('---\r\n# from a.md\r\nname: agent\r\ndescription: Does it.\r\n---\r\nDo the work.\r\n');
  });
});

test.each([
  ['\n', '\n'],
  ['\n', '\r\n'],
  ['\r\n', '\n'],
  ['\r\n', '\r\n'],
])('of a template with %j an agent with %j keeps its own line ends, and origins are offsets in the file', (theirs, own) => {
  const text = `---\n# by us\n${HEADER.slice(4)}---\n{{body~}}\n`.replaceAll('\n', theirs);
  const result = build(agent('').replaceAll('\n', own), { copilot: text });
  const file = result.files.find(({ target }) => target === 'copilot');
  expect(file?.content).toBe('---\n# by us\nname: agent\ndescription: Does it.\n---\nDo the work.\n'.replaceAll('\n', own));
  const ofTemplate = file?.pieces.filter(({ origin }) => origin.kind === 'template') ?? [];
  for (const { text: there, origin, written } of ofTemplate) expect(text.slice(origin.start, origin.end)).toBe(written ? theirs : there);
  expect(ofTemplate.some(({ written }) => written)).toBe(theirs !== own);
});

test('of a spliced header what stays is what stands there, and what is written anew is for its entry', () => {
  const source = '\ufeff---\nname: a\n# kept\ndescription: >\n  Does --- it.\nfragments: []\nmodel: fast\n---\nDo the work.\n';
  const file = build(source).files.find(({ target }) => target === 'claude-code');
  const stretches = file?.pieces.map(({ text, origin, written }) => [text, source.slice(1).slice(origin.start, origin.end), written]);
  expect(stretches).toEqual([
    ['\ufeff', '', true],
    ['---\nname: a\n# kept\n', '---\nname: a\n# kept\n', undefined],
    ['description: "Does \\x2d-- it."\n', '>\n  Does --- it.\n', true],
    ['model: haiku\n', 'fast', true],
    ['---\n', '---\n', undefined],
    ['Do the work.\n', 'Do the work.\n', undefined],
  ]);
});

test('what was inherited comes from the file it was inherited from', () => {
  const inherited = { kind: 'base', path: '_base.md', start: 3, end: 5 };
  const composed = createComposedText('a.md', [{ text: 'abc', origin: { kind: 'agent', path: 'a.md', start: 0, end: 3 } }]);
  for (const text of [createSourceText('a.md', 'abc'), composed]) {
    expect(text.originOf({ start: 3, end: 5, path: '_base.md' })).toEqual(inherited);
    expect(text.originOf({ start: 1, end: 2, path: 'a.md' })).toMatchObject({ kind: 'agent', path: 'a.md', start: 1, end: 2 });
  }
});

describe('a header that an assistant would refuse', () => {
  test.each([
    ['a server with a number for its command', 'mcpServers:\n  - db: { command: 5, args: x }\n', []],
    ['arguments that are no list', 'mcpServers:\n  - db: { command: x, args: y }\n', ['codex', 'copilot', 'gemini-cli']],
    ['nothing where TOML has no word for it', 'mcpServers:\n  - db: { command: x, args: [~] }\n', ['codex', 'copilot', 'gemini-cli']],
    ['a key of the target that holds the prompt', 'targets: { codex: { developer_instructions: other } }\n', ['codex']],
    ['a key called body', 'targets: { gemini-cli: { body: x }, opencode: { body: x } }\n', ['gemini-cli', 'opencode']],
    ['a key of JavaScript', 'targets: { opencode: { __proto__: x } }\n', ['opencode']],
  ])('is not written: %s', (_, header, without) => {
    const result = build(agent(header));
    expect(result.files.map((file) => file.target)).toEqual(TARGETS.map(({ name }) => name).filter((name) => !without.includes(name)));
    expect(result.diagnostics.filter(({ code }) => code === 'output-invalid').length).toBe(without.length);
  });

  test('a server that nobody can reach is told as missing', () => {
    const result = build(agent('mcpServers:\n  - x: { type: carrier-pigeon, url: y }\n'));
    expect(fileOf(result, 'codex')).not.toContain('mcp_servers');
    expect(result.diagnostics.find(({ code }) => code === 'field-dropped')?.data.targets).toContain('codex');
  });

  test('two servers of one kind make no anchors', () => {
    const result = build(agent('mcpServers:\n  - a: { command: x }\n  - b: { command: y, env: { PORT: 8080 } }\n'));
    expect(fileOf(result, 'copilot')).not.toMatch(/[&*]a1/);
    expect(fileOf(result, 'copilot')).toContain('PORT: "8080"');
  });
});

test('two names that meet in one target are told, and neither is written there', () => {
  const named = (name: string) => ({
    path: `${name}.md`,
    content: agent('targets: { copilot: { name: x } }\n').replace('name: a', `name: ${name}`),
  });
  const result = compile({ agents: [named('a'), named('b')] }, TARGETS);
  expect(result.files.filter((file) => file.target === 'copilot')).toEqual([]);
  expect(result.diagnostics.filter(({ code }) => code === 'output-collision').length).toBe(1);
  expect(result.failed).toEqual(['a.md', 'b.md']);
});

test('a loss that the rules make an error is not built', () => {
  const result = compile({ agents: [{ path: 'a.md', content: agent('tools: Read\n') }] }, TARGETS, { rules: { 'tools-widened': 'error' } });
  expect(result.files).toEqual([]);
  expect(result.failed).toEqual(['a.md']);
});
