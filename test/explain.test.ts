/**
 * `test/explain/<case>.md` is a project and commands, `<case>.txt` what a person then sees: see transcript.ts. What the data
 * says of lines and bytes is compared with the files, in the cases, in our own agents and in the corpus.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { main } from '../src/cli/main.js';
import { compile } from '../src/compile.js';
import { createExplainer } from '../src/explain/explain.js';
import type { Explanation, Lines, Outcome, Prompt, Section } from '../src/explain/explanation.js';
import { TARGETS } from '../src/targets/index.js';
import { SIX } from './read-sample.js';
import { play, readSteps } from './transcript.js';

const FOLDER = path.join(import.meta.dirname, 'explain');
const OURS = path.join(import.meta.dirname, '..');
const cases = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.md'))
  .map((file) => file.slice(0, -'.md'.length));

test('every transcript has a case', () => {
  const transcripts = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));
  expect(transcripts.map((file) => file.slice(0, -'.txt'.length)).filter((name) => !cases.includes(name))).toEqual([]);
});

describe('a case', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'polyagent-explain-'));
    writeFileSync(path.join(folder, 'build.config.mjs'), `export default { targets: ${JSON.stringify(SIX)} };\n`);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test.each(cases)('%s', async (name) => {
    const steps = readSteps(readFileSync(path.join(FOLDER, `${name}.md`), 'utf8'));
    await expect(await play(steps, folder)).toMatchFileSnapshot(path.join(FOLDER, `${name}.txt`));
    await checkProject(folder);
  });
});

test('our own agents', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'polyagent-explain-'));
  cpSync(path.join(OURS, 'agents'), path.join(folder, 'agents'), { recursive: true });
  try {
    expect(await checkProject(folder)).toBeGreaterThan(4);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const corpus = path.resolve(OURS, '../shared/corpus');
const hasCorpus = existsSync(path.join(corpus, 'MANIFEST.json'));

test.skipIf(!hasCorpus)(`the corpus${hasCorpus ? '' : ' (skipped: shared/corpus is absent)'}`, () => {
  const { entries } = JSON.parse(readFileSync(path.join(corpus, 'MANIFEST.json'), 'utf8')) as { entries: { path: string }[] };
  const targets = TARGETS.filter(({ name }) => ['claude-code', 'codex', 'amazon-q'].includes(name));
  let explained = 0;
  for (const entry of entries) {
    const file = { path: entry.path, content: readFileSync(path.join(corpus, entry.path)) };
    const compilation = compile({ agents: [file] }, targets);
    const contents = new Map(compilation.files.map(({ target, content }) => [target, content]));
    for (const agent of compilation.authored) {
      const explanation = createExplainer(compilation, targets, compilation.textOf).explain(agent);
      check(
        explanation,
        (outcome) => contents.get(outcome.target),
        () => file.content.toString(),
      );
      explained += contents.size;
    }
  }
  expect(explained).toBeGreaterThan(500);
});

/** Explains all agents of a folder in some targets, and compares that with what a build of them writes. */
async function checkProject(folder: string): Promise<number> {
  const out = mkdtempSync(path.join(tmpdir(), 'polyagent-explain-'));
  try {
    const run = async (...argv: string[]): Promise<string> => {
      let printed = '';
      const stdout = { write: (text: string) => (printed += text) };
      await main(argv, { cwd: folder, stdout, stderr: { write: () => undefined }, env: {} });
      return printed;
    };
    const targets = ['claude-code', 'codex', 'amazon-q', 'agents-md'];
    await run('build', '--to', targets.join(), '--out', out);
    const { agents } = JSON.parse(await run('explain', '--target', targets.join(), '--json')) as { agents: Explanation[] };
    for (const explanation of agents) {
      check(
        explanation,
        // A file that is ours in part has other bytes too.
        ({ target, file = '' }) => (target === 'agents-md' ? undefined : readFileSync(path.join(out, target, file), 'utf8')),
        (source) => readFileSync(path.join(folder, source), 'utf8'),
      );
    }
    return agents.length;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

type Read<Key> = (key: Key) => string | undefined;

/** Compares an explanation with the files that it is about. */
function check(explanation: Explanation, outputOf: Read<Outcome>, sourceOf: Read<string>): void {
  const { path: source, targets, prompts } = explanation;
  for (const outcome of targets.filter(({ file }) => file !== undefined)) {
    const sum = (outcome.shares ?? []).reduce((all, { bytes }) => all + bytes, 0);
    expect(sum, `${source}: shares in ${outcome.target}`).toBe(outcome.size?.bytes);
    const output = outputOf(outcome);
    if (output === undefined) continue;
    expect(outcome.size?.bytes, `${source}: size in ${outcome.target}`).toBe(Buffer.byteLength(output));
    const prompt = prompts.find((one) => one.targets.includes(outcome.target));
    if (prompt && outcome.promptLine !== undefined) checkPrompt(prompt, explanation, outcome.promptLine, output, sourceOf);
  }
}

function checkPrompt(prompt: Prompt, { path: source }: Explanation, promptLine: number, output: string, sourceOf: Read<string>): void {
  const sections = prompt.sections.flatMap(flat);
  expect(
    sections.reduce((all, { bytes }) => all + bytes, 0),
    `${source}: sections`,
  ).toBe(prompt.bytes);
  for (const section of sections) {
    const about = `${source}: ${section.title}`;
    const { first, last } = section.lines;
    const shown = linesIn(output, { first: first + promptLine - 1, last: last + promptLine - 1 });
    if (section.title !== undefined) expect(plain(shown[0] ?? ''), about).not.toBe('');
    // What is filled in stands elsewhere.
    if (section.parameters.length > 0) continue;
    const claimed = section.from.flatMap(({ path: file, lines }) => lines.flatMap((range) => linesIn(sourceOf(file) ?? '', range)));
    expect(new Set(claimed.map(plain)), about).toEqual(new Set(shown.map(plain)));
  }
}

const flat = (section: Section): Section[] => [section, ...section.sections.flatMap(flat)];

/** Lines of a text that say something. */
function linesIn(text: string, { first, last }: Lines): string[] {
  const lines = text.split('\n').slice(first - 1, last);
  return lines.filter((line) => line.trim() !== '' && !line.startsWith('<!-- @'));
}

/** A line without its marks, which are written anew in the style of the agent, and without those that end a value of TOML. */
const plain = (line: string): string =>
  line
    .replace(/(?:'''|""")$/, '')
    .replace(/^\s*(?:#{1,6}|[-*+]|\d+[.)])?\s*(?:\[[ xX]\]\s)?\s*/, '')
    .trimEnd();
