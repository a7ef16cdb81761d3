/** Shares of a project: whichever way it is divided, and in whichever order they are built, together they are the whole. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { build } from '../src/project/build.js';
import { check } from '../src/project/check.js';
import { formatManifest, type ManifestEntry, projectIn } from '../src/project/manifest.js';
import { MANIFEST } from '../src/project/own-files.js';
import { readShard } from '../src/project/shard.js';
import type { BuildResult } from '../src/project/update.js';
import { UsageError } from '../src/project/usage-error.js';
import { type Files, namesBelow, outputsIn, writeFiles } from './project-files.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const SCRATCH = realpathSync(mkdtempSync(path.join(tmpdir(), 'polyagent-shard-')));
let made = 0;
const run = (cwd: string, ...args: string[]) => spawnSync(process.execPath, [CLI, ...args], { cwd, encoding: 'utf8' });
// Some thousand files, on a busy disk.
afterAll(() => rmSync(SCRATCH, { recursive: true, force: true }), 60_000);

const agent = (name: string, more = '', body = `You help with ${name}.\n`): string =>
  `---\nname: ${name}\ndescription: Helps with ${name}.\n${more}---\n${body}`;

const CODEX = readFileSync(new URL('../templates/codex.hbs', import.meta.url), 'utf8');

/** With files for each agent, files that agents share, and a manifest that stands once. */
const TARGETS = ['claude-code', 'codex', 'claude-plugin', 'agents-md', 'roo-code'];

const PROJECT: Files = {
  'build.config.js': `export default { targets: ${JSON.stringify(TARGETS)}, rules: { 'tools-widened': 'off' } };\n`,
  'agents/_base.md': '---\ntools: Read\n---\n## Manners\n\n- Be kind.\n',
  'agents/fragments/care.md': '## Care\n\n- Be careful.\n',
  'agents/a.md': agent('a', 'variants:\n  brief: { model: haiku }\n'),
  'agents/b.md': agent('b', 'fragments: [care]\n'),
  'agents/c.md': agent('c', 'extends: b\n'),
  'agents/d.md': agent('d', 'targets: [codex, roo-code]\n'),
  'agents/e.md': agent('e', 'targets: [claude-code]\n'),
  ...Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`agents/many/agent-${n}.md`, agent(`agent-${n}`)])),
};

function project(files: Files = PROJECT): string {
  const folder = path.join(SCRATCH, String(made++));
  writeFiles(folder, files);
  return folder;
}

const buildShard = (cwd: string, index: number, count: number): Promise<BuildResult> =>
  build({ cwd, shard: `${index}/${count}`, files: true });

async function buildShards(cwd: string, order: readonly number[]): Promise<void> {
  for (const index of order) await buildShard(cwd, index, order.length);
}

/** The numbers of some shares, in any order. */
const orders = fc.integer({ min: 1, max: 8 }).chain((count) =>
  fc.shuffledSubarray(
    Array.from({ length: count }, (_, at) => at + 1),
    { minLength: count },
  ),
);

const RUNS = { numRuns: 8, examples: [[[1]], [[8, 7, 6, 5, 4, 3, 2, 1]], [[1, 2, 3, 4, 5, 6, 7, 8]]] as [number[]][] };

