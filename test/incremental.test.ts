/**
 * What an earlier build knew saves work, and never changes what comes out. Noise cannot move counts, so work is counted: files
 * that are parsed, trees that are made, agents that are compiled, outputs that are written.
 */
import { spawnSync } from 'node:child_process';
import fs, { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { build } from '../src/project/build.js';
import { folderFor } from '../src/project/cache/options-key.js';
import { openSession } from '../src/project/session.js';
import { unchanged } from '../src/project/unchanged.js';
import type { BuildResult } from '../src/project/update.js';
import { type Files, outputsIn, writeFiles } from './project-files.js';

const counts = vi.hoisted(() => ({ parsed: 0, trees: 0 }));
vi.mock(import('../src/stages/parse/parse.js'), async (original) => {
  const real = await original();
  const parse: typeof real.parse = (...of) => {
    counts.parsed++;
    return real.parse(...of);
  };
  return { ...real, parse };
});
vi.mock(import('../src/project/parser.js'), async (original) => {
  const real = await original();
  const chooseParser: typeof real.chooseParser = (...of) => {
    const parser = real.chooseParser(...of);
    return (text) => {
      counts.trees++;
      return parser(text);
    };
  };
  return { chooseParser };
});

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const SCRATCH = mkdtempSync(path.join(tmpdir(), 'polyagent-incremental-'));
afterAll(() => rmSync(SCRATCH, { recursive: true, force: true }), 120_000);
beforeEach(() => Object.assign(counts, { parsed: 0, trees: 0 }));

const TO = ['claude-code', 'codex', 'cursor', 'roo-code', 'agents-md', 'claude-plugin'];

const agent = (name: string, more = '', body = `You help with ${name}.`): string =>
  `---\nname: ${name}\ndescription: "Use for ${name}."\ntools: Read\n${more}---\n${body}\n`;

let made = 0;
function project(files: Files): string {
  const folder = path.join(SCRATCH, String(made++));
  writeFiles(folder, files);
  return folder;
}

/** A build as the command makes it. */
async function run(cwd: string, more: object = {}): Promise<BuildResult> {
  const options = { cwd, to: TO, ...more };
  return unchanged(options) ?? (await build(options));
}

/** A process of its own: Node keeps what it found of packages. */
function runProgram(cwd: string): void {
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'build', '--quiet', '--to', TO.join()], { cwd, encoding: 'utf8' });
  expect(`${status}${stderr}`).toBe('0');
}

/** What a build of the same sources makes that knows nothing. */
async function clean(folder: string): Promise<{ files: Files; messages: unknown }> {
  const copy = path.join(SCRATCH, String(made++));
  fs.cpSync(folder, copy, { recursive: true, filter: (file) => !/[/\\](?:dist|cache)$/.test(file) });
  const result = await build({ cwd: copy, to: TO, cache: false });
  return { files: outputsIn(copy), messages: told(result) };
}

/** What a build says of the sources: a clean one has nothing that could be left over. */
const told = ({ diagnostics, failed, agents, variants }: BuildResult): unknown => ({
  failed,
  agents,
  variants,
  diagnostics: diagnostics
    .filter(({ code }) => code !== 'output-left')
    .map(({ code, file, place, reason }) => ({ code, file, place, reason })),
});

const MANY = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`agents/a${n}.md`, agent(`a${n}`)]));
const WITH_FRAGMENTS = {
  ...MANY,
  'agents/a1.md': agent('a1', 'fragments: [careful]\n'),
  'agents/a2.md': agent('a2', 'fragments: [careful]\n'),
  'agents/a3.md': agent('a3', 'fragments: [brief]\n'),
  'agents/a4.md': agent('a4', 'extends: base\n'),
  'agents/_base.md': '## Rules\n\n- Be kind.\n',
  'agents/_lead.md': 'Nobody extends this.\n',
  'agents/fragments/careful.md': '## Care\n\n- Look twice.\n',
  'agents/fragments/brief.md': '## Length\n\n- Be brief.\n',
};

