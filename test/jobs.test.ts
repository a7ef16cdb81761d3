/**
 * Nobody can see how many threads made a build: not by its files, its journal, its messages or its exit code, nor by what the
 * next build knows, whatever becomes of the threads. The bundled program is run, since threads are started from it. A module that
 * all threads load first says what they do; by it the first one also waits for another, or another one dies.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = path.join(ROOT, 'dist/cli.js');
const SCRATCH = realpathSync(mkdtempSync(path.join(tmpdir(), 'polyagent-jobs-')));
const TARGETS = 'claude-code,codex,agents-md,claude-plugin,roo-code,cursor';
const BUILD = ['build', '--to', TARGETS];
const PRELOAD = path.join(SCRATCH, 'threads.cjs');
const LOG = path.join(SCRATCH, 'log');

/**
 * `WAITS`: the first thread does nothing before it has heard of another one. `DIES`: before or after which of its answers a thread
 * ends. `FAILS`: why there are no threads, or none that answer. `SLEEPS`: how long the first thread gives the others to fail.
 */
const THREADS = `
const fs = require('node:fs');
const os = require('node:os');
const threads = require('node:worker_threads');
const { isMainThread, threadId, receiveMessageOnPort, Worker, MessagePort } = threads;
const { LOG, DIES, FAILS, WAITS, SLEEPS, CORES } = process.env;
const say = fs.appendFileSync;
const log = (what) => say(LOG, threadId + ' ' + what + '\\n');
const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
for (const call of ['writeFileSync', 'appendFileSync', 'renameSync', 'unlinkSync']) {
  const real = fs[call];
  fs[call] = (file, ...of) => {
    const done = real(file, ...of);
    if (typeof file === 'string' && /[\\\\/]dist[\\\\/]/.test(file)) log(call + ' ' + file.replace(/^.*?[\\\\/]dist(?=[\\\\/])/, '').replace(/\\.\\d+\\.tmp$/, ''));
    return done;
  };
}
if (CORES) os.availableParallelism = () => Number(CORES);
if (isMainThread) {
  threads.receiveMessageOnPort = (port) => {
    const answer = receiveMessageOnPort(port);
    if (answer) log('heard');
    return answer;
  };
  const { notify } = Atomics;
  let ms = 0;
  let slept = false;
  Atomics.notify = (...of) => {
    if (SLEEPS && !slept) sleep(Number(SLEEPS));
    slept = true;
    for (; WAITS && ms < 20000 && !/answers/.test(fs.readFileSync(LOG, 'utf8')); ms += 5) sleep(5);
    return notify(...of);
  };
  threads.Worker = class extends Worker {
    constructor(url, options) {
      if (FAILS === 'refused') throw new Error('no more threads');
      super(url, { ...options, ...(FAILS === 'small' && { resourceLimits: { maxOldGenerationSizeMb: 6 } }) });
      log('starts');
      this.on('exit', () => log('ends'));
      this.on('error', ({ code, message }) => log('fails ' + (code ?? message)));
    }
  };
} else {
  const post = MessagePort.prototype.postMessage;
  let count = 0;
  MessagePort.prototype.postMessage = function (message, ...of) {
    if (!message || message.stretch === undefined) return post.call(this, message, ...of);
    count++;
    if (DIES === 'before ' + count) process.exit(1);
    post.call(this, message, ...of);
    log('answers');
    if (DIES === 'after ' + count) process.exit(1);
  };
  if (FAILS === 'broken') throw new Error('no');
  if (FAILS === 'stuck') sleep(1e9);
}
require('node:module').syncBuiltinESMExports();
`;

beforeAll(() => {
  if (!existsSync(CLI)) throw new Error('dist/cli.js is missing: npm run build');
  writeFileSync(PRELOAD, THREADS);
});
afterAll(() => rmSync(SCRATCH, { recursive: true, force: true }), 60_000);

type Files = { readonly [name: string]: string };

function write(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
}

const agent = (name: string, more = '', body = `You help with ${name}.\n\n## Work\n\n- Do it.\n`): string =>
  `---\nname: ${name}\ndescription: Helps with ${name}.\n${more}---\n${body}`;

const USES = [
  '',
  'fragments: [care]\n',
  'fragments: ["kit/tests"]\n',
  'extends: base\n',
  'variants:\n  brief: { model: haiku }\n',
  'tools: Bash(git *), Read\n',
];

