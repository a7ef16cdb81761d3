/** The maps of outputs, read by a program of others: each stretch of each line leads to what stands in its source. */
import path from 'node:path';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { describe, expect, test } from 'vitest';
import { type CompileOptions, compile, type Sources } from '../src/compile.js';
import { sourceMapsOf } from '../src/project/source-maps.js';
import { CONFIG } from '../src/stages/compose/compose.js';
import type { OutputFile } from '../src/stages/emit/emit.js';
import { TARGETS } from '../src/targets/index.js';
import { readSample, sampleNames } from './read-sample.js';

const CWD = path.resolve('/project');
const LINE_END = /\r\n|\r|\n/;

interface Mapped {
  readonly file: OutputFile;
  readonly map: TraceMap;
  /** The text of a source by the name it has in the map. */
  readonly textOf: (source: string) => string | undefined;
}

function mapped(sources: Sources, options: CompileOptions = {}): Mapped[] {
  const { files, textOf } = compile(sources, TARGETS, options);
  const own = new Set(Object.values(options.templates ?? {}).map(({ file }) => file));
  const rootOf = (target: string): string => path.join(CWD, 'dist', target);
  const maps = sourceMapsOf(files, { rootOf: (output) => rootOf(output.target), cwd: CWD, textOf, isBuiltIn: (file) => !own.has(file) });
  return maps.flatMap(({ target, variant, path: mapPath, maps: output, content }) => {
    const file = files.find((one) => one.target === target && one.variant === variant && one.path === output);
    const folder = path.dirname(path.join(rootOf(target), mapPath));
    const pathOf = (source: string): string =>
      source.startsWith('polyagent:///')
        ? source.slice('polyagent:///'.length)
        : path.relative(CWD, path.resolve(folder, decodeURIComponent(source))).replaceAll('\\', '/');
    return file ? [{ file, map: new TraceMap(content), textOf: (source) => textOf(pathOf(source))?.text }] : [];
  });
}

/** Follows the start of each piece, and of each line in it that is no end of a line. */
function follow({ file, map, textOf }: Mapped, visit: (generated: string, original: string, written: boolean) => void): void {
  const lines = file.content.split(LINE_END);
  let [at, line, column] = [0, 0, 0];
  for (const { text, written } of file.pieces) {
    for (const [index, part] of text.split(/(\r\n|\r|\n)/).entries()) {
      const isLineEnd = index % 2 === 1;
      if (!isLineEnd && part !== '') {
        const { source, line: from, column: start } = originalPositionFor(map, { line: line + 1, column });
        const original = source === null ? undefined : textOf(source)?.split(LINE_END)[from - 1]?.slice(start);
        // What the config's variants say has no text here.
        const isConfig = source?.endsWith(`/${CONFIG}`) === true;
        if (!isConfig) expect(original, `${file.target} ${file.path}:${line + 1}:${column + 1}`).toBeDefined();
        expect(lines[line]?.slice(column, column + part.length)).toBe(part);
        if (!isConfig) visit(part, original ?? '', written === true);
      }
      at += part.length;
      if (isLineEnd && !(part === '\r' && file.content[at] === '\n')) [line, column] = [line + 1, 0];
      else column += part.length;
    }
  }
}

describe.each(sampleNames)('%s', (name) => {
  const { sources, options } = readSample(name);
  const all = mapped(sources, options);

  test('every stretch that nobody changed leads to itself', () => {
    let followed = 0;
    for (const one of all) {
      follow(one, (generated, original, written) => {
        if (written) return;
        expect(original.slice(0, generated.length), `${one.file.target} ${one.file.path}`).toBe(generated);
        followed++;
      });
    }
    expect(followed).toBeGreaterThan(100);
  });

  test('every line leads somewhere', () => {
    for (const { file, map } of all) {
      for (const [index, line] of file.content.split(LINE_END).entries()) {
        if (line === '') continue;
        expect(originalPositionFor(map, { line: index + 1, column: 0 }).line, `${file.path}:${index + 1}`).not.toBeNull();
      }
    }
  });
});

const agent = (body: string): Sources => ({
  agents: [{ path: 'agents/some agents/#1 100%.md', content: `---\nname: a\ndescription: D.\n---\n${body}` }],
});

test('a map has what the standard asks for, and names its sources from its own folder', () => {
  const { files, textOf } = compile(agent('Work.\n'), TARGETS);
  const maps = sourceMapsOf(files, { rootOf: () => CWD, cwd: CWD, textOf, isBuiltIn: () => true });
  expect(maps.map(({ target }) => target)).toEqual(files.filter(({ part }) => !part).map(({ target }) => target));
  expect(maps.length).toBeLessThan(files.length);
  const { path: file, content } = maps.find(({ target }) => target === 'cursor') ?? {};
  expect(file).toBe('.cursor/agents/a.md.map');
  expect(JSON.parse(content ?? '')).toEqual({
    version: 3,
    file: 'a.md',
    sources: ['polyagent:///templates/cursor.hbs', '../../agents/some%20agents/%231%20100%25.md'],
    names: [],
    mappings: expect.stringMatching(/^[A-Za-z0-9+/,;]+$/),
  });
});

test.each([
  ['Windows', '\r\n'],
  ['old Macs', '\r'],
])('lines end as on %s too', (_, eol) => {
  const prompt = ['One 😀 two.', '', '- three', 'four', ''].join(eol);
  for (const one of mapped(agent(prompt))) {
    if (TARGETS.find(({ name }) => name === one.file.target)?.body.key !== undefined) continue;
    const lines: string[] = [];
    follow(one, (generated, original, written) => {
      if (written) return;
      expect(original.startsWith(generated), `${one.file.target}: ${generated}`).toBe(true);
      lines.push(generated);
    });
    expect(lines).toEqual(expect.arrayContaining(['One 😀 two.', '- three', 'four']));
  }
});

test('a prompt in JSON leads to its lines, though it is on one', () => {
  const one = mapped(agent('One "1".\n\nTwo.\n')).find(({ file }) => file.target === 'amazon-q');
  const lines = one?.file.content.split('\n') ?? [];
  const line = lines.findIndex((text) => text.includes('Two.'));
  const column = lines[line]?.indexOf('Two.') ?? 0;
  expect(one && originalPositionFor(one.map, { line: line + 1, column })).toMatchObject({ line: 7, column: 0 });
});
