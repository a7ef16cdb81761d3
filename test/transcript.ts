/**
 * Cases in which a person runs the program: a text of several files. Lines of these forms part it; what stands before the
 * first one says what it shows.
 *
 *     === agents/a.md              a file
 *     === agents/a.md base64       its bytes
 *     === agents/a.md x 3000       a file whose last line is repeated
 *     === agents/a.md -> b.md      a symbolic link
 *     $ polyagent build …          a command, run on the files written so far
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runMain } from './run-main.js';

/** What a case does, one after the other. */
export type Step =
  | { readonly kind: 'file'; readonly path: string; readonly content: Uint8Array | string }
  | { readonly kind: 'link'; readonly path: string; readonly to: string }
  | { readonly kind: 'command'; readonly line: string };

/** Reads a case. */
export function readSteps(text: string): Step[] {
  const steps: Step[] = [];
  const [, ...parts] = text.split(/^(?==== |\$ polyagent )/m);
  for (const part of parts) {
    const end = part.indexOf('\n');
    const [first, rest] = [part.slice(0, end), part.slice(end + 1)];
    if (first.startsWith('$ ')) {
      steps.push({ kind: 'command', line: first.slice('$ '.length) });
      continue;
    }
    const [, file = '', , to, , times] = /^=== (\S+)( -> (\S+))?( base64| x (\d+))?$/.exec(first) ?? [];
    if (to !== undefined) steps.push({ kind: 'link', path: file, to });
    else if (first.endsWith(' base64')) steps.push({ kind: 'file', path: file, content: Buffer.from(rest, 'base64') });
    else if (times !== undefined) {
      // The last line is the one that is repeated.
      const lines = rest.trimEnd().split('\n');
      const last = `${lines.pop()}\n`;
      steps.push({ kind: 'file', path: file, content: lines.map((line) => `${line}\n`).join('') + last.repeat(Number(times)) });
    } else steps.push({ kind: 'file', path: file, content: rest });
  }
  return steps;
}

/**
 * Plays a case in a folder, and gives what was printed.
 * @param always arguments of every command, which the transcript does not show
 */
export async function play(steps: readonly Step[], folder: string, always: readonly string[] = []): Promise<string> {
  let transcript = '';
  for (const step of steps) {
    if (step.kind === 'command') transcript += await run(step.line, folder, always);
    else {
      const file = path.join(folder, step.path);
      mkdirSync(path.dirname(file), { recursive: true });
      if (step.kind === 'link') symlinkSync(step.to, file);
      else writeFileSync(file, step.content);
    }
  }
  return transcript;
}

async function run(line: string, folder: string, always: readonly string[]): Promise<string> {
  const [, ...argv] = line.split(' ');
  const { code, text } = await runMain(folder, ...argv, ...always);
  const normal = text.replaceAll(folder, '<folder>').replaceAll(/in \d+ ms$/gm, 'in 0 ms');
  return `$ ${line}\n${normal}(exit code ${code})\n`;
}