/** A target of the config is made of functions, which no thread can give to another. */
const ACME = `{
  name: 'acme', title: 'Acme', verified: 'documentation', against: 'Acme 1', path: '.acme/{id}.md', format: 'yaml',
  fields: { description: { key: 'about' }, tools: { ids: Object.fromEntries(['read','list','glob','grep','write','edit','notebook','shell','web-fetch','web-search','todo','delegate','ask','skill','lsp'].map((c) => [c, c])), enforcement: { by: 'allow-list', key: 'tools', shape: 'list', patterns: false } } },
  body: { required: false },
  schema: { '~standard': { version: 1, vendor: 'test', validate: (value) => (String(value.about).includes('a13') ? { issues: [{ message: 'has bad luck', path: ['about'] }] } : { value }) } },
}`;

/** Enough agents for several stretches, with all that agents may have, and all that may be wrong with them. */
const PROJECT: Files = {
  'package.json': '{ "name": "p", "private": true }\n',
  'build.config.js': `export default { targets: [${ACME}], variants: { loud: { description: 'Loud.' } }, outline: ['Work'], rules: { 'tools-widened': 'warning' } };\n`,
  'templates/acme.hbs': '---\n{{#each header}}\n{{this}}\n{{/each}}\n---\n{{body}}',
  'templates/cursor.hbs': '---\n{{#each header}}\n{{this}}\n{{/each}}\n---\nFor Cursor.\n\n{{body}}',
  'agents/_base.md': '---\nmodel: sonnet\n---\n## Manners\n\n- Be kind.\n',
  'agents/base.md': agent('base', '', 'You are the base.\n\n## Work\n\n- Begin.\n'),
  'agents/fragments/care.md': '## Care\n\n- Be careful.\n',
  'node_modules/kit/package.json': '{ "name": "kit", "version": "1.0.0", "exports": { "./*": "./*.md" } }\n',
  'node_modules/kit/tests.md': '## Tests\n\n- Write them.\n',
  ...Object.fromEntries(Array.from({ length: 90 }, (_, n) => [`agents/a${n}.md`, agent(`a${n}`, USES[n % USES.length])])),
  'agents/a17.md': '---\nname: [\n---\nBroken.\n',
  'agents/a33.md': agent('a33', 'fragments: [nowhere]\n'),
  'agents/a50.md': agent('a51'),
  'agents/a60.md': agent('a60', '', 'It has no such section.\n'),
  // What lies in the way of outputs: somebody's file, and a folder.
  'dist/claude-code/.claude/agents/a5.md': 'Mine.\n',
  'dist/codex/.codex/agents/a70.toml/kept.txt': 'Mine.\n',
};

/** The same without what is wrong in it. */
const SOUND: Files = Object.fromEntries(Object.entries(PROJECT).filter(([name]) => !/\/a(?:5|17|33|50|51|60|70)[./]/.test(name)));

/** A package that one agent uses. */
const LATE: Files = {
  '../node_modules/late/package.json': '{ "name": "late", "version": "1.0.0" }\n',
  '../node_modules/late/tests.md': '## Tests\n\n- Write them.\n',
};

interface Ran {
  readonly files: Files;
  readonly printed: string;
  readonly code: number | null;
  /** What the threads did with files of the output folder, in order; the first is 0. */
  readonly did: readonly string[];
  readonly started: number;
  /** Why threads failed. */
  readonly failures: readonly string[];
  /** How many stretches other threads made. */
  readonly heard: number;
}

let made = 0;
const fresh = (): string => path.join(SCRATCH, String(made++), 'p');

function project(files: Files = PROJECT): string {
  const folder = fresh();
  write(folder, files);
  return folder;
}

function filesIn(folder: string): Files {
  if (!existsSync(folder)) return {};
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = found.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
}

type Env = { readonly [name: string]: string };

const environment = (folder: string, env: Env): NodeJS.ProcessEnv => ({
  ...process.env,
  LOG,
  CACHE_DIR: path.join(folder, '../cache'),
  ...env,
});

