/** A config gives outputs another place: what lies in the old one goes, where it can be told that this config had it there. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openSession } from '../src/project/session.js';
import { type Files, namesBelow, writeFiles } from './project-files.js';
import { type Ran, runMain } from './run-main.js';

const SCRATCH = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'polyagent-moved-')));

let folder = '';
let made = 0;
beforeEach(() => {
  folder = path.join(SCRATCH, String(made++));
  write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b') });
});
afterAll(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));

const at = (...parts: string[]): string => path.join(folder, ...parts);
const agent = (name: string, body = 'Body.'): string => `---\nname: ${name}\ndescription: Does ${name}.\n---\n${body}\n`;

const write = (files: Files): void => writeFiles(folder, files);

/** Writes the config: targets, and what else it says. */
const config = (targets: readonly unknown[], more: object = {}, name = 'build.config.mjs'): void =>
  write({ [name]: `export default ${JSON.stringify({ ...more, targets })};\n` });

const run = (...args: string[]): Promise<Ran> => runMain(folder, ...args);

/** All that lies in the folder, without the sources and configs. */
const tree = (): string[] => namesBelow(folder).filter((file) => !/^agents\/|\.mjs$/.test(file));

const files = (): string[] => tree().filter((file) => !file.endsWith('/'));

describe('outputs that a config has elsewhere', () => {
  it.each([
    ['in place, as a whole', () => config(['claude-code', 'agents-md'], { outDir: '.' })],
    ['in place, one target', () => config([{ name: 'claude-code', outDir: '.' }, { name: 'agents-md', outDir: '.' }, 'codex'])],
    ['in the folder that is the default', () => config(['claude-code', 'agents-md'])],
  ])('were %s: they are removed, with the list and with empty folders', async (_title, before) => {
    before();
    write({ 'AGENTS.md': 'Mine.\n', 'agents-md/mine.md': 'Mine.\n' });
    expect((await run('build')).code).toBe(0);
    const old = files();
    config(['claude-code', 'agents-md'], { outDir: 'out' });
    const checked = await run('check');
    expect([checked.code, checked.text]).toEqual([1, expect.stringContaining('removed: ')]);
    expect((await run('build', '--dry-run')).text).toContain('to remove');
    expect(files()).toEqual(old);
    // A build of some targets only says nothing of the others.
    expect((await run('build', '--to', 'codex', '--out', 'elsewhere')).text).not.toContain('removed');
    fs.rmSync(at('elsewhere'), { recursive: true });
    expect(files()).toEqual(old);
    const { code, text } = await run('build');
    expect([code, text]).toEqual([0, expect.stringContaining(' removed)')]);
    const now = tree().filter((file) => !file.startsWith('out/'));
    expect(now).toEqual(['AGENTS.md', 'agents-md/', 'agents-md/mine.md']);
    expect(fs.readFileSync(at('AGENTS.md'), 'utf8')).toBe('Mine.\n');
    expect((await run('check')).code).toBe(0);
    expect((await run('build')).text).not.toContain('removed');
  });

  it('stay when another config of the folder has them', async () => {
    write({ 'agents/a.md': agent('a') });
    config(['codex'], {}, 'build.config.js');
    config(['codex'], { outDir: 'out' }, 'build.config.mjs');
    expect((await run('build', '-q')).code).toBe(0);
    expect((await run('build', '-q', '--config', 'build.config.mjs')).code).toBe(0);
    expect(files().filter((file) => file.endsWith('/a.toml'))).toEqual([
      'dist/codex/.codex/agents/a.toml',
      'out/codex/.codex/agents/a.toml',
    ]);
  });

  it('and were edited there stay, and are named until they are gone', async () => {
    config(['claude-code'], { outDir: '.' });
    await run('build');
    write({ 'claude-code/.claude/agents/a.md': 'mine' });
    config(['claude-code'], { outDir: 'out' });
    for (let again = 0; again < 2; again++) {
      const { code, text } = await run('build');
      expect([code, text]).toEqual([1, expect.stringMatching(/output-edited[\s\S]*claude-code\/\.claude\/agents\/a\.md/)]);
      expect(files()).toContain('.polyagent.json');
    }
    fs.rmSync(at('claude-code'), { recursive: true });
    expect((await run('build')).code).toBe(0);
    expect(files()).not.toContain('.polyagent.json');
  });

  it.each([
    ['another config has there', async () => run('build', '--config', 'other.mjs')],
    ['the command line put there', async () => run('build', '--out', 'dist')],
  ])('and %s stay', async (_title, other) => {
    config(['claude-code'], { outDir: 'dist' }, 'other.mjs');
    config(['claude-code'], { outDir: 'out' });
    expect((await other()).code).toBe(0);
    const before = files();
    const { code, text } = await run('build');
    expect([code, text]).toEqual([0, expect.not.stringContaining('removed')]);
    expect(files()).toEqual(expect.arrayContaining(before));
  });

  it('are told of and stay where the config may have several places', async () => {
    write({ 'build.config.mjs': "export default { outDir: process.env.POLYAGENT_TEST_OUT, targets: ['claude-code'] };\n" });
    for (const out of ['dist', 'out', 'dist', 'out']) {
      process.env.POLYAGENT_TEST_OUT = out;
      const { code, text } = await run('build');
      expect([code, text.includes('warning[outputs-elsewhere]')]).toEqual([0, out === 'out']);
      expect(text).not.toContain('removed');
    }
    delete process.env.POLYAGENT_TEST_OUT;
  });

  it('are told of and stay where there is no config any more', async () => {
    config(['claude-code'], { outDir: '.' });
    await run('build');
    const before = files();
    fs.rmSync(at('build.config.mjs'));
    const { text } = await run('build');
    expect(text).toMatch(/outputs-elsewhere.*\n {2}\.polyagent\.json/);
    expect(text).not.toContain('removed');
    expect(files()).toEqual(expect.arrayContaining(before));
  });

  it('and lie at the same path are the same files, listed elsewhere', async () => {
    config(['codex'], { outDir: '.' });
    await run('build');
    config([{ name: 'codex', outDir: 'codex' }]);
    const { text } = await run('build');
    expect(text).toContain('2 files (0 written, 2 unchanged)');
    const outputs = ['codex/.codex/agents/a.toml', 'codex/.codex/agents/b.toml'];
    expect(files()).toEqual([...outputs, 'codex/.polyagent.json']);
    fs.rmSync(at('agents/b.md'));
    await run('build');
    expect(files()).toEqual(['codex/.codex/agents/a.toml', 'codex/.polyagent.json']);
  });

  it('go in a watch, which then leaves the old place alone', async () => {
    config(['claude-code']);
    await run('build');
    config(['claude-code'], { outDir: 'out' });
    const session = await openSession({ cwd: folder });
    expect((await session.update()).removed).toHaveLength(2);
    write({ 'agents/a.md': agent('a', 'Changed.') });
    const { recent } = await session.update(new Set([at('agents/a.md')]));
    expect(recent).toBeDefined();
    expect(fs.readFileSync(at('out/claude-code/.claude/agents/a.md'), 'utf8')).toContain('Changed.');
    await session.close();
    expect(tree().filter((file) => !file.startsWith('out/'))).toEqual([]);
  });
});
