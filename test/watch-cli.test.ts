/** `polyagent watch` as a user runs it: the bundled program, its output, its end. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Files, writeFiles } from './project-files.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const SCRATCH = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'polyagent-watch-cli-')));
const PATIENCE_MS = 25_000;

let folder = '';
let made = 0;
let started: Program[] = [];

beforeAll(() => {
  if (!fs.existsSync(CLI)) throw new Error('dist/cli.js is missing: npm run build');
});
beforeEach(() => {
  folder = path.join(SCRATCH, String(made++));
  fs.mkdirSync(path.join(folder, 'agents'), { recursive: true });
  write({ 'agents/a.md': agent('a'), 'agents/b.md': agent('b') });
});
afterEach(async () => {
  for (const program of started) {
    program.child.kill('SIGKILL');
    await program.ended;
  }
  started = [];
});
afterAll(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));

const at = (...parts: string[]): string => path.join(folder, ...parts);
const agent = (name: string, body = 'Body.', more = ''): string => `---\nname: ${name}\ndescription: Does ${name}.\n${more}---\n${body}\n`;
const output = (name: string): string => at('dist/claude-code/.claude/agents', `${name}.md`);

const write = (files: Files): void => writeFiles(folder, files);

interface Program {
  readonly child: ChildProcessWithoutNullStreams;
  stdout(): string;
  stderr(): string;
  /** Waits until the output has a text; looked for behind what was waited for before. */
  says(text: string): Promise<void>;
  complains(text: string): Promise<void>;
  /** The exit code, or the signal. */
  readonly ended: Promise<number | string | null>;
}

/** Runs `polyagent watch` on a terminal, as Python can give one to a program. It does not know its width. */
const ON_TERMINAL = ['-c', 'import pty, sys; pty.spawn(sys.argv[1:])', process.execPath, CLI];
const hasTerminal = spawnSync('python3', ['-c', 'import pty']).status === 0;