function run(folder: string, args: readonly string[], env: Env = {}, cli = CLI): Ran {
  rmSync(LOG, { force: true });
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--require', PRELOAD, cli, ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: environment(folder, env),
    timeout: 100_000,
  });
  const lines = existsSync(LOG) ? readFileSync(LOG, 'utf8').trimEnd().split('\n') : [];
  const count = (what: string): number => lines.filter((line) => line === `0 ${what}`).length;
  return {
    files: filesIn(path.join(folder, 'dist')),
    printed: `${stderr}${stdout}`.replaceAll(/ in \d+ ms/g, '').replaceAll(/"(?:ms|duration)": ?\d+/g, ''),
    code: status,
    did: lines.filter((line) => !/^0 (?:starts|ends|heard|fails .*)$| answers$/.test(line)),
    started: count('starts'),
    failures: lines.flatMap((line) => /^0 fails (.*)/.exec(line)?.[1] ?? []),
    heard: count('heard'),
  };
}

const OWN = ['build', '--to', `${TARGETS},acme`];
type Told = Pick<Ran, 'printed' | 'code' | 'files' | 'did'>;
const told = ({ printed, code, files, did }: Ran): Told => ({ printed, code, files, did });

describe('builds in one, two and four threads', () => {
  it.each([['--verbose'], ['--format', 'json']])(
    'are the same, the first and those after edits: %s %s',
    { timeout: 240_000 },
    (...format) => {
      const [one, ...others] = [1, 2, 4].map((jobs) => {
        const folder = project();
        const args = [...OWN, ...format, '--jobs', String(jobs)];
        const check = ['check', ...OWN.slice(1), ...format, '--jobs', String(jobs)];
        const env = jobs > 1 ? { WAITS: '1' } : {};
        const runs = [run(folder, check, env), run(folder, [...args, '--dry-run'], env), run(folder, args, env)];
        // Another fragment, edited and missing outputs, an agent that goes.
        write(folder, {
          'agents/fragments/care.md': '## Care\n\n- Be very careful.\n',
          'dist/claude-code/.claude/agents/a7.md': 'Edited.\n',
        });
        rmSync(path.join(folder, 'dist/codex'), { recursive: true });
        rmSync(path.join(folder, 'agents/a40.md'));
        runs.push(run(folder, args), run(folder, check));
        // Nobody knows anything, and everything is there.
        runs.push(run(folder, [...args, '--no-cache'], env), run(folder, [...args, '--source-maps', '--force'], env));
        return runs;
      });
      for (const other of others) expect(other.map(told)).toEqual(one?.map(told));
      expect(one?.map(({ started }) => started)).toEqual([0, 0, 0, 0, 0, 0, 0]);
      const started = others.map((runs) => runs.map((ran) => ran.heard > 0 && ran.started));
      // What is left after edits may be too little to share.
      expect(started.map((of) => of.filter((_, at) => at !== 3 && at !== 4))).toEqual([Array(5).fill(1), Array(5).fill(3)]);
      for (const word of ['a33', 'bad luck']) expect(one?.[2]?.printed).toContain(word);
      expect(one?.[2]?.code).toBe(1);
      // Nobody else wrote.
      expect(one?.[2]?.did.length).toBeGreaterThan(500);
      expect(others.flat().flatMap(({ did }) => did.filter((line) => !line.startsWith('0 ')))).toEqual([]);
    },
  );

  it.each([
    ['read: a package that changes', '../node_modules/late'],
    ['looked for: a package that comes', 'node_modules/late'],
  ])('know what a thread has %s is built', { timeout: 60_000 }, (_, changed) => {
    // While the first thread waits, another one makes the first agents, and finds a package that nobody else asks for.
    const files = Object.fromEntries(Object.entries(SOUND).map(([name, text]) => [name, text.replace('fragments: ["kit/tests"]\n', '')]));
    const folder = project({ ...files, 'agents/a0.md': agent('a0', 'fragments: ["late/tests"]\n'), ...LATE });
    const args = [...BUILD, '--jobs', '2'];
    const first = run(folder, args, { WAITS: '1' });
    expect([first.code, first.heard > 0]).toEqual([0, true]);
    expect(run(folder, args).did).toEqual(['0 unlinkSync /.polyagent.lock']);
    write(folder, { [`${changed}/package.json`]: '{ "name": "late" }\n', [`${changed}/tests.md`]: '## Tests\n\n- Write them twice.\n' });
    const after = run(folder, args);
    expect(after.files['claude-code/.claude/agents/a0.md']).toContain('twice');
    rmSync(path.join(folder, 'dist'), { recursive: true });
    expect(run(folder, [...BUILD, '--jobs', '1', '--no-cache']).files).toEqual(after.files);
  });

  it('are the same for shares', { timeout: 60_000 }, () => {
    const [one, two] = ['1', '2'].map((jobs) => {
      const folder = project();
      const env = jobs === '2' ? { WAITS: '1' } : {};
      return ['1/2', '2/2'].map((shard) => run(folder, [...OWN, '--shard', shard, '--jobs', jobs], env));
    });
    expect(two?.map(told)).toEqual(one?.map(told));
    expect(two?.map(({ heard }) => heard > 0)).toEqual([true, true]);
  });

  it('are the same for projects that are made up', { timeout: 240_000 }, () => {
    const anyAgent = fc.record({
      use: fc.constantFrom(...USES),
      body: fc.constantFrom('Help.\n', 'Help.\n\n## Work\n\n- Do it.\n', '{{ nothing }}\n\n## Care\n\n- Own.\n', '# A\n\n```\ncode\n'),
      name: fc.constantFrom('', '', '', 'taken', 'Not A Name', '[broken'),
    });
    const anyProject = fc.array(anyAgent, { minLength: 49, maxLength: 70 });
    fc.assert(
      fc.property(anyProject, (agents) => {
        const files = Object.fromEntries(agents.map(({ use, body, name }, n) => [`agents/g${n}.md`, agent(name || `g${n}`, use, body)]));
        const own = Object.fromEntries(Object.entries(PROJECT).filter(([name]) => !/\/a\d+\./.test(name)));
        const [one, two] = ['1', '2'].map((jobs) =>
          run(project({ ...own, ...files }), [...BUILD, '--format', 'json', '--jobs', jobs], jobs === '2' ? { WAITS: '1' } : {}),
        );
        expect(two && told(two)).toEqual(one && told(one));
        expect(two?.heard).toBeGreaterThan(0);
      }),
      { numRuns: 5 },
    );
  });
});

