/** The bundle of a config, kept for the next run: by the bundled program, and in one process. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder } from '../../src/project/cache/folder.js';
import { loadConfig } from '../../src/project/config.js';
import { UsageError } from '../../src/project/usage-error.js';
import { type Files, writeFiles } from '../project-files.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const SCRATCH = realpathSync(mkdtempSync(path.join(tmpdir(), 'polyagent-config-cache-')));
/** Loaded before the program: esbuild cannot be imported then. */
const WITHOUT_ESBUILD = path.join(SCRATCH, 'without-esbuild.mjs');
let made = 0;
let folder = '';

const at = (...parts: string[]): string => path.join(folder, ...parts);
const CACHE = 'node_modules/.cache/polyagent';

writeFileSync(
  path.join(SCRATCH, 'hooks.mjs'),
  `export const resolve = (name, context, next) => {
    if (name === 'esbuild') throw new Error('esbuild is not to be loaded');
    return next(name, context);
  };\n`,
);
writeFileSync(WITHOUT_ESBUILD, "import { register } from 'node:module';\nregister('./hooks.mjs', import.meta.url);\n");

beforeEach(() => {
  folder = path.join(SCRATCH, String(made++));
  mkdirSync(at('node_modules'), { recursive: true });
  write({ 'agents/a.md': '---\nname: a\ndescription: Does a.\n---\nBody.\n' });
});
afterAll(() => rmSync(SCRATCH, { recursive: true, force: true }));

const write = (files: Files): void => writeFiles(folder, files);

const config = (target: string): string => `export default { targets: ['${target}'] };\n`;

const environment = (more: { readonly [name: string]: string } = {}): NodeJS.ProcessEnv => {
  const { CACHE_DIR: _, ...env } = process.env;
  return { ...env, ...more };
};

/** Runs a build; gives the targets that it built, or what it complained of. */
function build({
  without = [],
  flags = [],
  env = {},
}: {
  without?: string[];
  flags?: string[];
  env?: { [name: string]: string };
} = {}): string {
  const load = without.flatMap((file) => ['--import', file]);
  const args = [...load, CLI, 'build', '--dry-run', '--format', 'json', ...flags];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, env: environment(env), encoding: 'utf8' });
  return status === 0 && stderr === '' ? (JSON.parse(stdout) as { targets: string[] }).targets.join() : stderr;
}

/** A build that may not bundle anything. */
const buildKept = (env: { [name: string]: string } = {}): string => build({ without: [WITHOUT_ESBUILD], env });

const kept = (): string[] => readdirSync(at(CACHE));

describe('a config that has not changed', () => {
  it('is not bundled again', () => {
    write({ 'build.config.ts': config('cursor') });
    expect(buildKept()).toContain('esbuild is not to be loaded');
    expect(build()).toBe('cursor');
    expect(kept()).toEqual([expect.stringMatching(/^config-[0-9a-f]{16}\.mjs$/)]);
    expect(buildKept()).toBe('cursor');
    expect(build({ without: [WITHOUT_ESBUILD], flags: ['--no-cache'] })).toContain('esbuild is not to be loaded');
  });

  it('is kept nowhere with --no-cache', () => {
    write({ 'build.config.ts': config('cursor') });
    expect(build({ flags: ['--no-cache'] })).toBe('cursor');
    expect(readdirSync(at('node_modules'))).toEqual([]);
  });

  it('is kept beside others of its folder', () => {
    write({ 'a.ts': config('cursor'), 'b.ts': config('codex') });
    for (const [name, target] of [
      ['a', 'cursor'],
      ['b', 'codex'],
    ] as const) {
      expect(build({ flags: ['--config', `${name}.ts`] })).toBe(target);
    }
    for (const [name, target] of [
      ['a', 'cursor'],
      ['b', 'codex'],
    ] as const) {
      expect(build({ without: [WITHOUT_ESBUILD], flags: ['--config', `${name}.ts`] })).toBe(target);
    }
  });

  it('has the library and its own place when it comes from the cache', () => {
    write({
      'build.config.ts': `import { defineConfig } from 'polyagent';
import { readFileSync } from 'node:fs';
export default defineConfig({ targets: [readFileSync(new URL('./target.txt', import.meta.url), 'utf8')] });\n`,
      'target.txt': 'cursor',
    });
    expect([build(), buildKept()]).toEqual(['cursor', 'cursor']);
    // It is run anew each time: what it reads by itself is its own business.
    write({ 'target.txt': 'codex' });
    expect(buildKept()).toBe('codex');
  });
});

