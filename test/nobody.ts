/** A user who may not do everything. No permission stops root, who plays another one. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ran } from './run-main.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const NOBODY = 65_534;

/** Then there are two users. */
export const IS_ROOT: boolean = process.getuid?.() === 0;

/** Gives the user a folder, and the way to it. */
export function giveToNobody(folder: string): void {
  fs.chmodSync(path.dirname(folder), 0o755);
  if (IS_ROOT) spawnSync('chown', ['-R', '-h', String(NOBODY), folder]);
}

/** Runs the program as that user. */
export function runAsNobody(cwd: string, ...args: readonly string[]): Ran {
  const user = IS_ROOT && { uid: NOBODY, gid: NOBODY };
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd, encoding: 'utf8', timeout: 30_000, ...user });
  return { code: status, text: stdout + stderr };
}