describe('a thread that', () => {
  let alone: Ran;
  const args = (jobs: string): string[] => [...OWN, '--verbose', '--jobs', jobs];
  beforeAll(() => {
    alone = run(project(), args('1'));
    expect(alone.did.length).toBeGreaterThan(500);
  }, 60_000);

  it.each(['before 1', 'after 1', 'before 2', 'after 2'])('dies %s of its answers is not missed', { timeout: 60_000 }, (DIES) => {
    for (const jobs of ['2', '3']) {
      const dead = run(project(), args(jobs), { DIES, ...(DIES !== 'before 1' && { WAITS: '1' }) });
      expect(told(dead)).toEqual(told(alone));
      expect(dead.heard > 0).toBe(DIES !== 'before 1');
    }
  });

  it.each([
    ['cannot be had', 'refused', []],
    ['fails as it starts', 'broken', ['no', 'no']],
    ['has too little memory', 'small', ['ERR_WORKER_OUT_OF_MEMORY', 'ERR_WORKER_OUT_OF_MEMORY']],
    ['never says a word', 'stuck', []],
  ])('%s is not missed', { timeout: 60_000 }, (_, FAILS, failures) => {
    const without = run(project(), args('3'), { FAILS, ...(failures.length > 0 && { SLEEPS: '2500' }) });
    expect(told(without)).toEqual(told(alone));
    expect(without.heard).toBe(0);
    expect(without.failures).toEqual(failures);
  });

  it('has no code is not missed', { timeout: 60_000 }, () => {
    const installed = path.join(SCRATCH, 'installed');
    cpSync(path.join(ROOT, 'dist'), path.join(installed, 'dist'), {
      recursive: true,
      filter: (file) => !/dist\/(?:types|agents|worker\.js)/.test(file),
    });
    cpSync(path.join(ROOT, 'package.json'), path.join(installed, 'package.json'));
    symlinkSync(realpathSync(path.join(ROOT, 'node_modules')), path.join(installed, 'node_modules'));
    const without = run(project(), args('2'), { SLEEPS: '2500' }, path.join(installed, 'dist/cli.js'));
    expect(told(without)).toEqual(told(alone));
    expect(without.failures).toEqual([expect.stringMatching(/MODULE_NOT_FOUND|Cannot find/)]);
  });

  it.each([
    ['has not come so far', { WAITS: '1', FAILS: 'stuck' }, '0 starts'],
    ['is at work', { WAITS: '1' }, '0 heard'],
  ])('%s ends with Ctrl-C, and the next build is as any other', { timeout: 60_000 }, async (_, env: Env, sign) => {
    const folder = project();
    rmSync(LOG, { force: true });
    const child = spawn(process.execPath, ['--require', PRELOAD, CLI, ...args('2')], {
      cwd: folder,
      env: environment(folder, env),
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)));
    while (!(existsSync(LOG) && readFileSync(LOG, 'utf8').includes(sign))) await new Promise((resolve) => setTimeout(resolve, 2));
    child.kill('SIGINT');
    expect(await ended).toBe('SIGINT');
    expect(run(folder, args('2')).files).toEqual(alone.files);
  });
});