const targets = async (): Promise<unknown> => (await loadConfig(folder, undefined, true)).config.targets;
const file = (): string => path.join(cacheFolder(folder), readdirSync(cacheFolder(folder))[0] ?? '');

describe('a config is bundled anew when', () => {
  /** A project with its config in the cache; then some files are written: gives the targets that it has now. */
  async function change(before: { readonly [name: string]: string }, after: { readonly [name: string]: string }): Promise<unknown> {
    write(before);
    expect(await targets()).toEqual(['cursor']);
    const { ino } = statSync(file());
    expect(await targets()).toEqual(['cursor']);
    // What is written is a new file.
    expect(statSync(file()).ino).toBe(ino);
    write(after);
    return targets();
  }
  const importing = (name: string): string => `import target from '${name}';\nexport default { targets: [target] };\n`;
  const module = (target: string): string => `export default '${target}';\n`;

  it('it has changed', async () => {
    expect(await change({ 'build.config.ts': config('cursor') }, { 'build.config.ts': config('codex') })).toEqual(['codex']);
  });

  it('what it imports has changed, however far away', async () => {
    const files = { 'build.config.ts': importing('./one.js'), 'one.ts': "export { default } from './two.json';\n", 'two.json': '"cursor"' };
    expect(await change(files, { 'two.json': '"codex"' })).toEqual(['codex']);
  });

  it('a package that it imports has changed', async () => {
    const files = {
      'build.config.ts': importing('acme'),
      'node_modules/acme/package.json': '{ "name": "acme", "type": "module", "main": "a.js" }',
      'node_modules/acme/a.js': module('cursor'),
      'node_modules/acme/b.js': module('codex'),
    };
    expect(await change(files, { 'node_modules/acme/a.js': module('json') })).toEqual(['json']);
    expect(
      await change({ 'node_modules/acme/a.js': module('cursor') }, { 'node_modules/acme/package.json': '{ "main": "b.js" }' }),
    ).toEqual(['codex']);
  });

  it('a package is installed nearer', async () => {
    const files = {
      'sub/build.config.ts': importing('acme'),
      'build.config.ts': "export { default } from './sub/build.config.js';\n",
      'node_modules/acme/package.json': '{ "type": "module", "main": "a.js" }',
      'node_modules/acme/a.js': module('cursor'),
    };
    const nearer = {
      'sub/node_modules/acme/package.json': '{ "type": "module", "main": "a.js" }',
      'sub/node_modules/acme/a.js': module('codex'),
    };
    expect(await change(files, nearer)).toEqual(['codex']);
  });

  it('a file comes that an import prefers', async () => {
    expect(await change({ 'build.config.ts': importing('./one'), 'one.js': module('cursor') }, { 'one.ts': module('codex') })).toEqual([
      'codex',
    ]);
  });

  it('tsconfig.json gives an import another meaning, or one that it extends', async () => {
    const paths = (to: string): string => `{ "compilerOptions": { "paths": { "target": ["./${to}.ts"] } } }`;
    const files = {
      'build.config.ts': importing('target'),
      'one.ts': module('cursor'),
      'two.ts': module('codex'),
      'three.ts': module('json'),
    };
    expect(
      await change({ ...files, 'tsconfig.json': paths('one') }, { 'tsconfig.json': '{ "extends": "./base" }', 'base.json': paths('two') }),
    ).toEqual(['codex']);
    expect(await change({ 'base.json': paths('one') }, { 'base.json': paths('three') })).toEqual(['json']);
  });
});