describe('a build without fragments', () => {
  it('makes no tree, and reads each agent once', async () => {
    const { counts: files } = await run(project(MANY));
    expect([counts, files]).toEqual([
      { parsed: 8, trees: 0 },
      { added: 8 * 4 + 3, changed: 0, unchanged: 0 },
    ]);
  });
});

describe('a second build', () => {
  it('parses nothing and writes nothing', async () => {
    const folder = project(WITH_FRAGMENTS);
    const first = await run(folder);
    const before = outputsIn(folder);
    const writes = watchWrites(path.join(folder, 'dist'));
    Object.assign(counts, { parsed: 0, trees: 0 });
    const second = unchanged({ cwd: folder, to: TO });
    expect(second && [second.counts.unchanged, told(second)]).toEqual([first.counts.added, told(first)]);
    expect([counts, writes(), outputsIn(folder)]).toEqual([{ parsed: 0, trees: 0 }, [], before]);
  });

  it('that is not sure compiles nothing either', async () => {
    const folder = project(WITH_FRAGMENTS);
    await run(folder);
    writeFileSync(path.join(folder, 'agents/README.md'), 'No agent.\n');
    Object.assign(counts, { parsed: 0, trees: 0 });
    expect(unchanged({ cwd: folder, to: TO })).toBeUndefined();
    const writes = watchWrites(path.join(folder, 'dist'));
    const { counts: files } = await run(folder);
    expect([counts, files.added + files.changed, writes().filter((call) => !/polyagent\.lock$|^mkdirSync/.test(call))]).toEqual([
      { parsed: 0, trees: 0 },
      0,
      [],
    ]);
  });
});

const WRITING = ['writeFileSync', 'appendFileSync', 'openSync', 'renameSync', 'unlinkSync', 'mkdirSync'] as const;

/** Notes the files below a folder that are written, made or renamed from now on, until it is asked for them. */
function watchWrites(folder: string): () => string[] {
  const files: string[] = [];
  const real = Object.fromEntries(WRITING.map((name) => [name, fs[name]]));
  for (const name of WRITING) {
    const noted = (...of: unknown[]): unknown => {
      if (String(of[0]).startsWith(folder) && !(name === 'openSync' && of[1] === 'r')) files.push(`${name} ${String(of[0])}`);
      return (real[name] as (...of: unknown[]) => unknown)(...of);
    };
    Object.assign(fs, { [name]: noted });
  }
  syncBuiltinESMExports();
  return () => {
    Object.assign(fs, real);
    syncBuiltinESMExports();
    return files;
  };
}

describe.each([
  ['an agent', 'agents/a0.md', agent('a0', '', 'You help otherwise.'), 1],
  ['an agent that says the same', 'agents/a0.md', agent('a0'), 0],
  ['a fragment', 'agents/fragments/careful.md', '## Care\n\n- Look three times.\n', 2],
  ['a base', 'agents/_base.md', '## Rules\n\n- Be kinder.\n', 8],
  ['a file that nobody uses', 'agents/_lead.md', 'Still nobody.\n', 0],
  // One agent extends something by name, and might mean the new one.
  ['a new agent', 'agents/new.md', agent('new'), 2],
])('one edit: %s', (_title, file, text, concerned) => {
  it('is read with what depends on it, and nothing else is', async () => {
    const folder = project(WITH_FRAGMENTS);
    await run(folder);
    writeFiles(folder, { [file]: text });
    counts.parsed = 0;
    const { counts: files } = await run(folder);
    expect(counts.parsed).toBe(concerned);
    expect(files.added + files.changed).toBeLessThanOrEqual(concerned * 4 + 3);
    expect(outputsIn(folder)).toEqual((await clean(folder)).files);
  });

  it('is the same in a session', async () => {
    const folder = project(WITH_FRAGMENTS);
    const session = await openSession({ cwd: folder, to: TO, cache: false });
    await session.update();
    writeFiles(folder, { [file]: text });
    counts.parsed = 0;
    const result = await session.update(new Set([path.join(folder, file)]));
    expect(counts.parsed).toBeLessThanOrEqual(concerned + 1);
    await session.close();
    const expected = await clean(folder);
    expect([outputsIn(folder), told(result)]).toEqual([expected.files, expected.messages]);
  });
});

