/** Variants and bases in a project, built by the bundled program in a folder of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Files, namesBelow, writeFiles } from './project-files.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const SCRATCH = mkdtempSync(path.join(tmpdir(), 'polyagent-variants-'));
const CONFIG = "export default { targets: ['claude-code', 'codex'] };\n";

let folder = '';
let made = 0;

beforeAll(() => {
  if (!existsSync(CLI)) throw new Error('dist/cli.js is missing: npm run build');
});
beforeEach(() => {
  folder = path.join(SCRATCH, String(made++));
  write({ 'build.config.mjs': CONFIG });
});
afterAll(() => rmSync(SCRATCH, { recursive: true, force: true }));

const at = (...parts: string[]): string => path.join(folder, ...parts);
const read = (...parts: string[]): string => readFileSync(at(...parts), 'utf8');
const agent = (name: string, more = '', body = 'Body.\n'): string => `---\nname: ${name}\ndescription: Does ${name}.\n${more}---\n${body}`;

const write = (files: Files): void => writeFiles(folder, files);

function run(...args: string[]): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  return { code: status, stdout, stderr };
}

/** All files and empty folders below a folder, sorted, without the manifest. */
function tree(below = 'dist'): string[] {
  const names = namesBelow(at(below));
  const isFull = (name: string): boolean => name.endsWith('/') && names.some((other) => other !== name && other.startsWith(name));
  return names.filter((name) => name !== '.polyagent.json' && !isFull(name));
}

const claude = (name: string, variant = ''): string => path.posix.join(variant, `claude-code/.claude/agents/${name}.md`);
const codex = (name: string, variant = ''): string => path.posix.join(variant, `codex/.codex/agents/${name}.toml`);
const manifest = (file = 'dist/.polyagent.json'): { [key: string]: { variant?: string; target: string } } => JSON.parse(read(file)).files;

const TWO = 'variants:\n  long: { color: red }\n  short:\n';

