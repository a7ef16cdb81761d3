/** `polyagent dedupe`: what it finds, what it writes, and that no compiled text changes. */
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile } from '../src/compile.js';
import { differenceOf } from '../src/dedupe/verify.js';
import { takeOut } from '../src/project/take-out.js';
import { TARGETS } from '../src/targets/index.js';
import { filesBelow } from './project-files.js';
import { runMain } from './run-main.js';

const CASES = path.join(import.meta.dirname, 'dedupe');
const scratch = mkdtempSync(path.join(tmpdir(), 'polyagent-dedupe-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs the program in a folder; what it prints, and its code. */
async function run(cwd: string, ...argv: string[]): Promise<string> {
  const { code, text } = await runMain(cwd, 'dedupe', ...argv);
  return `$ polyagent dedupe${argv.map((arg) => ` ${arg}`).join('')}\n${text}[${code}]\n`;
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

describe('the command', () => {
  let folder = '';
  let made = 0;
  beforeEach(() => {
    folder = path.join(scratch, `command-${made++}`);
    mkdirSync(folder);
  });
  const write = (file: string, content: string): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), content);
  };
  const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
  const agent = (name: string, body: string): string => `---\nname: ${name}\ndescription: Does ${name}.\n---\n${body}`;
  const CHECKS = '- No secret stands in the code, in a log or in a message\n- Every input is checked at the place where it comes in\n';
  const STEPS = 'Read the nearest test before you change a line, and run it again when you are done with it.\n';
  /** Three have a section, two of them another one. */
  const writeThree = (at = 'agents'): void => {
    for (const name of ['one', 'two', 'three'])
      write(
        `${at}/${name}.md`,
        agent(name, `You are ${name}.\n\n## Checks\n\n${CHECKS}\n## Steps\n\n${name === 'three' ? 'None.\n' : STEPS}`),
      );
  };
  const titles = (printed: string): string[] => [...printed.matchAll(/^ *\d+\. .*“(.*)”/gm)].map(([, title]) => title ?? '');

  it('lists what so many agents have, and so many of it', async () => {
    writeThree();
    expect(titles(await run(folder))).toEqual(['Checks', 'Steps']);
    expect(titles(await run(folder, '--min', '3'))).toEqual(['Checks']);
    expect(await run(folder, '--limit', '1')).toContain('3 agents, 2 repeats, of which 1 are shown (--limit)');
    expect(titles(await run(folder, 'agents/one.md', 'agents/three.md'))).toEqual(['Checks']);
  });

  it('lists what is nearly the same unless it must be exact', async () => {
    const long = `${STEPS.trim()} Then say what you did, in the words of the person who asked.\n`;
    write('agents/one.md', agent('one', long));
    write('agents/two.md', agent('two', long.replace('nearest', 'closest')));
    expect(titles(await run(folder))).toEqual([`${long.slice(0, 60).trim()}…`]);
    expect(titles(await run(folder, '--near', '95'))).toEqual([]);
    expect(titles(await run(folder, '--exact'))).toEqual([]);
    expect(await run(folder, '--exact', '--write')).toMatch(/nothing that several of them repeat\.\n\[0\]/);
    expect(await run(folder, '--write')).toMatch(/nothing of the same text that several of them repeat\.\n\[0\]/);
  });

  it('gives the same as data', async () => {
    writeThree();
    const printed = await run(folder, '--format', 'json');
    const data = JSON.parse(printed.slice(printed.indexOf('{'), printed.lastIndexOf('}') + 1));
    expect(data).toMatchObject({ version: 1, ok: true, dryRun: false, agents: 3, total: 2, tried: [], diagnostics: [] });
    const { outcome, places, ...first } = data.repeats[0];
    expect(first).toEqual({
      number: 1,
      kind: 'section',
      title: 'Checks',
      blocks: 2,
      exact: true,
      likeness: 100,
      agents: 3,
      bytes: 112,
      saved: 146,
    });
    expect(outcome).toEqual({ tried: 3, agents: 3, saved: 170, left: [] });
    expect(places).toHaveLength(3);
    expect(places[0]).toEqual({ path: 'agents/one.md', lines: [7, 10], title: 'Checks', wording: 0 });
  });

  it('tries what many agents have in some of them', async () => {
    for (let n = 10; n < 40; n++)
      write(`agents/${n}.md`, agent(`a${n}`, `You are ${n}.\n\n## Steps\n\nNone for ${n}.\n\n## Checks\n\n${CHECKS}`));
    expect(await run(folder)).toContain('section “Checks” in 30 agents, saves about 2.5 kB\n');
    write('agents/10.md', read('agents/10.md').replace('## Checks\n\n', '## Checks\n'));
    expect(await run(folder)).toContain('section “Checks” in 30 agents, saves up to 2.5 kB (in 11 of 12 tried)\n');
    expect(await run(folder, '--write')).toContain('saved in 29 agents\n');
  });

  it('says what it would write, and writes nothing', async () => {
    writeThree();
    const before = filesBelow(folder).map((file) => [file, read(file)]);
    const printed = await run(folder, '--dry-run', '--pick', '2');
    expect(printed).toContain('✔ 2. section “Steps” → agents/fragments/steps.md: ');
    expect(printed).toContain(`  | ${STEPS}`);
    expect(printed).toContain('  ~ agents/one.md:14\n');
    expect(filesBelow(folder).map((file) => [file, read(file)])).toEqual(before);
  });

  it.each([
    [['--pick', '1'], '--pick goes with --write'],
    [['--name', 'x'], '--name goes with --write'],
    [['--write', '--pick', '3'], 'There is no repeat 3'],
    [['--write', '--pick', 'x'], '--pick is `x`'],
    [['--write', '--name', '../x'], 'A fragment cannot be called `../x`'],
    [['--write', '--name', 'x.md'], 'A fragment cannot be called `x.md`'],
    [['--write', '--name', 'Taken'], 'There is a fragment `Taken` already'],
    [['--min', '1'], '--min is `1`'],
    [['--near', '101'], '--near is `101`'],
    [['--limit', '0'], '--limit is `0`'],
    [['--format', 'xml'], 'There is no format `xml`'],
    [['elsewhere'], 'There is no file or folder elsewhere'],
  ])('refuses %j', async (args, message) => {
    writeThree();
    write('agents/fragments/taken.md', '## Taken\n');
    const before = filesBelow(folder);
    const printed = await run(folder, ...args);
    expect(printed).toContain(`error: ${message}`);
    expect(printed).toMatch(/\[2\]\n$/);
    expect(filesBelow(folder)).toEqual(before);
  });

  it('lists what it can read, and tells what it cannot', async () => {
    writeThree();
    write('agents/broken.md', '---\nname: broken\n');
    const printed = await run(folder);
    expect(printed).toContain('error[front-matter-unclosed]');
    expect(printed).toContain('3 agents, 2 repeats');
    expect(printed).toMatch(/\[1\]\n$/);
  });

  it('takes no output of ours for a source', async () => {
    writeThree();
    write('build.config.mjs', "export default { targets: [{ name: 'claude-code', outDir: '.' }] };\n");
    await runMain(folder, 'build');
    expect(filesBelow(path.join(folder, '.claude/agents'))).toHaveLength(3);
    expect(await run(folder, 'agents', '.claude/agents')).toContain('3 agents, 2 repeats');
  });

  it('writes into the folder of fragments of the config, or of the sources, or that is there', async () => {
    writeThree('agents/web');
    const [first, second] = [await run(folder, '-w', '-p', '2'), await run(folder, 'agents/web', '--write')];
    expect(first).toContain('→ agents/fragments/steps.md');
    expect(second).toContain('→ agents/fragments/checks.md');
    rmSync(folder, { recursive: true });
    writeThree('agents/web');
    write('build.config.mjs', "export default { fragments: 'common' };\n");
    mkdirSync(path.join(folder, 'common'));
    expect(await run(folder, '--write')).toContain('→ common/checks.md');
    expect(read('common/checks.md')).toBe(`## Checks\n\n${CHECKS}`);
  });

  it('goes down the list to what can be taken out', async () => {
    for (const name of ['one', 'two']) write(`agents/${name}.md`, agent(name, `${name}\n\n## Checks\n${CHECKS}\n## Steps\n\n${STEPS}`));
    const printed = await run(folder, '--write');
    expect(printed).toContain('✖ 1. section “Checks” stays: fewer than two agents would come out the same');
    expect(printed).toContain('✔ 2. section “Steps” → agents/fragments/steps.md');
    expect(printed).toMatch(/\[0\]\n$/);
    expect(await run(folder, '--write', '--pick', '1')).toMatch(/stays: fewer.*\n {2}= agents\/one.md:7 {2}a blank line .*\[1\]\n$/s);
  });

  it('takes everything out, one after the other, and the build stays the same', async () => {
    writeThree();
    const before = outputsOf(folder);
    const sizes = [sizeOf(folder)];
    for (let round = 0; round < 2; round++) {
      const saved = Number(/: (\d+) bytes saved/.exec(await run(folder, '--write'))?.[1]);
      sizes.push(sizeOf(folder));
      expect(saved).toBe((sizes[round] ?? 0) - (sizes[round + 1] ?? 0));
    }
    expect(await run(folder)).toContain('3 agents, and nothing that several of them repeat');
    expect(outputsOf(folder)).toEqual(before);
  });

  it('keeps permissions, and writes through links', async () => {
    writeThree();
    chmodSync(path.join(folder, 'agents/one.md'), 0o640);
    write('elsewhere/two.md', read('agents/two.md'));
    rmSync(path.join(folder, 'agents/two.md'));
    symlinkSync('../elsewhere/two.md', path.join(folder, 'agents/two.md'));
    await run(folder, '--write');
    expect(statSync(path.join(folder, 'agents/one.md')).mode & 0o777).toBe(0o640);
    expect(lstatSync(path.join(folder, 'agents/two.md')).isSymbolicLink()).toBe(true);
    expect(read('elsewhere/two.md')).toContain('<!-- @fragment checks -->');
  });

  it('leaves alone what was changed meanwhile, and writes nothing for fewer than two', () => {
    const of = (name: string) => ({ file: path.join(folder, name), before: Buffer.from(`${name} was`), after: `${name} is` });
    const fragment = { file: path.join(folder, 'fragments/f.md'), content: 'text' };
    for (const name of ['a', 'b', 'c']) write(name, `${name} was`);
    write('a', 'edited');
    const { written, failures } = takeOut(fragment, [of('a'), of('b'), of('c')]);
    expect([written, [...failures]]).toEqual([true, [[path.join(folder, 'a'), 'it was changed meanwhile']]]);
    expect(['a', 'b', 'c', 'fragments/f.md'].map(read)).toEqual(['edited', 'b is', 'c is', 'text']);
    expect(filesBelow(folder)).toEqual(['a', 'b', 'c', 'fragments/f.md']);

    const other = { ...fragment, file: path.join(folder, 'fragments/g.md') };
    expect(takeOut(other, [of('a'), of('b')]).written).toBe(false);
    expect(
      takeOut(fragment, [
        { ...of('b'), before: Buffer.from('b is') },
        { ...of('c'), before: Buffer.from('c is') },
      ]).written,
    ).toBe(false);
    expect(filesBelow(folder)).toEqual(['a', 'b', 'c', 'fragments/f.md']);
  });
});

describe('the difference of two compilations', () => {
  const compiled = (tools: string, text = 'You help.\n') =>
    compile(
      { agents: [{ path: 'a.md', content: `---\nname: a\ndescription: Does it.\ntools: ${tools}\n---\n${text}` }] },
      TARGETS.slice(0, 1),
    );

  it('is a message that only the second has, of whichever code', () => {
    expect(differenceOf(compiled('Read, Wrte'), compiled('Read, Wrte, Grepp'))).toMatch(/Grepp.*\(tool-unknown\)$/);
  });

  it('is no message that has another place', () => {
    expect(differenceOf(compiled('Read, Wrte'), compiled('Read,   Wrte'))).toBeUndefined();
  });
});

const sizeOf = (folder: string): number => filesBelow(folder).reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0);