describe('what is kept is not believed when', () => {
  it.each<readonly [string, (text: string) => string]>([
    ['it is empty', () => ''],
    ['its head is cut off', (text) => text.slice(0, 40)],
    ['it is cut off', (text) => text.slice(0, text.length / 2)],
    ['its end is missing', (text) => text.slice(0, -3)],
    ['another word stands in it', (text) => text.replace(/cursor(?!.*cursor)/s, 'codex')],
    ['it has another format', (text) => text.replace('"format":1', '"format":0')],
    ['it does not say what it is made of', (text) => text.replace('"modules":', '"others":')],
    ['it is another module', () => 'export default { targets: ["codex"] };\n'],
    ['it has no head', () => '// null\n'],
    ['it is the one of another project', (text) => text.replaceAll(folder, `${folder}-other`)],
  ])('%s', async (_, act) => {
    write({ 'build.config.ts': config('cursor') });
    await targets();
    const text = readFileSync(file(), 'utf8');
    writeFileSync(file(), act(text));
    expect(readFileSync(file(), 'utf8')).not.toBe(text);
    expect(await targets()).toEqual(['cursor']);
    // It was made anew.
    expect(readFileSync(file(), 'utf8')).toBe(text);
  });

  it('a folder is in its place', async () => {
    write({ 'build.config.ts': config('cursor') });
    await targets();
    const name = file();
    rmSync(name);
    mkdirSync(path.join(name, 'sub'), { recursive: true });
    expect([await targets(), await targets()]).toEqual([['cursor'], ['cursor']]);
    expect(readdirSync(path.dirname(name))).toEqual([path.basename(name)]);
  });
});

describe('a cache', () => {
  it('that cannot be written is done without', () => {
    write({ 'build.config.ts': config('cursor'), file: '' });
    const env = { CACHE_DIR: at('file/cache') };
    expect([build({ env }), build({ env })]).toEqual(['cursor', 'cursor']);
    expect(buildKept(env)).toContain('esbuild is not to be loaded');
  });

  it('may be used by many programs at once', async () => {
    write({ 'build.config.ts': config('cursor') });
    const run = (): Promise<number | null> =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, [CLI, 'build', '--dry-run', '--quiet'], { cwd: folder, env: environment(), stdio: 'ignore' });
        child.on('close', resolve);
      });
    expect(await Promise.all(Array.from({ length: 8 }, run))).toEqual(Array.from({ length: 8 }, () => 0));
    expect(kept()).toEqual([expect.stringMatching(/^config-[0-9a-f]{16}\.mjs$/)]);
    expect(buildKept()).toBe('cursor');
  });
});

describe('loading a config', () => {
  const load = async (cache: boolean): Promise<unknown> => (await loadConfig(folder, undefined, cache)).config.outDir;

  it.each([true, false])('gives what it says now, as often as it is loaded (cache: %s)', async (cache) => {
    write({
      'build.config.ts': "import { out } from './out.js';\nexport default { outDir: out };\n",
      'out.ts': "export const out = 'one';\n",
    });
    expect(await load(cache)).toBe('one');
    write({ 'out.ts': "export const out = 'two';\n" });
    expect(await load(cache)).toBe('two');
    write({ 'out.ts': "export const out = 'one';\n" });
    expect(await load(cache)).toBe('one');
  });

  it('runs it each time', async () => {
    write({ 'build.config.ts': 'globalThis.runs = (globalThis.runs ?? 0) + 1;\nexport default { outDir: String(globalThis.runs) };\n' });
    expect([await load(true), await load(true), await load(false)]).toEqual(['1', '2', '3']);
  });

  it.each([true, false])('tells which files it is made of (cache: %s)', async (cache) => {
    write({
      'build.config.ts': "import { out } from './lib/out.js';\nimport acme from 'acme';\nexport default { outDir: out + acme };\n",
      'lib/out.ts': "export const out = 'one';\n",
      'node_modules/acme/index.js': "export default 'acme';\n",
    });
    const files = ['build.config.ts', 'lib/out.ts', 'node_modules/acme/index.js'].map((file) => at(file));
    for (const _ of [1, 2]) expect((await loadConfig(folder, undefined, cache)).files).toEqual(expect.arrayContaining(files));
    rmSync(at('build.config.ts'));
    expect((await loadConfig(folder, undefined, cache)).files).not.toContain(at('lib/out.ts'));
  });

  it('tells so of one that does not run, too', async () => {
    write({ 'build.config.ts': "import { out } from './out.js';\nexport default { outDir: out };\n", 'out.ts': 'export const out = ;\n' });
    const error = await loadConfig(folder, undefined, true).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect([...(error as UsageError).files].sort()).toEqual([at('build.config.ts'), at('out.ts')]);
    write({ 'out.ts': "throw new Error('no');\n" });
    for (const _ of [1, 2]) {
      const thrown = await loadConfig(folder, undefined, true).catch((one: unknown) => one);
      expect(thrown).toMatchObject({ message: 'build.config.ts does not run: no' });
      expect([...(thrown as UsageError).files].sort()).toEqual([at('build.config.ts'), at('out.ts')]);
    }
  });
});
