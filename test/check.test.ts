/** `polyagent check`: what a build would change, found without changing it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../src/cli/main.js';

let folder = '';
const at = (file: string): string => path.join(folder, file);
const read = (file: string): string => readFileSync(at(file), 'utf8');

function write(file: string, text: string): void {
  mkdirSync(path.dirname(at(file)), { recursive: true });
  writeFileSync(at(file), text);
}

const agent = (name: string, body = 'You help.\n'): string =>
  `---\nname: ${name}\ndescription: "Use for tests."\ntools: Read\n---\n${body}`;

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const output = (lines: string[]) => ({ write: (text: string) => lines.push(text) });
  const code = await main(args, { cwd: folder, stdout: output(stdout), stderr: output(stderr), env: {} });
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

/** What the check says of each file. */
async function differences(...args: string[]): Promise<{ [file: string]: string }> {
  const { stdout } = await run('check', '--format', 'json', ...args);
  const { differences: found } = JSON.parse(stdout) as { differences: { path: string; kind: string }[] };
  return Object.fromEntries(found.map(({ path: file, kind }) => [file, kind]));
}

/** Every file below the folder with its bytes and its time. */
const disk = (): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => `${file} ${statSync(file).mtimeMs} ${readFileSync(file, 'utf8')}`)
    .sort();

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'polyagent-check-'));
  write('build.config.mjs', "export default { targets: ['claude-code', 'codex', 'agents-md'] };\n");
  write('agents/one.md', agent('one'));
  write('agents/two.md', agent('two'));
  await run('build');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('polyagent check', () => {
  it('ends with 0 behind a build, and says nothing of files', async () => {
    const { code, stdout } = await run('check');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✔ 2 agents × 3 targets → 5 files: up to date, checked in \d+ ms\n/);
    expect(await differences()).toEqual({});
  });

  it('names the sources that are not built, as a build does', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) write(`agents/${name}.md`, 'No agent.\n');
    const named = '5 sources not built: agents/a.md, agents/b.md, agents/c.md and 2 more\n';
    expect((await run('check')).stdout).toContain(named);
    expect((await run('build')).stdout).toContain(named);
  });

  it('sees what would be written, changed and removed, and what somebody edited', async () => {
    write('agents/one.md', agent('one', 'You help more.\n'));
    write('agents/three.md', agent('three'));
    rmSync(at('agents/two.md'));
    write('dist/codex/.codex/agents/one.toml', `${read('dist/codex/.codex/agents/one.toml')}# by hand\n`);
    write('dist/claude-code/.claude/agents/three.md', 'mine\n');
    const before = disk();
    expect(await differences()).toEqual({
      'dist/claude-code/.claude/agents/one.md': 'changed',
      'dist/codex/.codex/agents/one.toml': 'edited',
      'dist/claude-code/.claude/agents/two.md': 'removed',
      'dist/codex/.codex/agents/two.toml': 'removed',
      'dist/claude-code/.claude/agents/three.md': 'edited',
      'dist/codex/.codex/agents/three.toml': 'added',
      'dist/agents-md/AGENTS.md': 'changed',
    });
    expect((await run('check')).code).toBe(1);
    expect(disk()).toEqual(before);
  });

  it('agrees with what a build then does', async () => {
    write('agents/one.md', agent('one', 'You help more.\n'));
    rmSync(at('agents/two.md'));
    const foreseen = Object.keys(await differences());
    const { files, removed } = JSON.parse((await run('build', '--format', 'json')).stdout) as {
      files: { path: string; action: string }[];
      removed: string[];
    };
    const done = [...files.filter(({ action }) => action !== 'unchanged').map((file) => file.path), ...removed];
    expect(foreseen).toEqual(done.sort());
    expect((await run('check')).code).toBe(0);
  });

  it('tells an edited part of a shared file, and an edited file whose source is gone', async () => {
    write('dist/agents-md/AGENTS.md', read('dist/agents-md/AGENTS.md').replace('Use for tests', 'Use it'));
    rmSync(at('agents/two.md'));
    write('dist/codex/.codex/agents/two.toml', '# mine\n');
    expect(await differences()).toMatchObject({ 'dist/agents-md/AGENTS.md': 'edited', 'dist/codex/.codex/agents/two.toml': 'edited' });
  });

  it('says of an edit that has no source any more what a build says', async () => {
    write('dist/codex/.codex/agents/one.toml', `${read('dist/codex/.codex/agents/one.toml')}mine\n`);
    rmSync(at('agents/one.md'));
    const title = 'dist/codex/.codex/agents/one.toml was edited by hand, and has no source any more';
    const help = 'Save the edit elsewhere and delete the file, or run `polyagent build --force` to delete it.';
    const { stdout } = await run('check', '--to', 'codex', '--format', 'github');
    expect(stdout).toContain(`::error file=dist/codex/.codex/agents/one.toml,title=polyagent check::${title}%0A${help}\n`);
    const pretty = (await run('check', '--to', 'codex')).stdout;
    expect(pretty).toContain(`edited: ${title}\n`);
    expect(pretty.endsWith(`\n  ${help}\n`)).toBe(true);
    expect((await run('build', '--to', 'codex')).stderr).toContain('help: Save the edit elsewhere and delete the file');
  });

  it('says the same of an edited part', async () => {
    write('dist/agents-md/AGENTS.md', read('dist/agents-md/AGENTS.md').replace(/(\*\*one\*\*.*) Use for tests/, '$1 Use it'));
    expect((await run('check', '--to', 'agents-md')).stdout).toMatch(/Carry the edit over into the source.*\n$/);
    rmSync(at('agents/one.md'));
    const { stdout } = await run('check', '--to', 'agents-md');
    expect(stdout).toContain('AGENTS.md was edited by hand, in a part that has no source any more\n');
    expect(stdout).toMatch(/Save the edit elsewhere and take the part out of the file.*\n$/);
  });

  it('tells why a file is not made any more', async () => {
    const config = (targets: string, more = ''): void => write('build.config.mjs', `export default { targets: [${targets}]${more} };\n`);
    const found = async (...args: string[]): Promise<string[]> =>
      (await run('check', ...args)).stdout.split('\n').filter((line) => line.startsWith('removed: '));
    config("'codex'");
    await run('build', '--source-maps');
    expect(await found('--source-maps')).toEqual([]);
    expect(await found()).toEqual(
      ['one', 'two'].map((name) => `removed: dist/codex/.codex/agents/${name}.toml.map is a source map, and none is asked for`),
    );
    await run('build');
    config("'claude-code'");
    expect(await found()).toContain('removed: dist/codex/.codex/agents/one.toml is of a target that is not built any more');
    config("'claude-code', { name: 'codex', outDir: 'elsewhere' }");
    expect(await found()).toContain('removed: dist/codex/.codex/agents/one.toml is of a target whose outputs lie elsewhere now');
    config("'codex'", ", agents: ['agents', '!agents/one.md']");
    expect(await found()).toEqual(['removed: dist/codex/.codex/agents/one.toml is not made of its source any more']);
    rmSync(at('agents/one.md'));
    expect(await found()).toEqual(['removed: dist/codex/.codex/agents/one.toml has no source any more']);
    expect(JSON.parse((await run('check', '--format', 'json')).stdout)).toMatchObject({
      differences: [{ kind: 'removed', gone: 'source' }],
    });
  });

  it('prints a unified diff from what is there to what a build makes', async () => {
    write('agents/one.md', agent('one', 'You help more.\n'));
    const { stdout } = await run('check', '--to', 'claude-code');
    expect(stdout).toContain(
      [
        'changed: dist/claude-code/.claude/agents/one.md is out of date',
        '--- dist/claude-code/.claude/agents/one.md',
        '+++ dist/claude-code/.claude/agents/one.md',
        '@@ -2,5 +2,5 @@',
      ].join('\n'),
    );
    expect(stdout).toContain('\n-You help.\n+You help more.\n');
    expect(stdout).toContain('1 to change');
  });

  it('annotates the lines for GitHub', async () => {
    write('agents/one.md', agent('one', 'You help more.\n'));
    write('agents/broken.md', 'no front matter, at 100 %\n');
    const { code, stdout } = await run('check', '--to', 'claude-code', '--format', 'github');
    expect(code).toBe(1);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.every((line) => /^::(?:error|warning|notice) file=[^:]+::[^\n]+$/.test(line))).toBe(true);
    expect(lines).toContainEqual(
      expect.stringMatching(/^::error file=agents\/broken\.md,line=1,endLine=1,col=1,endColumn=\d+,title=polyagent front-matter-missing::/),
    );
    expect(lines).toContainEqual(
      '::error file=dist/claude-code/.claude/agents/one.md,line=6,title=polyagent check::dist/claude-code/.claude/agents/one.md is out of date%0ARun `polyagent build`.',
    );
  });

  it('calls nothing up to date where something could not be compared', async () => {
    write('agents/three.md', '---\nname: three\n---\nNo description.\n');
    const said = /^✖ .* → 5 files: no difference found, but errors, checked in/;
    expect((await run('check')).stdout).toMatch(said);
    rmSync(at('agents/three.md'));
    renameSync(at('dist/claude-code'), at('moved'));
    symlinkSync(at('moved'), at('dist/claude-code'));
    expect((await run('check')).stdout).toMatch(/^✖ .* → 3 files: no difference found, but errors, checked in/);
    rmSync(at('dist/claude-code'));
    renameSync(at('moved'), at('dist/claude-code'));
    // Warnings that fail are about sources; their outputs are as they should be.
    expect((await run('check', '--strict')).stdout).toMatch(/^✖ .* → 5 files: up to date, checked in/);
  });

  it('fails for a source that does not compile, though its old output stays', async () => {
    write('agents/one.md', 'no front matter\n');
    expect(await differences('--to', 'claude-code')).toEqual({});
    expect((await run('check', '--to', 'claude-code')).code).toBe(1);
  });
});