function run(args: readonly string[], { command = process.execPath, first = [CLI] }: { command?: string; first?: string[] } = {}): Program {
  const { NO_COLOR: _no, FORCE_COLOR: _force, CI: _ci, ...env } = process.env;
  const child = spawn(command, [...first, 'watch', '--to', 'claude-code', ...args], { cwd: folder, env });
  const texts = { stdout: '', stderr: '' };
  const seen = { stdout: 0, stderr: 0 };
  const listeners = new Set<() => void>();
  const notify = (): void => {
    for (const listener of listeners) listener();
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
      notify();
    });
  }
  const wait = (name: 'stdout' | 'stderr', text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${text} in ${JSON.stringify(texts)}`)), PATIENCE_MS);
      const listener = (): void => {
        const found = texts[name].indexOf(text, seen[name]);
        if (found === -1) return;
        seen[name] = found + text.length;
        clearTimeout(timer);
        listeners.delete(listener);
        resolve();
      };
      listeners.add(listener);
      listener();
    });
  const program: Program = {
    child,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    says: (text) => wait('stdout', text),
    complains: (text) => wait('stderr', text),
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal))),
  };
  started.push(program);
  return program;
}

/** Files of a build that is not at its end. */
const leftovers = (): string[] =>
  (fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }) as string[]).filter((file) => /\.lock$|\.tmp$/.test(file));

describe('polyagent watch', () => {
  it('builds, and builds again what changes: a line each, with no escape codes in a pipe', async () => {
    const program = run([]);
    await program.says('✔ 2 agents × 1 target → 2 files (2 written, 0 unchanged) in');
    write({ 'agents/a.md': agent('a', 'Changed.') });
    await program.says('✔ agents/a.md → 1 file in');
    fs.rmSync(at('agents/b.md'));
    await program.says('✔ agents/b.md → 1 removed in');
    fs.utimesSync(at('agents/a.md'), 1, 1);
    await program.says('✔ agents/a.md → nothing to write in');
    program.child.kill('SIGINT');
    expect(await program.ended).toBe(0);
    expect(program.stdout()).toMatch(/^\d\d:\d\d:\d\d ✔ agents\/a\.md → 1 file in \d+ ms$/m);
    expect(program.stdout()).not.toContain('\x1b');
    expect(program.stderr()).toBe('');
  });

  it('says an error once, with its place, and that it is mended', async () => {
    const program = run([]);
    await program.says('2 files');
    write({ 'agents/a.md': agent('a', 'Body.', 'fragments: [nowhere]\n') });
    await program.complains('error[fragment-not-found]');
    await program.says('✖ agents/a.md → nothing to write in');
    expect(fs.existsSync(output('a'))).toBe(true);
    write({ 'agents/b.md': agent('b', 'Changed.') });
    await program.says('✔ agents/b.md → 1 file in');
    await program.says(', 1 error remains\n');
    write({ 'agents/b.md': agent('b', 'Body.', 'fragments: [elsewhere]\n') });
    await program.says('✖ agents/b.md → nothing to write in');
    await program.says(', 1 error, 1 error remains\n');
    fs.utimesSync(at('agents/a.md'), 1, 1);
    await program.says('✖ agents/a.md → nothing to write in');
    await program.says(', 1 error, 1 error remains\n');
    write({ 'agents/b.md': agent('b') });
    await program.says('✔ agents/b.md → 1 file in');
    await program.says(', 1 error remains\n');
    write({ 'agents/a.md': agent('a', 'Mended.') });
    await program.says(', mended\n');
    expect(program.stderr().match(/`nowhere`/g)).toHaveLength(1);
    expect(program.stderr()).toMatch(/agents\/a\.md:4:13\n4 \| fragments: \[nowhere\]/);
  });

  it('removes what was made of the last agent', async () => {
    const program = run([]);
    await program.says('2 files');
    for (const name of ['a', 'b']) {
      fs.rmSync(at('agents', `${name}.md`));
      await program.says(`✔ agents/${name}.md → 1 removed in`);
    }
    write({ 'agents/c.md': agent('c') });
    await program.says('✔ agents/c.md → 1 file in');
    fs.rmSync(at('agents'), { recursive: true });
    await program.complains('make an empty folder of that name');
    expect(fs.existsSync(output('c'))).toBe(true);
    fs.mkdirSync(at('agents'));
    await program.says('→ 1 removed in');
    expect(fs.existsSync(output('c'))).toBe(false);
  });

  it('waits where there are no agents yet', async () => {
    fs.rmSync(at('agents'), { recursive: true });
    const program = run([]);
    await program.complains('There is no file or folder agents');
    write({ 'agents/c.md': agent('c') });
    await program.says('agents → 1 file in');
  });

  it('reports a broken config and goes on with the old one; from the start it is wrong use', async () => {
    write({ 'build.config.ts': 'export default {};' });
    const program = run([]);
    await program.says('2 files');
    write({ 'build.config.ts': 'export default {' });
    await program.says('✖ build.config.ts → not read\n');
    await program.complains('error: build.config.ts does not run');
    await program.complains('The config as it was before stays in use.');
    write({ 'agents/a.md': agent('a', 'Changed.') });
    await program.says('agents/a.md → 1 file in');
    write({ 'build.config.ts': 'export default {};' });
    await program.says('✔ build.config.ts → nothing to write in');
    await program.says(', mended\n');
    write({ 'build.config.ts': 'export default {' });
    await program.complains('error: build.config.ts does not run');
    const other = run([]);
    expect(await other.ended).toBe(2);
    expect(other.stderr()).toMatch(/^error: build\.config\.ts does not run[\s\S]*\nhelp: /);
  });

  it.runIf(hasTerminal)('says in the state that the config is not read', async () => {
    write({ 'build.config.ts': 'export default {};' });
    const program = run([], { command: 'python3', first: ON_TERMINAL });
    await program.says('target in agents. Ctrl-C ends.');
    fs.renameSync(at('build.config.ts'), at('away'));
    await program.says('build.config.ts → not read');
    await program.says('error\x1b[39m: build.config.ts is gone');
    await program.says('target in agents, config not read. Ctrl-C ends.');
    fs.renameSync(at('away'), at('build.config.ts'));
    await program.says(', mended');
    await program.says('target in agents. Ctrl-C ends.');
  });

  it('prints one JSON object a line with --format json', async () => {
    const program = run(['--format', 'json', '--on-rebuild', 'echo hello']);
    await program.says('"event":');
    await program.says('"result":0}');
    write({ 'agents/a.md': agent('a', 'Changed.') });
    await program.says('"result":0}');
    const lines = program
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { [key: string]: unknown });
    expect(lines.map(({ event }) => event)).toEqual(['build', 'on-rebuild', 'build', 'on-rebuild']);
    expect(lines[2]).toMatchObject({
      version: 1,
      ok: true,
      first: false,
      sources: ['agents/a.md'],
      written: ['dist/claude-code/.claude/agents/a.md'],
      removed: [],
    });
    expect(program.stderr()).toBe('hello\nhello\n');
  });

  it.each(['x', ''])('refuses %j as a format or a command', async (word) => {
    const program = word ? run(['--format', word]) : run(['--on-rebuild', word]);
    expect(await program.ended).toBe(2);
    expect(program.stderr()).toMatch(/^error: .+\nhelp: .+\n$/);
  });
});

describe('the end', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('comes with %s, and leaves nothing behind', async (signal) => {
    const program = run([]);
    await program.says('2 files');
    program.child.kill(signal);
    expect(await program.ended).toBe(0);
    expect(leftovers()).toEqual([]);
  });

  it('comes while a build runs, and leaves nothing behind', async () => {
    for (let n = 0; n < 300; n++) write({ [`agents/many-${n}.md`]: agent(`many-${n}`) });
    const program = run(['--format', 'json']);
    for (let ms = 0; !fs.existsSync(at('dist')) && ms < PATIENCE_MS; ms += 5) await new Promise((resolve) => setTimeout(resolve, 5));
    program.child.kill('SIGINT');
    expect(await program.ended).toBe(0);
    expect(leftovers()).toEqual([]);
    expect(spawnSync(process.execPath, [CLI, 'build', '-q', '--to', 'claude-code'], { cwd: folder }).status).toBe(0);
  });

  it('comes when the one goes who holds the other end of the input', async () => {
    const program = run([]);
    await program.says('2 files');
    program.child.stdin.end();
    expect(await program.ended).toBe(0);
  });

  it('does not come for an input that is at its end from the start', async () => {
    const program = run([], { command: 'bash', first: ['-c', 'exec "$0" "$@" < /dev/null', process.execPath, CLI] });
    await program.says('2 files');
    write({ 'agents/a.md': agent('a', 'Changed.') });
    await program.says('agents/a.md → 1 file in');
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });
});

describe('--on-rebuild', () => {
  /** Whether a process runs; one that is dead may still wait for somebody to ask for its exit code. */
  const isAlive = (pid: number): boolean =>
    /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim());

  it('runs a command after each build that changed an output, and tells it what', async () => {
    const program = run(['--on-rebuild', 'echo "[$POLYAGENT_COUNT: $POLYAGENT_CHANGED$POLYAGENT_REMOVED < $POLYAGENT_SOURCES]"; exit 3']);
    await program.says('[2: dist/claude-code/.claude/agents/a.md\ndist/claude-code/.claude/agents/b.md < ]');
    await program.says('on-rebuild: exit code 3');
    fs.utimesSync(at('agents/a.md'), 1, 1);
    await program.says('nothing to write');
    fs.rmSync(at('agents/b.md'));
    await program.says('[1: dist/claude-code/.claude/agents/b.md < agents/b.md]');
    await program.says('on-rebuild: exit code 3');
    expect(program.stdout().match(/on-rebuild/g)).toHaveLength(2);
  });

  it.runIf(hasTerminal)('clears the state before the command writes to the terminal, and begins a new line after it', async () => {
    const program = run(['--on-rebuild', 'printf passed'], { command: 'python3', first: ON_TERMINAL });
    for (let n = 0; n < 4; n++) {
      await program.says('Ctrl-C ends.');
      await program.says('\x1b[Jpassed\r\n\x1b[2mon-rebuild: exit code 0');
      write({ 'agents/a.md': agent('a', `Change ${n}.`) });
    }
    expect(program.stdout()).not.toContain('ends.\x1b[22mpassed');
  });

  it('ends the command before it starts it again, and at the end, with all that it started', async () => {
    const program = run(['--on-rebuild', 'sleep 1000 & echo $! >> pids; echo started; wait']);
    await program.says('started');
    write({ 'agents/a.md': agent('a', 'Changed.') });
    await program.says('started');
    program.child.kill('SIGINT');
    expect(await program.ended).toBe(0);
    const pids = fs.readFileSync(at('pids'), 'utf8').trim().split('\n').map(Number);
    expect(pids).toHaveLength(2);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('ends what does not want to end, though its shell is gone', async () => {
    write({
      'server.mjs': [
        "import fs from 'node:fs';",
        "process.on('SIGTERM', () => {});",
        "fs.appendFileSync('pids', process.pid + '\\n');",
        "console.log('started');",
        'setInterval(() => {}, 1000);',
      ].join('\n'),
    });
    const program = run(['--on-rebuild', 'node server.mjs; true']);
    await program.says('started');
    program.child.kill('SIGINT');
    expect(await program.ended).toBe(0);
    const pids = fs.readFileSync(at('pids'), 'utf8').trim().split('\n').map(Number);
    expect(pids.filter(isAlive)).toEqual([]);
  });
});

describe('packages that are installed meanwhile', () => {
  it('are found: a new process takes over, and ends as this one does', async () => {
    write({ 'agents/a.md': agent('a', 'Body.', `fragments: ['@acme/parts/safety']\n`) });
    const program = run([]);
    await program.complains('`@acme/parts` is not installed');
    write({
      'node_modules/@acme/parts/package.json': '{ "name": "@acme/parts", "exports": { "./safety": "./texts/safety.md" } }',
      'node_modules/@acme/parts/texts/safety.md': '## Safety\n\n- Be careful\n',
      'node_modules/.package-lock.json': '{}',
    });
    await program.says('Packages were installed');
    await program.says('2 files');
    expect(fs.readFileSync(output('a'), 'utf8')).toContain('Be careful');
    write({ 'node_modules/.package-lock.json': '{ }' });
    await program.says('2 files');
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  });
});
