/** `polyagent dedupe`: what it finds, what it writes, and that no compiled text changes. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../src/cli/main.js';
import { compile } from '../src/compile.js';
import { TARGETS } from '../src/targets/index.js';
import { filesBelow } from './read-sample.js';

const CASES = path.join(import.meta.dirname, 'dedupe');
const scratch = mkdtempSync(path.join(tmpdir(), 'polyagent-dedupe-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs the program in a folder; what it prints, and its code. */
async function run(cwd: string, ...argv: string[]): Promise<string> {
  let printed = '';
  const out = {
    write: (text: string) => {
      printed += text;
    },
  };
  const code = await main(['dedupe', ...argv], { cwd, stdout: out, stderr: out, env: {} });
  return `$ polyagent dedupe${argv.map((arg) => ` ${arg}`).join('')}\n${printed}[${code}]\n`;
}

/** Every output of the agents of a folder, each compiled by itself. */
function outputsOf(folder: string): { [output: string]: string } {
  const files = filesBelow(path.join(folder, 'agents')).filter((file) => file.endsWith('.md'));
  const read = (file: string) => ({ path: file, content: readFileSync(path.join(folder, 'agents', file)) });
  const fragments = files
    .filter((file) => file.startsWith('fragments/'))
    .map((file) => ({ name: file.slice('fragments/'.length, -'.md'.length), ...read(file) }));
  const agents = files.filter((file) => !file.startsWith('fragments/'));
  const compiled = agents.flatMap((file) => compile({ agents: [read(file)], fragments }, TARGETS).files);
  return Object.fromEntries(compiled.map((file) => [`${file.source} → ${file.target}`, file.content]));
}

const cases = readdirSync(CASES, { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe.each(cases.map(({ name }) => name))('%s', (name) => {
  const folder = path.join(scratch, name);
  const expected = path.join(CASES, name, 'expected');
  let printed = '';
  let before: { [output: string]: string } = {};

  beforeAll(async () => {
    mkdirSync(folder);
    cpSync(path.join(CASES, name, 'agents'), path.join(folder, 'agents'), { recursive: true });
    before = outputsOf(folder);
    const args = path.join(CASES, name, 'args.txt');
    const more = existsSync(args) ? readFileSync(args, 'utf8').trim().split(' ') : [];
    printed = `${await run(folder)}\n${await run(folder, '--write', ...more)}`;
  });

  it('prints and writes what is expected', async () => {
    await expect(printed).toMatchFileSnapshot(path.join(expected, 'printed.txt'));
    const written = filesBelow(folder).filter((file) => {
      const original = path.join(CASES, name, file);
      return !existsSync(original) || !readFileSync(original).equals(readFileSync(path.join(folder, file)));
    });
    for (const file of written) await expect(readFileSync(path.join(folder, file), 'utf8')).toMatchFileSnapshot(path.join(expected, file));
    expect(filesBelow(expected).filter((file) => file !== 'printed.txt')).toEqual(written);
  });

  it('keeps line ends and byte order marks', () => {
    for (const file of filesBelow(path.join(folder, 'agents')).filter((one) => existsSync(path.join(CASES, name, 'agents', one)))) {
      const [was, is] = [path.join(CASES, name, 'agents', file), path.join(folder, 'agents', file)].map((one) => readFileSync(one, 'utf8'));
      expect(is?.startsWith('\ufeff')).toBe(was?.startsWith('\ufeff'));
      expect(/(?<!\r)\n/.test(is ?? '')).toBe(/(?<!\r)\n/.test(was ?? ''));
    }
  });

  it('changes no compiled text', () => {
    expect(Object.keys(before).length).toBeGreaterThan(0);
    expect(outputsOf(folder)).toEqual(before);
  });
});
