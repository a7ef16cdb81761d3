/** Which parser a project gets, and that no tree is built by another one. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../src/cli/main.js';
import { compile } from '../src/compile.js';
import { createExplainer } from '../src/explain/explain.js';
import { parseMarkdown } from '../src/markdown/remark.js';
import { chooseParser } from '../src/project/parser.js';
import { UsageError } from '../src/project/usage-error.js';
import { claudeCode } from '../src/targets/claude-code.js';
import { codex } from '../src/targets/codex.js';

/** What remark was asked to read. */
const read = vi.hoisted(() => ({ byRemark: [] as string[] }));

vi.mock(import('../src/markdown/remark.js'), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    parseMarkdown: (text) => {
      read.byRemark.push(text);
      return original.parseMarkdown(text);
    },
  };
});

const loads = await import('satteri').then(
  () => true,
  () => false,
);
const absent = loads ? '' : ' (skipped: satteri does not load here)';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'polyagent-parser-'));
  read.byRemark = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const AGENT = '---\nname: alpha\ndescription: Does it.\nfragments: [f, { use: p, with: { x: y }, omit: [More] }]\n---\n## A\n\n- one\n';
const BASE = '## Base\n\n<!-- @only codex -->\n\nx\n\n<!-- @end -->\n\n- two\n';
const FRAGMENT = '## A\n\n<!-- @only claude-code -->\n- three\n<!-- @end -->\n- four\n';
const WITH_PARAMETER = '---\nparams: [x]\n---\n## P\n\nThe {{x}}.\n\n## More\n\nText.\n';

it('every tree of a compilation and of what explains it is built by the parser that was given', async () => {
  const { parseMarkdown: remark } = await vi.importActual<typeof import('../src/markdown/remark.js')>('../src/markdown/remark.js');
  const texts: string[] = [];
  const parser = (text: string) => {
    texts.push(text);
    return remark(text);
  };
  const targets = [claudeCode, codex];
  const sources = {
    agents: [{ path: 'agents/a.md', content: AGENT }],
    bases: [{ path: 'agents/_base.md', content: BASE }],
    fragments: [
      { name: 'f', path: 'f.md', content: FRAGMENT },
      { name: 'p', path: 'p.md', content: WITH_PARAMETER },
    ],
  };
  const compiled = compile(sources, targets, { parser });
  expect(compiled.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  // The agent, the base and the fragments; what is filled in, what is left of it, and the texts for each target.
  expect(texts.length).toBeGreaterThanOrEqual(7);
  const built = texts.length;
  const explainer = createExplainer(compiled, targets, compiled.textOf, parser);
  for (const agent of compiled.authored) explainer.explain(agent);
  expect(texts.length).toBeGreaterThan(built);
  expect(read.byRemark).toEqual([]);

  const { files } = compile(sources, targets);
  expect(read.byRemark).toEqual(texts.slice(0, built));
  expect(files.map(({ content }) => content)).toEqual(compiled.files.map(({ content }) => content));
});

describe('a project', () => {
  const run = async (...words: string[]): Promise<string> => {
    const lines: string[] = [];
    const output = { isTTY: false, columns: 100, write: (text: string) => lines.push(text) };
    const code = await main(words, { cwd: folder, stdout: output, stderr: output, env: {} });
    return `${code}\n${lines.join('')}`;
  };

  const writeProject = (config: string): void => {
    // AGENTS.md, which others write to, is remark's in any case.
    writeFileSync(path.join(folder, 'build.config.mjs'), `export default { targets: ['claude-code', 'codex'], ${config} };\n`);
    mkdirSync(path.join(folder, 'agents/fragments'), { recursive: true });
    writeFileSync(path.join(folder, 'agents/a.md'), AGENT);
    writeFileSync(path.join(folder, 'agents/b.md'), AGENT.replace('name: alpha', 'name: beta'));
    writeFileSync(path.join(folder, 'agents/fragments/f.md'), FRAGMENT);
    writeFileSync(path.join(folder, 'agents/fragments/p.md'), WITH_PARAMETER);
  };

  it.skipIf(!loads).each([['build'], ['check'], ['explain', 'alpha'], ['dedupe']])(
    `takes satteri where it is installed: %s${absent}`,
    async (...words) => {
      writeProject('');
      expect(await run(...words)).not.toMatch(/^2/);
      expect(read.byRemark).toEqual([]);
    },
  );

  it('takes remark where the config says so', async () => {
    writeProject("parser: 'remark'");
    expect(await run('build')).toMatch(/^0/);
    expect(read.byRemark.length).toBeGreaterThan(0);
  });
});

describe('a parser', () => {
  const install = (version: string, code: string): void => {
    const at = path.join(folder, 'node_modules/satteri');
    mkdirSync(path.join(at, 'dist'), { recursive: true });
    const manifest = {
      name: 'satteri',
      version,
      type: 'module',
      exports: { '.': { import: './dist/index.js', default: './dist/index.js' } },
    };
    writeFileSync(path.join(at, 'package.json'), JSON.stringify(manifest));
    writeFileSync(path.join(at, 'dist/index.js'), code);
  };
  const refused = (): string => {
    try {
      chooseParser('satteri', folder);
      return '';
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      return (error as Error).message;
    }
  };

  it.each([
    ['of another version', '0.11.0', 'throw new Error();', 'its version is 0.11.0, and ^0.10.5 is what polyagent knows'],
    ['of an older version', '0.10.4', 'throw new Error();', 'its version is 0.10.4, and ^0.10.5 is what polyagent knows'],
    ['that does not load', '0.10.5', "throw new Error('no native part');", 'it does not load (no native part)'],
    ['without the function', '0.10.6', 'export const a = 1;', 'it reads Markdown in another way than polyagent knows'],
    [
      'of other trees',
      '0.10.6',
      "export const markdownToMdast = () => ({ type: 'root', children: [] });",
      'it reads Markdown in another way than polyagent knows',
    ],
    ['that is no tree', '0.10.6', 'export const markdownToMdast = () => 1;', 'it reads Markdown in another way than polyagent knows'],
  ])('%s is not taken, and a config that wants it is told', (_, version, code, reason) => {
    install(version, code);
    expect(refused()).toBe(`satteri cannot be used: ${reason}`);
    const parser = chooseParser(undefined, folder);
    expect(parser('# A').children.map(({ type }) => type)).toEqual(['heading']);
    expect(read.byRemark).toEqual(['# A']);
  });

  it('is not looked for before a tree is asked for', () => {
    install('0.10.5', "globalThis.satteriWasLoaded = true; throw new Error('loaded');");
    const parser = chooseParser(undefined, folder);
    expect(Object.hasOwn(globalThis, 'satteriWasLoaded')).toBe(false);
    parser('a');
    expect(Object.hasOwn(globalThis, 'satteriWasLoaded')).toBe(true);
  });

  it('is remark itself where remark is wanted', () => {
    expect(chooseParser('remark', folder)).toBe(parseMarkdown);
  });
});

it('is wanted in the version that package.json says', () => {
  const manifest = JSON.parse(readFileSync(path.join(import.meta.dirname, '../package.json'), 'utf8'));
  expect(manifest.peerDependencies).toEqual({ satteri: '^0.10.5' });
  expect(manifest.devDependencies.satteri).toBe('^0.10.5');
  expect(manifest.peerDependenciesMeta).toEqual({ satteri: { optional: true } });
});