describe('shares', () => {
  it('built one after the other in one folder are the whole, the manifest included', async () => {
    const whole = project();
    expect((await build({ cwd: whole })).failed).toEqual([]);
    const names = [
      'agents-md/AGENTS.md',
      'roo-code/.roomodes',
      'claude-plugin/.claude-plugin/plugin.json',
      'brief/codex/.codex/agents/a.toml',
    ];
    expect(Object.keys(outputsIn(whole))).toEqual(expect.arrayContaining(names));
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        const folder = project();
        await buildShards(folder, order);
        expect(outputsIn(folder)).toEqual(outputsIn(whole));
      }),
      RUNS,
    );
  });

  it('built in clones are disjoint, and the whole when they are copied together', async () => {
    const whole = project();
    const all = (await build({ cwd: whole, files: true })).files.map((file) => file.path);
    const { [MANIFEST]: listed, ...files } = outputsIn(whole);
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        const together = path.join(SCRATCH, String(made++));
        const paths: string[] = [];
        const entries: [string, ManifestEntry][] = [];
        for (const index of order) {
          const clone = project();
          const result = await buildShard(clone, index, order.length);
          paths.push(...result.files.map((file) => file.path));
          if (result.files.length === 0) continue;
          const manifest = readFileSync(path.join(clone, 'dist', MANIFEST), 'utf8');
          entries.push(...(Object.entries(JSON.parse(manifest).files) as [string, ManifestEntry][]));
          cpSync(clone, together, { recursive: true });
        }
        expect(paths.sort()).toEqual(all.toSorted());
        const { [MANIFEST]: _, ...copied } = outputsIn(together);
        expect(copied).toEqual(files);
        // What docs/ci.md says to do about the manifests.
        expect([...formatManifest(new Map(entries), '..')].join('')).toBe(listed);
      }),
      RUNS,
    );
  });

  const CHANGES: { readonly [change: string]: (folder: string) => void } = {
    'a source is deleted': (folder) => rmSync(path.join(folder, 'agents/a.md')),
    'a source is renamed': (folder) => renameSync(path.join(folder, 'agents/a.md'), path.join(folder, 'agents/z.md')),
    'an agent is renamed': (folder) => writeFiles(folder, { 'agents/a.md': agent('z') }),
    'two agents change their names': (folder) => writeFiles(folder, { 'agents/a.md': agent('c'), 'agents/c.md': agent('a') }),
    'the first agent of a target leaves it': (folder) => writeFiles(folder, { 'agents/a.md': agent('a', 'targets: [codex]\n') }),
    'a base changes': (folder) => writeFiles(folder, { 'agents/b.md': agent('b', 'model: opus\n') }),
    'an agent is added': (folder) => writeFiles(folder, { 'agents/many/a0.md': agent('a0') }),
    'a target is gone': (folder) => writeFiles(folder, { 'build.config.js': "export default { targets: ['codex', 'agents-md'] };\n" }),
    'all but one are gone': (folder) => {
      for (const name of ['many', 'b.md', 'c.md', 'd.md', 'e.md']) rmSync(path.join(folder, 'agents', name), { recursive: true });
    },
  };

  it.each(Object.entries(CHANGES))('bring a whole build up to date when %s', async (_, change) => {
    const whole = project();
    await build({ cwd: whole });
    const before = path.join(SCRATCH, String(made++));
    cpSync(whole, before, { recursive: true });
    change(whole);
    await build({ cwd: whole });
    expect(outputsIn(whole)).not.toEqual(outputsIn(before));
    const some = fc.tuple(orders).filter(([order]) => order.length > 1);
    await fc.assert(
      fc.asyncProperty(some, async ([order]) => {
        const folder = path.join(SCRATCH, String(made++));
        cpSync(before, folder, { recursive: true });
        change(folder);
        await buildShards(folder, order);
        expect(outputsIn(folder)).toEqual(outputsIn(whole));
      }),
      { numRuns: 3 },
    );
  });

  it('may be built at the same time in one folder', async () => {
    const [whole, folder] = [project(), project()];
    await build({ cwd: whole });
    await Promise.all([3, 1, 4, 2].map((index) => buildShard(folder, index, 4)));
    expect(outputsIn(folder)).toEqual(outputsIn(whole));
  });

  it.skipIf(spawnSync('jq', ['--version']).error)('have manifests that are put together as docs/ci.md says', async () => {
    const [command = ''] = /^jq .*/m.exec(readFileSync(new URL('../docs/ci.md', import.meta.url), 'utf8')) ?? [];
    const whole = project();
    await build({ cwd: whole });
    const folder = project();
    for (const index of [1, 2, 3]) {
      const clone = project();
      await buildShard(clone, index, 3);
      cpSync(path.join(clone, 'dist'), path.join(folder, `shards/${index}/dist`), { recursive: true });
      cpSync(path.join(clone, 'dist'), path.join(folder, 'dist'), { recursive: true });
    }
    expect(spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    const file = path.join(folder, 'dist', MANIFEST);
    const put = readFileSync(file, 'utf8');
    expect(JSON.parse(put)).toEqual(JSON.parse(readFileSync(path.join(whole, 'dist', MANIFEST), 'utf8')));
    expect(projectIn(put)).toBe('..');
    expect((await build({ cwd: folder })).counts).toMatchObject({ added: 0, changed: 0 });
    expect(readFileSync(file, 'utf8')).toBe(put);
    writeFiles(folder, { 'agents/a.md': agent('a') });
    writeFiles(whole, { 'agents/a.md': agent('a') });
    await Promise.all([build({ cwd: folder }), build({ cwd: whole })]);
    const { [MANIFEST]: usual } = outputsIn(whole);
    expect(readFileSync(file, 'utf8')).toBe(usual);
  });

  it('tell of an agent where something is made of it', async () => {
    const bad = 'agents/bad.md';
    const folder = project({ ...PROJECT, [bad]: '---\nname: bad\n---\nDo it.\n' });
    for (const index of [1, 2, 3, 4, 5, 6]) {
      const share = readShard(`${index}/6`, { root: folder, cwd: folder });
      const { diagnostics } = await buildShard(folder, index, 6);
      const makes = share.hasAgent(bad) || ['agents-md', 'roo-code'].some(share.hasTarget);
      expect([index, diagnostics.some(({ code }) => code === 'description-missing')]).toEqual([index, makes]);
    }
  });

  it('are checked each for itself', async () => {
    const folder = project();
    await buildShards(folder, [1, 2, 3]);
    const [b, d] = ['dist/claude-code/.claude/agents/b.md', 'dist/codex/.codex/agents/d.toml'];
    writeFiles(folder, { [b]: 'x' });
    rmSync(path.join(folder, d));
    const checked = await Promise.all([1, 2, 3].map((index) => check({ cwd: folder, shard: `${index}/3` })));
    const paths = checked.map(({ differences }) => differences.map((difference) => difference.path));
    expect(paths.flat().sort()).toEqual([b, d]);
    // The files of one share are of one share only.
    expect(checked.reduce((sum, { files }) => sum + files, 0)).toBe((await check({ cwd: folder })).files);
  });
});