describe('threads are only there', () => {
  const few = Object.fromEntries(Object.entries(SOUND).filter(([name]) => !/\/a\d\d\./.test(name)));
  const startedBy = (files: Files, args: readonly string[], env: Env = {}): number => run(project(files), args, env).started;

  it('where there is something to share', { timeout: 60_000 }, () => {
    expect(startedBy(PROJECT, [...BUILD, '--jobs', '2'])).toBe(1);
    expect(startedBy(few, [...BUILD, '--jobs', '3'])).toBe(0);
    for (const jobs of [[], ['--jobs', 'auto'], ['--jobs', '1']]) expect(startedBy(PROJECT, [...BUILD, ...jobs], { CORES: '8' })).toBe(0);
  });

  it('where the config says the same each time', { timeout: 60_000 }, () => {
    const config = 'export default { models: process.env.MODELS ?? {} };\n';
    expect(startedBy({ ...PROJECT, 'build.config.js': config }, [...BUILD, '--jobs', '3'])).toBe(0);
  });

  it.each(['0', '-1', 'x', 'many', '1.5', '', '1000'])('where their number is one: not for --jobs=%s', (jobs) => {
    const { printed, code, did } = run(project(few), [...BUILD, `--jobs=${jobs}`]);
    expect([printed, code, did]).toEqual([expect.stringContaining(`--jobs is \`${jobs}\``), 2, []]);
  });

  /** What a program loads of the bundle, in the first thread and in the others. */
  function loadedBy(folder: string, args: readonly string[]): Set<string> {
    const into = path.join(fresh(), 'coverage');
    run(folder, args, { NODE_V8_COVERAGE: into });
    const files = readdirSync(into).map((name) => readFileSync(path.join(into, name), 'utf8'));
    const urls = files.flatMap((text) => [...text.matchAll(/"url":"([^"?]+)/g)].map(([, url = '']) => url));
    const bundle = pathToFileURL(path.join(ROOT, 'dist/')).href;
    return new Set(urls.flatMap((url) => (url.startsWith(bundle) ? url.slice(bundle.length) : [])));
  }
  const knowsThreads = (files: ReadonlySet<string>): string[] =>
    [...files].filter((file) => /from ?"(?:node:)?worker_threads"/.test(readFileSync(path.join(ROOT, 'dist', file), 'utf8')));

  it('for who needs them: nothing of them is loaded otherwise, and no more files for their sake', { timeout: 60_000 }, () => {
    const folder = project(Object.fromEntries(Object.entries(SOUND).filter(([, text]) => !text.includes('kit/'))));
    const version = loadedBy(folder, ['--version']);
    const shared = loadedBy(folder, [...BUILD, '--jobs', '2']);
    const nothing = loadedBy(folder, [...BUILD, '--jobs', '2']);
    write(folder, { 'agents/a3.md': agent('a3', '', 'Help.\n\n## Work\n\n- Do it twice.\n') });
    const edit = loadedBy(folder, [...BUILD, '--jobs', '2']);
    const small = loadedBy(project(few), [...BUILD, '--jobs', '2']);
    for (const loaded of [version, nothing, edit, small]) expect(knowsThreads(loaded)).toEqual([]);
    expect(knowsThreads(shared)).toContain('worker.js');
    expect(nothing.size).toBeLessThan(small.size);
    // What a build loads, a thread has too, all but the file with the build itself: no code is in a file of its own for threads.
    const plain = Object.fromEntries(Object.entries(few).filter(([name]) => name.startsWith('agents/')));
    const threads = importsOf('worker.js');
    expect(
      [...loadedBy(project(plain), BUILD)].filter((file) => !version.has(file) && !nothing.has(file) && !threads.has(file)),
    ).toHaveLength(1);
  });

  /** The files of the bundle that one loads, by its imports that are not put off. */
  function importsOf(file: string, found = new Set<string>()): Set<string> {
    if (found.has(file)) return found;
    found.add(file);
    for (const [, name = ''] of readFileSync(path.join(ROOT, 'dist', file), 'utf8').matchAll(/(?:\bfrom|^import) ?"\.\/([^"]+)"/gm))
      importsOf(name, found);
    return found;
  }

  it('while a large build of a watch runs, unasked', { timeout: 180_000 }, async () => {
    const tiny = Object.fromEntries(Array.from({ length: 12_000 }, (_, n) => [`agents/t${n}.md`, agent(`t${n}`, '', 'Help.\n')]));
    const folder = project({ ...tiny, 'agents/t0.md': agent('t0', 'fragments: ["late/tests"]\n', 'Help.\n'), ...LATE });
    // Another thread finds it, and this one has to follow it.
    cpSync(path.join(folder, '../node_modules/late'), path.join(folder, '../late'), { recursive: true });
    rmSync(path.join(folder, '../node_modules/late'), { recursive: true });
    symlinkSync('../late', path.join(folder, '../node_modules/late'));
    rmSync(LOG, { force: true });
    const env = environment(folder, { CORES: '2', WAITS: '1' });
    const child = spawn(process.execPath, ['--require', PRELOAD, CLI, 'watch', '--to', 'claude-code'], {
      cwd: folder,
      env,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)));
    const said = (): string => (existsSync(LOG) ? readFileSync(LOG, 'utf8') : '');
    try {
      await vi.waitUntil(() => said().includes('0 ends'), { timeout: 120_000, interval: 20 });
      expect(said().match(/0 (?:starts|ends)/g)).toEqual(['0 starts', '0 ends']);
      expect(said()).toContain('0 heard');
      // Small builds, by this thread alone.
      for (const [file, text, name] of [
        ['agents/t7.md', agent('t7', '', 'Help twice.\n'), 't7'],
        ['../late/tests.md', '## Tests\n\n- Write them twice.\n', 't0'],
      ] as const) {
        write(folder, { [file]: text });
        const out = path.join(folder, `dist/claude-code/.claude/agents/${name}.md`);
        await vi.waitUntil(() => readFileSync(out, 'utf8').includes('twice'), { timeout: 20_000, interval: 20 });
      }
      expect(said().match(/0 (?:starts|ends)/g)).toEqual(['0 starts', '0 ends']);
    } finally {
      child.kill('SIGINT');
    }
    await ended;
  });
});

