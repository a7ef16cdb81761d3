/** The same sources make the same bytes and the same messages, wherever, whenever and in whatever order they are built. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type Files, outputsIn, writeFiles } from './project-files.js';
import { runMain } from './run-main.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const SCRATCH = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'polyagent-same-')));
const TARGETS = 'claude-code,codex,agents-md,roo-code,cursor';

let made = 0;
afterEach(listForwards);
afterAll(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));

const { readdirSync } = fs;

/** Folders are listed in the reverse order: which one it is depends on the file system. */
function listBackwards(): void {
  Object.assign(fs, { readdirSync: (...args: Parameters<typeof readdirSync>) => readdirSync(...args).reverse() });
  syncBuiltinESMExports();
}

function listForwards(): void {
  Object.assign(fs, { readdirSync });
  syncBuiltinESMExports();
}

/** A project in a folder of its own, whose files come in the given order. */
function project(files: Files, { reversed = false, inside = '' } = {}): string {
  const folder = path.join(SCRATCH, String(made++), inside);
  const all = Object.entries(files);
  writeFiles(folder, Object.fromEntries(reversed ? all.reverse() : all));
  return folder;
}

interface Made {
  readonly code: number | null;
  readonly messages: string;
  readonly files: Files;
}

async function build(folder: string, ...args: string[]): Promise<Made> {
  const { code, text } = await runMain(folder, 'build', '--format', 'json', '--to', TARGETS, ...args);
  return { code, messages: JSON.stringify(messagesIn(text)), files: outputsIn(folder) };
}

const messagesIn = (text: string): unknown => (text.startsWith('{') ? (JSON.parse(text) as { diagnostics: unknown }).diagnostics : text);

function spawnBuild(folder: string, env: { readonly [name: string]: string }, umask = '022'): Made {
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', `umask ${umask}; exec "$0" "$@"`, process.execPath, CLI, 'build', '--format', 'json', '--to', TARGETS],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } },
  );
  return { code: status, messages: JSON.stringify(messagesIn(stdout + stderr)), files: outputsIn(folder) };
}

const withCrlf = (files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replaceAll('\n', '\r\n')]));

const agent = (name: string, more: string, body: string): string => `---\nname: ${name}\ndescription: Does ${name}.\n${more}---\n${body}`;

/** Names that sort in one way by their bytes and in others by a language, with things to say about many of them. */
const FILES: Files = {
  'agents/zebra.md': agent('zebra', 'tools: Read, Bash(git *)\nunknown: 1\n', '# Z\n\n## One\n\nText.\n'),
  'agents/Zoo.md': agent('zoo', 'model: opus\n', 'Body.\n'),
  'agents/äpfel.md': agent('aepfel', 'permissionMode: plan\n', 'Körper.\n'),
  'agents/i.md': agent('istanbul', 'color: red\n', 'Iı İi.\n'),
  'agents/sub/a-b.md': agent('a-b', 'fragments: [care, wit]\n', '# A\n\n## Last\n\nText.\n'),
  'agents/sub/a_b.md': agent('a-b-c', 'tools: nothing-known\n', 'Body.\n'),
  'agents/broken.md': '---\nname: [\n---\nBody.\n',
  'agents/fragments/care.md': '## Care\n\n- Be careful.\n',
  'agents/fragments/wit.md': '## Wit\n\n- Be quick.\n',
};

describe('the same bytes and messages', () => {
  it.each([
    ['with line feeds', FILES],
    ['with carriage returns', withCrlf(FILES)],
  ])('on all machines: %s', (_title, files) => {
    const first = spawnBuild(project(files), { TZ: 'UTC', LANG: 'C', LC_ALL: 'C' });
    expect(first.code).toBe(1);
    expect(Object.keys(first.files).length).toBeGreaterThan(31);
    expect(JSON.parse(first.messages)).toHaveProperty('length', expect.any(Number));
    const others = [
      spawnBuild(project(files, { reversed: true }), { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' }, '077'),
      spawnBuild(
        project(files, { inside: 'a folder/with äöü/deep' }),
        { TZ: 'America/St_Johns', LANG: 'sv_SE.UTF-8', LC_ALL: 'sv_SE.UTF-8' },
        '000',
      ),
    ];
    for (const other of others) expect(other).toEqual(first);
    for (const [name, content] of Object.entries(first.files)) expect(content, name).not.toContain(SCRATCH);
  });

  it('of all shares, in any order', async () => {
    const { 'agents/broken.md': _, ...files } = FILES;
    const whole = await build(project(files));
    expect(whole.code).toBe(0);
    for (const order of [
      [1, 2, 3],
      [3, 1, 2],
      [2, 3, 1, 2],
    ]) {
      const folder = project(files);
      for (const share of order) expect((await build(folder, '--shard', `${share}/3`)).code).toBe(0);
      expect(outputsIn(folder)).toEqual(whole.files);
    }
  });

  it('after any way to the same sources', async () => {
    const clean = await build(project(FILES));
    const folder = project({ 'agents/zebra.md': agent('zebra', '', 'Before.\n'), 'agents/other.md': agent('other', '', 'Gone.\n') });
    await build(folder);
    fs.rmSync(path.join(folder, 'agents/other.md'));
    for (const [name, content] of Object.entries(FILES).reverse()) {
      writeFiles(folder, { [name]: content });
      await build(folder);
    }
    expect(await build(folder)).toEqual(clean);
  });

  const NAMES = ['ab', 'a-b', 'a1', 'b', 'z9', 'zz', 'name-of-three'];
  const projects = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom(...NAMES),
      folder: fc.constantFrom('', 'x/', 'x/y/', 'Ä/'),
      tools: fc.subarray(['Read', 'Edit', 'Bash(git *)', 'mcp__a__b', 'Unknown']),
      targets: fc.option(fc.subarray(TARGETS.split(','), { minLength: 1 }), { nil: undefined }),
      more: fc.constantFrom('', 'model: sonnet\n', 'fragments: [f]\n', 'unknown: x\n', 'color: nothing\n'),
      body: fc.string({ unit: 'grapheme', maxLength: 40 }),
    }),
    { selector: ({ name, folder }) => name + folder, minLength: 1, maxLength: 5 },
  );

  it('for any project, in any order, and again', async () => {
    await fc.assert(
      fc.asyncProperty(projects, fc.boolean(), async (agents, crlf) => {
        const all: Files = {
          'agents/fragments/f.md': '## F\n\nText.\n',
          ...Object.fromEntries(
            agents.map(({ name, folder, tools, targets, more, body }) => [
              `agents/${folder}${name}.md`,
              agent(
                name,
                `${more}${tools.length > 0 ? `tools: [${tools.map((tool) => `'${tool}'`).join()}]\n` : ''}${targets ? `targets: [${targets.join()}]\n` : ''}`,
                `${body}\n`,
              ),
            ]),
          ),
        };
        const files = crlf ? withCrlf(all) : all;
        const first = await build(project(files));
        const folder = project(files, { reversed: true, inside: 'elsewhere' });
        listBackwards();
        expect(await build(folder)).toEqual(first);
        listForwards();
        expect(await build(folder)).toEqual(first);
        expect(Object.values(first.files).join('')).not.toContain(SCRATCH);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});