describe('an agent', () => {
  const shareOf = (file: string, count: number): number =>
    Array.from({ length: count }, (_, at) => at + 1).find((index) =>
      readShard(`${index}/${count}`, { root: '/x', cwd: '/x/y' }).hasAgent(file),
    ) ?? 0;

  it('is in the same share on every machine, wherever polyagent runs and whatever else is there', () => {
    const files = ['../agents/a.md', '/x/agents/a.md', '../agents/b.md', '../agents/é.md', '../agents/e\u0301.md'];
    expect(files.map((file) => shareOf(file, 8))).toMatchInlineSnapshot(`
      [
        7,
        7,
        4,
        3,
        3,
      ]
    `);
  });

  it('of many is in any share as likely as in another', () => {
    const shares = Array.from({ length: 4000 }, (_, n) => shareOf(`/x/agents/agent-${n}.md`, 4));
    for (const index of [1, 2, 3, 4]) expect(Math.abs(shares.filter((share) => share === index).length - 1000)).toBeLessThan(120);
  });

  /** Two paths that are in different ones of two shares. */
  const apart = (): [string, string] => {
    const names = 'abcdefgh'.split('').map((letter) => `agents/${letter}.md`);
    const first = names.find((name) => shareOf(`/x/${name}`, 2) === 1);
    const second = names.find((name) => shareOf(`/x/${name}`, 2) === 2);
    return [first ?? '', second ?? ''];
  };
  const codes = ({ diagnostics }: BuildResult): string[] =>
    diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);

  it('that has the name of one in another share is refused in both', async () => {
    const [one, two] = apart();
    const folder = project({ [one]: agent('twin'), [two]: agent('twin'), 'build.config.js': "export default { targets: ['codex'] };\n" });
    for (const index of [1, 2]) {
      const result = await buildShard(folder, index, 2);
      expect([codes(result), result.files]).toEqual([['name-duplicate', 'name-duplicate'], []]);
    }
    expect(outputsIn(folder)).toEqual({});
  });

  it('that has its file in one target is refused in both, and in that target only', async () => {
    const [one, two] = apart();
    const files = { [one]: agent('one'), [two]: agent('two', 'targets: { codex: { name: one } }\n') };
    const folder = project({ ...files, 'build.config.js': "export default { targets: ['codex', 'cursor'] };\n" });
    for (const index of [1, 2]) expect(codes(await buildShard(folder, index, 2))).toEqual(['output-collision']);
    const agents = 'cursor/.cursor/agents/';
    expect(namesBelow(path.join(folder, 'dist'))).toEqual([
      MANIFEST,
      'cursor/',
      'cursor/.cursor/',
      agents,
      `${agents}one.md`,
      `${agents}two.md`,
    ]);
  });

  it('whose file another one has in another target is refused in both', () => {
    const [one, two] = apart();
    const config = `import { TARGETS } from 'polyagent';
const codex = TARGETS.find(({ name }) => name === 'codex');
const target = (name) => [{ ...codex, name }, { name, outDir: '.' }];
export default { targets: [...target('first'), ...target('second')] };\n`;
    const [here, there] = ['targets: [first]\n', 'targets: { second: { name: one }, first: false }\n'];
    const files = { 'build.config.js': config, 'templates/first.hbs': CODEX, 'templates/second.hbs': CODEX };
    const folder = project({ ...files, [one]: agent('one', here), [two]: agent('two', there) });
    for (const index of [1, 2]) {
      const { status, stderr } = run(folder, 'build', '--shard', `${index}/2`);
      expect(status).toBe(1);
      expect(stderr).toContain('error[output-collision]');
      expect(stderr).toContain(`${two} (second)`);
      expect(stderr).toContain(`${one} (first)`);
    }
    expect(existsSync(path.join(folder, '.codex'))).toBe(false);
  });

  it('that is broken stops its own share only', async () => {
    const [one, two] = apart();
    const folder = project({ [one]: agent('one'), [two]: agent('two'), 'build.config.js': "export default { targets: ['codex'] };\n" });
    await build({ cwd: folder });
    const before = outputsIn(folder);
    writeFiles(folder, { [two]: 'Text.\n' });
    const [first, second] = [await buildShard(folder, 1, 2), await buildShard(folder, 2, 2)];
    expect([first.failed, codes(first), first.files.map(({ action }) => action)]).toEqual([[], [], ['unchanged']]);
    expect([second.failed, codes(second), second.files]).toEqual([[two], ['front-matter-missing'], []]);
    expect(outputsIn(folder)).toEqual(before);
  });
});