const shared = fileURLToPath(new URL('../../shared/corpus', import.meta.url));
const hasCorpus = existsSync(path.join(shared, 'MANIFEST.json'));

describe.skipIf(!hasCorpus)(`the corpus${hasCorpus ? '' : ' (skipped: shared/corpus is absent)'}`, () => {
  it('is the same from one, two and four threads', { timeout: 400_000 }, () => {
    const { entries } = JSON.parse(readFileSync(path.join(shared, 'MANIFEST.json'), 'utf8')) as { entries: { path: string }[] };
    const [one, ...others] = ['1', '2', '4'].map((jobs) => {
      const folder = fresh();
      for (const { path: name } of entries) if (name.endsWith('.md')) cpSync(path.join(shared, name), path.join(folder, 'agents', name));
      return run(folder, [...BUILD, '--verbose', '--jobs', jobs], jobs === '1' ? {} : { WAITS: '1' });
    });
    expect(one?.did.length).toBeGreaterThan(1000);
    for (const other of others) {
      expect(other.printed).toBe(one?.printed);
      expect([other.code, other.heard > 3]).toEqual([one?.code, true]);
      // Thousands of files: whether they are equal is enough.
      expect(JSON.stringify([other.files, other.did]) === JSON.stringify([one?.files, one?.did])).toBe(true);
    }
  });
});
