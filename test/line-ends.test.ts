/** Line ends of a checkout: Git may write CRLF for LF, in sources, outputs and what lies beside them. That is nobody's edit. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesBelow, writeFiles } from './project-files.js';
import { runMain } from './run-main.js';

let folder = '';
const at = (file: string): string => path.join(folder, file);
const MARKDOWN = ['claude-code', 'cursor', 'agents-md'];
const VALUES = ['codex', 'json', 'roo-code'];

const agent = (name: string, body: string): string => `---\nname: ${name}\ndescription: Does ${name}.\n---\n# Title\n\n${body}\n`;

async function project(targets: readonly string[]): Promise<void> {
  writeFiles(folder, {
    'build.config.mjs': `export default { targets: ${JSON.stringify(targets)} };\n`,
    'agents/a.md': agent('a', 'Do the work.'),
    'agents/b.md': agent('b', 'Do more.'),
  });
  expect((await runMain(folder, 'build')).code).toBe(0);
}

/** Gives files of the project other line ends, as a checkout does. */
function checkOut(below: string, eol: '\n' | '\r\n'): void {
  for (const name of filesBelow(at(below))) {
    const file = path.join(at(below), name);
    writeFileSync(file, readFileSync(file, 'latin1').replaceAll(/\r?\n/g, eol), 'latin1');
  }
}

const everything = (): object =>
  Object.fromEntries(filesBelow(at('dist')).map((name) => [name, readFileSync(at(`dist/${name}`), 'latin1')]));

async function differences(): Promise<{ readonly [file: string]: string }> {
  const { text } = await runMain(folder, 'check', '--format', 'json');
  const { differences: found } = JSON.parse(text) as { differences: readonly { path: string; kind: string }[] };
  return Object.fromEntries(found.map(({ path: file, kind }) => [file, kind]));
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'polyagent-line-ends-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['with what an earlier build knew', []],
  ['without it', ['--no-cache']],
])('outputs with CRLF, %s', (_title, flags) => {
  it('are as they should be, and stay', async () => {
    await project([...MARKDOWN, ...VALUES]);
    checkOut('dist', '\r\n');
    const before = everything();
    expect(JSON.stringify(before)).toContain('\\r\\n');
    expect(await differences()).toEqual({});
    for (let n = 0; n < 2; n++) expect((await runMain(folder, 'build', ...flags)).code).toBe(0);
    expect(everything()).toEqual(before);
  });

  it('are replaced and removed as others are', async () => {
    await project([...MARKDOWN, ...VALUES]);
    checkOut('dist', '\r\n');
    await runMain(folder, 'build', ...flags);
    writeFiles(folder, { 'agents/a.md': agent('a', 'Do it well.') });
    rmSync(at('agents/b.md'));
    expect(new Set(Object.values(await differences()))).toEqual(new Set(['changed', 'removed']));
    const { code, text } = await runMain(folder, 'build', ...flags);
    expect([code, text]).toEqual([0, expect.not.stringContaining('error')]);
    expect(readFileSync(at('dist/claude-code/.claude/agents/a.md'), 'utf8')).toBe(agent('a', 'Do it well.'));
    expect(readFileSync(at('dist/codex/.codex/agents/a.toml'), 'utf8')).toContain('Do it well.');
    expect(existsSync(at('dist/codex/.codex/agents/b.toml'))).toBe(false);
  });

  it('are edited where they say something else', async () => {
    await project([...MARKDOWN, ...VALUES]);
    checkOut('dist', '\r\n');
    const file = at('dist/codex/.codex/agents/a.toml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}# mine\r\n`);
    expect(await differences()).toEqual({ 'dist/codex/.codex/agents/a.toml': 'edited' });
    expect((await runMain(folder, 'build', ...flags)).text).toContain('was edited after polyagent wrote it');
    expect(readFileSync(file, 'utf8')).toContain('# mine');
  });

  it('are as they should be where sources have CRLF too, and the manifest stays as it came', async () => {
    await project(MARKDOWN);
    checkOut('', '\r\n');
    const before = everything();
    expect(await differences()).toEqual({});
    for (let n = 0; n < 2; n++) expect((await runMain(folder, 'build', ...flags)).code).toBe(0);
    expect(everything()).toEqual(before);
  });
});

it('outputs with LF that were written with CRLF are ours, too', async () => {
  await project(MARKDOWN);
  checkOut('agents', '\r\n');
  await runMain(folder, 'build');
  expect(readFileSync(at('dist/cursor/.cursor/agents/a.md'), 'utf8')).toContain('\r\n');
  checkOut('', '\n');
  expect(await differences()).toEqual({});
  writeFiles(folder, { 'agents/a.md': agent('a', 'Do it well.') });
  expect(await differences()).toMatchObject({ 'dist/cursor/.cursor/agents/a.md': 'changed' });
  expect((await runMain(folder, 'build')).code).toBe(0);
});

it('a prompt that is a value says the line ends of its source, also in a file that has CRLF itself', async () => {
  await project(VALUES);
  checkOut('', '\r\n');
  expect(new Set(Object.values(await differences()))).toEqual(new Set(['changed']));
  expect((await runMain(folder, 'build')).code).toBe(0);
  expect(readFileSync(at('dist/codex/.codex/agents/a.toml'), 'utf8')).toContain('Do the work.\\r\n');
  expect(readFileSync(at('dist/roo-code/.roomodes'), 'utf8')).not.toMatch(/\r\r|[^\r]\n/);
  expect(await differences()).toEqual({});
});

it('a journal with CRLF is read', async () => {
  await project(MARKDOWN);
  const manifest = JSON.parse(readFileSync(at('dist/.polyagent.json'), 'utf8')) as { files: object };
  const lines = Object.entries(manifest.files).map((line) => JSON.stringify(line));
  writeFileSync(at('dist/.polyagent.json'), '{"version":1,"files":{}}\r\n');
  writeFileSync(at('dist/.polyagent.journal'), `${lines.join('\r\n')}\r\n`);
  writeFiles(folder, { 'agents/a.md': agent('a', 'Do it well.') });
  expect(await differences()).toMatchObject({ 'dist/cursor/.cursor/agents/a.md': 'changed' });
});