describe('a session that begins with what a build has kept', () => {
  it('reads one agent for an edit of one', async () => {
    const folder = project(WITH_FRAGMENTS);
    await run(folder);
    const session = await openSession({ cwd: folder, to: TO });
    await session.update();
    writeFiles(folder, { 'agents/a0.md': agent('a0', '', 'You help otherwise.') });
    counts.parsed = 0;
    const { recent } = await session.update(new Set([path.join(folder, 'agents/a0.md')]));
    await session.close();
    expect([counts.parsed, recent]).toEqual([1, { come: [], gone: [] }]);
    expect(outputsIn(folder)).toEqual((await clean(folder)).files);
  });
});

describe('a fragment that is edited again and again', () => {
  it('has the prompts of its agents parsed once', async () => {
    const folder = project(WITH_FRAGMENTS);
    const session = await openSession({ cwd: folder, to: TO });
    await session.update();
    const edit = async (words: string): Promise<number> => {
      writeFiles(folder, { 'agents/fragments/careful.md': `## Care\n\n- ${words}\n` });
      counts.trees = 0;
      await session.update(new Set([path.join(folder, 'agents/fragments/careful.md')]));
      return counts.trees;
    };
    const trees = [await edit('Be quick.'), await edit('Be slow.'), await edit('Be slow, and sure.')];
    await session.close();
    expect(trees).toEqual([4, 1, 1]);
    expect(outputsIn(folder)).toEqual((await clean(folder)).files);
  });
});

describe('a fragment that changes while a build runs', () => {
  it('is in all of its agents after the next one', async () => {
    const folder = project(WITH_FRAGMENTS);
    await run(folder);
    writeFiles(folder, {
      'agents/a0.md': agent('a0', '', 'You help otherwise.'),
      'agents/a2.md': agent('a2', 'fragments: [careful]\n', 'Other.'),
    });
    const change = (): void => writeFiles(folder, { 'agents/fragments/careful.md': '## Care\n\n- Look three times.\n' });
    // After the first agent, which has none; those that are taken over had it as it was.
    await build({ cwd: folder, to: TO, onProgress: () => change() });
    await run(folder);
    expect(outputsIn(folder)).toEqual((await clean(folder)).files);
  });
});