describe('variants', () => {
  it('have a folder each, beside those of the plain build, and their names in the manifest', () => {
    write({ 'agents/one.md': agent('one', TWO), 'agents/two.md': agent('two') });
    const { code, stdout } = run();
    expect(code).toBe(0);
    expect(stdout).toContain('2 agents × 2 targets, 2 variants → 8 files');
    expect(tree()).toEqual(
      [...['', 'long', 'short'].flatMap((variant) => [claude('one', variant), codex('one', variant)]), claude('two'), codex('two')].sort(),
    );
    expect(manifest()[claude('one', 'long')]).toMatchObject({ target: 'claude-code', variant: 'long' });
    expect(manifest()[claude('one')]).not.toHaveProperty('variant');
    expect(run().stdout).toContain('(0 written, 8 unchanged)');
  });

  it('go with their folders when they are taken out, and come back', () => {
    write({ 'agents/one.md': agent('one', TWO) });
    run();
    write({ 'agents/one.md': agent('one', 'variants: { short: }\n') });
    expect(run().stdout).toContain('2 removed');
    expect(tree()).toEqual([claude('one'), codex('one'), claude('one', 'short'), codex('one', 'short')].sort());
    expect(existsSync(at('dist/long'))).toBe(false);
    write({ 'agents/one.md': agent('one', `${TWO.replace('short:', 'short: false')}  default: false\n`) });
    run();
    expect(tree()).toEqual([claude('one', 'long'), codex('one', 'long')]);
    rmSync(at('agents/one.md'));
    write({ 'agents/two.md': agent('two') });
    run();
    expect(tree()).toEqual([claude('two'), codex('two')]);
  });

  it('chosen by --variant leave the others as they are', () => {
    write({ 'agents/one.md': agent('one', TWO) });
    run();
    write({ 'agents/one.md': agent('one', TWO, 'Other.\n') });
    expect(run('--variant', 'long,default').code).toBe(0);
    const bodies = ['', 'long', 'short'].map((variant) => read('dist', claude('one', variant)).split('---\n')[2]);
    expect(bodies).toEqual(['Other.\n', 'Other.\n', 'Body.\n']);
    // Taken out, and not asked for: it stays until a build of everything.
    write({ 'agents/one.md': agent('one', 'variants: { long: }\n') });
    run('--variant', 'long');
    expect(tree()).toContain(claude('one', 'short'));
    run();
    expect(tree()).not.toContain(claude('one', 'short'));
  });

  it('misspelt in --variant are wrong use, with the nearest name; not so when a source may have it that cannot be read', () => {
    write({ 'agents/one.md': agent('one', TWO) });
    const { code, stderr } = run('--variant', 'shrot');
    expect([code, stderr]).toEqual([2, expect.stringContaining('There is no variant `shrot`')]);
    expect(stderr).toContain('Did you mean `short`? Variants: default, long, short.');
    expect(run('--variant', ',').code).toBe(2);
    write({ 'agents/two.md': agent('two', 'variants: { other: 5 }\n') });
    const second = run('--variant', 'other');
    expect([second.code, second.stderr]).toEqual([1, expect.stringContaining('error[structure-invalid]')]);
  });

  it('of a source that fails keep their outputs', () => {
    write({ 'agents/one.md': agent('one', TWO) });
    run();
    const before = tree();
    write({ 'agents/one.md': agent('one', `${TWO}tools: 5\n`) });
    expect(run().code).toBe(1);
    expect(tree()).toEqual(before);
  });

  it('go to the output folder also where a target is in place', () => {
    write({
      'build.config.mjs':
        "export default { targets: [{ name: 'claude-code', outDir: '.' }, { name: 'agents-md', outDir: '.' }, 'roo-code'] };\n",
      'agents/one.md': agent('one', TWO),
      'AGENTS.md': '# Ours\n',
    });
    expect(run().code).toBe(0);
    expect(existsSync(at('.claude/agents/one.md'))).toBe(true);
    expect(read('AGENTS.md')).toMatch(/^# Ours\n[\s\S]*\*\*one\*\*/);
    expect(tree()).toEqual(
      ['long', 'short']
        .flatMap((variant) => [claude('one', variant), `${variant}/agents-md/AGENTS.md`, `${variant}/roo-code/.roomodes`])
        .concat('roo-code/.roomodes')
        .sort(),
    );
    write({ 'agents/one.md': agent('one') });
    expect(run().code).toBe(0);
    expect(tree()).toEqual(['roo-code/.roomodes']);
    expect(existsSync(at('.claude/agents/one.md'))).toBe(true);
  });

  it('of the config hold for every agent; what cannot be one is wrong use', () => {
    const config = (variants: string): string => `export default { targets: ['claude-code'], variants: ${variants} };\n`;
    write({ 'build.config.mjs': config('{ safe: { disallowedTools: ["Bash"], model: undefined } }'), 'agents/one.md': agent('one') });
    expect(run().code).toBe(0);
    expect(read('dist', claude('one', 'safe'))).toContain('disallowedTools: Bash');
    for (const variants of [
      '{ codex: {} }',
      '{ default: {} }',
      '{ "../x": {} }',
      '{ x: { extends: "y" } }',
      '{ x: { tools: () => 1 } }',
      '{ x: { a: [new Date()] } }',
      '[]',
      '{ x: [] }',
      '{ x: 3 }',
    ]) {
      write({ 'build.config.mjs': config(variants) });
      const { code, stderr } = run();
      expect([variants, code]).toEqual([variants, 2]);
      expect(stderr).toMatch(/^error: .+\n.+/);
    }
    // A value that front matter could not have either is an error of the build, at the config.
    write({ 'build.config.mjs': config('{ x: { tools: 5 } }') });
    const { code, stderr } = run();
    expect([code, stderr]).toEqual([1, expect.stringContaining('error[tools-invalid]')]);
  });
});

it('an agent is not built without the base of its folder, which cannot be read', () => {
  write({ 'agents/one.md': agent('one'), 'agents/team/two.md': agent('two'), 'agents/team/_notes.md': 'Notes.\n' });
  symlinkSync('nowhere.md', at('agents/team/_base.md'));
  const { code, stderr } = run();
  expect([code, stderr]).toEqual([1, expect.stringMatching(/error\[source-unreadable\].*\n {2}agents\/team\/_base\.md\n/)]);
  expect(tree()).toEqual([claude('one'), codex('one')]);
});

describe('a build of some agents only', () => {
  it('finds bases, folders of bases and agents that are extended', () => {
    write({
      'agents/_base.md': '---\nextends: lead\n---\n## House\n\nRules.\n',
      'agents/lead.md': agent('lead', '', '## Lead\n\nWords.\n'),
      'agents/team/_base.md': '## Team\n\nWords.\n',
      'agents/team/one.md': agent('one', 'extends: shared/engineer\n'),
      'agents/team/two.md': agent('two'),
      'agents/shared/engineer.md': agent('engineer', '', '## Engineer\n\nWords.\n'),
      'agents/team/fragments/note.md': '## Note\n\n<!-- @variant other -->\nX.\n<!-- @end -->\n\nNoted.\n',
      'agents/team/three.md': agent('three', 'fragments: [note]\n'),
      'agents/four.md': agent('four', 'variants: { other: }\n'),
    });
    expect(run('--to', 'claude-code').code).toBe(0);
    const names = ['one', 'two', 'three'];
    const whole = names.map((name) => read('dist', claude(name)));
    expect(whole[0]?.match(/^## .*/gm)?.sort()).toEqual(['## Engineer', '## House', '## Lead', '## Team']);
    for (const [index, name] of names.entries()) {
      const { code, stderr } = run('build', `agents/team/${name}.md`, '--to', 'claude-code', '--out', 'part');
      expect([name, code, stderr]).toEqual([name, 0, '']);
      expect(read('part', claude(name))).toBe(whole[index]);
    }
  });
});