describe('polyagent build --shard', () => {
  it.each(['0/8', '9/8', '1/0', 'a/b', '1', '1/2/3', '', '-1/8', '1.5/8', '01234567/12345678'])('%s is no share', (shard) => {
    expect(() => readShard(shard, { root: '/', cwd: '/' })).toThrow(UsageError);
  });

  it('takes no other share than one of so many', () => {
    const folder = project();
    for (const command of ['build', 'check']) {
      const { status, stdout, stderr } = run(folder, command, '--shard', '9/8');
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toBe('error: --shard is `9/8`\nhelp: Say which share of how many: from 1/8 to 8/8 they are the whole.\n');
    }
    expect(outputsIn(folder)).toEqual({});
  });

  it('says which share it is, and when nothing is in it', () => {
    const folder = project({ 'agents/a.md': agent('a'), 'build.config.js': "export default { targets: ['codex'] };\n" });
    const runs = [1, 2].map((index) => run(folder, 'build', '--shard', `${index}/2`));
    expect(runs.map(({ status }) => status)).toEqual([0, 0]);
    const said = runs.map(({ stdout }) => stdout.replace(/in \d+ ms/, 'in 0 ms'));
    expect(said).toContain('✔ 1 agent × 1 target, shard 1/2 → 1 file (1 written, 0 unchanged) in 0 ms\n');
    expect(said).toContain('✔ 0 agents × 1 target, shard 2/2 → 0 files (0 written, 0 unchanged) in 0 ms\n  no source is in this share\n');
  });
});