describe('what every agent depends on', () => {
  it.each([
    ['the config', 'build.config.js', "export default { models: { haiku: { 'claude-code': 'x' } } };\n"],
    [
      'a template',
      'templates/codex.hbs',
      '# {{target}}\n{{#each header}}\n{{this}}\n{{/each}}\ndeveloper_instructions = {{body}}\n{{#each tables}}\n{{this}}\n{{/each}}\n',
    ],
    ['the fragments that there are', 'agents/fragments/other.md', 'Other.\n'],
  ])('is compiled again when it changes: %s', async (_title, file, text) => {
    const folder = project(MANY);
    await run(folder);
    writeFiles(folder, { [file]: text });
    counts.parsed = 0;
    await run(folder);
    expect(counts.parsed).toBe(8);
    expect(outputsIn(folder)).toEqual((await clean(folder)).files);
  });

  it.each([
    ['a link of the output folder', 'dist', 'r1', 'r2'],
    ['a link among the sources', 'agents/team', 'one', 'two'],
    ['a link of a package', 'node_modules/acme', 'v1', 'v2'],
  ])('is looked up again: %s', async (_title, link, first, second) => {
    const folder = project({
      ...MANY,
      'agents/a0.md': agent('a0', 'fragments: [acme/care]\n'),
      'one/b.md': agent('b'),
      'two/b.md': agent('b', '', 'You help otherwise.'),
      ...Object.fromEntries(
        ['v1', 'v2'].flatMap((name) => [
          [`${name}/package.json`, '{"name":"acme"}'],
          [`${name}/care.md`, `## ${name}\n`],
        ]),
      ),
      'r1/x': '',
      'r2/x': '',
    });
    mkdirSync(path.join(folder, 'node_modules'));
    for (const [at, to] of [
      ['dist', 'r1'],
      ['agents/team', 'one'],
      ['node_modules/acme', 'v1'],
    ])
      fs.symlinkSync(path.join(folder, to ?? ''), path.join(folder, at ?? ''));
    for (const _ of [1, 2]) runProgram(folder);
    rmSync(path.join(folder, link));
    fs.symlinkSync(path.join(folder, second), path.join(folder, link));
    runProgram(folder);
    expect(first).not.toBe(second);
    const read = (file: string): string => readFileSync(path.join(folder, 'dist/claude-code/.claude/agents', file), 'utf8');
    expect(read('b.md')).toContain(link === 'agents/team' ? 'otherwise' : 'You help with b.');
    expect(read('a0.md')).toContain(link === 'node_modules/acme' ? '## v2' : '## v1');
  });

  it('in a config that asks for a file is asked each time', async () => {
    const config =
      "import { readFileSync } from 'fs';\nexport default { outDir: readFileSync(new URL('out.txt', import.meta.url), 'utf8') };\n";
    const folder = project({ ...MANY, 'build.config.js': config, 'out.txt': 'one' });
    await run(folder);
    await run(folder);
    writeFiles(folder, { 'out.txt': 'two' });
    await run(folder);
    expect(existsSync(path.join(folder, 'two/claude-code'))).toBe(true);
  });

  it('is told as it is when a file lies where a folder was', async () => {
    const folder = project(MANY);
    await run(folder);
    rmSync(path.join(folder, 'dist/claude-code'), { recursive: true });
    writeFileSync(path.join(folder, 'dist/claude-code'), '');
    for (const _ of [1, 2]) expect(errorsIn(await run(folder)).length).toBeGreaterThan(0);
  });

  it('in a config that asks for the environment is asked each time', async () => {
    const folder = project({ ...MANY, 'build.config.js': "export default { outDir: process.env.POLYAGENT_TEST_OUT ?? 'dist' };\n" });
    await run(folder);
    process.env.POLYAGENT_TEST_OUT = 'elsewhere';
    await run(folder);
    delete process.env.POLYAGENT_TEST_OUT;
    expect(existsSync(path.join(folder, 'elsewhere/claude-code/.claude/agents/a0.md'))).toBe(true);
  });
});

describe('a cache', () => {
  const files = (folder: string): string[] => {
    const cache = folderFor({ cwd: folder });
    return readdirSync(cache)
      .filter((name) => name.endsWith('.build'))
      .map((name) => path.join(cache, name));
  };

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    [
      'of another version',
      (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('"version":"test"', '"version":"else"'), 'latin1'),
    ],
    ['changed in one byte', (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte)))],
    ['of something else', () => Buffer.from('{"magic":"polyagent cache 2"}0000000029')],
  ])('that is %s is built anew without a word', async (_title, damage) => {
    const folder = project(WITH_FRAGMENTS);
    const first = await run(folder);
    for (const file of files(folder)) writeFileSync(file, damage(readFileSync(file)));
    writeFiles(folder, { 'agents/a0.md': agent('a0', '', 'You help anew.') });
    const second = await run(folder);
    expect([second.counts.changed > 0, told(second)]).toEqual([true, told(first)]);
    expect(outputsIn(folder)).toEqual((await clean(folder)).files);
  });

  it('is neither read nor written with --no-cache', async () => {
    const folder = project(MANY);
    await run(folder, { cache: false });
    expect(existsSync(folderFor({ cwd: folder }))).toBe(false);
    counts.parsed = 0;
    await run(folder);
    await run(folder, { cache: false });
    expect(counts.parsed).toBe(16);
  });

  it('does not hide an output that was edited, lost, or touched', async () => {
    const folder = project(MANY);
    await run(folder);
    const at = (name: string): string => path.join(folder, `dist/claude-code/.claude/agents/${name}.md`);
    const now = new Date();
    fs.utimesSync(at('a0'), now, now);
    rmSync(at('a1'));
    writeFileSync(at('a2'), 'Mine.\n');
    const { counts: done, diagnostics } = await run(folder);
    expect([done.added, errorsIn({ diagnostics })]).toEqual([1, ['output-edited dist/claude-code/.claude/agents/a2.md']]);
    expect(readFileSync(at('a2'), 'utf8')).toBe('Mine.\n');
    expect(errorsIn(await run(folder))).toHaveLength(1);
  });

  it('settles again after a look: an output that was touched is read once', async () => {
    const folder = project(MANY);
    await run(folder);
    const now = new Date();
    fs.utimesSync(path.join(folder, 'dist/claude-code/.claude/agents/a0.md'), now, now);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await run(folder);
    expect(unchanged({ cwd: folder, to: TO })).toBeDefined();
  });
});

