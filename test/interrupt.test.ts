/** Ctrl-C during a build, on a terminal: the bundled program. */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untilInterrupted } from '../src/cli/interrupt.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const SCRATCH = fs.mkdtempSync(path.join(tmpdir(), 'polyagent-interrupt-'));
const AGENTS = 600;
/** Runs a program on a terminal, and prints the signal that ended it. */
const ON_TERMINAL = 'import os, pty, sys; print("ended by", os.WTERMSIG(pty.spawn(sys.argv[1:])), flush=True)';
/** The line was begun anew and cleared, last of all. */
const TAKEN_AWAY = new RegExp(`\\r${'\x1b'}\\[Kended by 2$`);
const hasTerminal = spawnSync('python3', ['-c', 'import pty']).status === 0;

beforeAll(() => {
  if (!fs.existsSync(CLI)) throw new Error('dist/cli.js is missing: npm run build');
  fs.mkdirSync(path.join(SCRATCH, 'agents'));
  for (let n = 0; n < AGENTS; n++)
    fs.writeFileSync(path.join(SCRATCH, `agents/a${n}.md`), `---\nname: a${n}\ndescription: Does ${n}.\n---\nBody of the agent.\n`);
});
afterAll(() => fs.rmSync(SCRATCH, { recursive: true, force: true }));

describe('Ctrl-C', () => {
  it.runIf(hasTerminal)('ends a build at once, and takes the bar away', async () => {
    const { CI: _, ...env } = process.env;
    const child = spawn('python3', ['-c', ON_TERMINAL, process.execPath, CLI, 'build', '--jobs', '1'], {
      cwd: SCRATCH,
      env: { ...env, TERM: 'xterm' },
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      if (!text.includes(' outputs') && more.includes(' outputs')) child.stdin.write('\x03');
      text += more;
    });
    await new Promise((resolve) => child.once('close', resolve));
    expect(text.slice(text.lastIndexOf('^C')).trimEnd()).toMatch(TAKEN_AWAY);
    const { status } = spawnSync(process.execPath, [CLI, 'build', '--quiet'], { cwd: SCRATCH });
    expect(status).toBe(0);
  });

  it('changes nothing where it does not come', () => {
    const tidy = (): void => expect.unreachable();
    expect(untilInterrupted(() => [1], tidy)).toEqual([1]);
    const error = new TypeError('a bug');
    expect(() =>
      untilInterrupted(() => {
        throw error;
      }, tidy),
    ).toThrow(error);
  });
});