const errorsIn = ({ diagnostics }: Pick<BuildResult, 'diagnostics'>): string[] =>
  diagnostics.flatMap(({ severity, code, file }) => (severity === 'error' ? [`${code} ${file}`] : []));

/** Something that an author does between two builds. */
const edits = fc.oneof(
  fc.record({ file: fc.constantFrom(...Object.keys(WITH_FRAGMENTS)), text: fc.constantFrom('gone', 'Text.\n', '## Care\n\n- Look on.\n') }),
  fc.record({
    file: fc.constantFrom(...Object.keys(WITH_FRAGMENTS).filter((file) => /a\d/.test(file)), 'agents/more/b.md', 'agents/more/_base.md'),
    text: fc.constantFrom(
      agent('a1'),
      agent('a2', 'fragments: [careful, brief]\n'),
      agent('A2', 'targets: [codex]\n'),
      agent('other', 'extends: base\nvariants: { short: {} }\n'),
      agent('b', 'fragments: [missing]\n'),
      agent('c', 'targets: { cursor: { name: a0 } }\n', 'You help.\n\n<!-- @fragment careful -->\n'),
    ),
  }),
);

function apply(folder: string, { file, text }: { file: string; text: string }): void {
  if (text === 'gone') rmSync(path.join(folder, file), { force: true });
  else writeFiles(folder, { [file]: text });
}

describe('any edits, one after the other', () => {
  it('end in the bytes and the messages of a clean build', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(edits, { minLength: 1, maxLength: 5 }), async (steps) => {
        const folder = project({ ...WITH_FRAGMENTS, 'agents/z.md': agent('z') });
        await run(folder);
        for (const step of steps) {
          apply(folder, step);
          const result = await run(folder);
          const expected = await clean(folder);
          expect(told(result)).toEqual(expected.messages);
          // What failed keeps what it had.
          if (result.failed.length === 0) expect(outputsIn(folder)).toEqual(expected.files);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('do so in a session, too', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(edits, { minLength: 1, maxLength: 5 }), async (steps) => {
        const folder = project({ ...WITH_FRAGMENTS, 'agents/z.md': agent('z') });
        const session = await openSession({ cwd: folder, to: TO, cache: false });
        await session.update();
        for (const step of steps) {
          apply(folder, step);
          const result = await session.update(new Set([path.join(folder, step.file)]));
          const expected = await clean(folder);
          expect(told(result)).toEqual(expected.messages);
        }
        await session.close();
        const { failed } = await build({ cwd: folder, to: TO, cache: false, dryRun: true });
        if (failed.length === 0) expect(outputsIn(folder)).toEqual((await clean(folder)).files);
      }),
      { numRuns: 40 },
    );
  });
});
