/** Every byte of an output has one origin: a file of the author's, or a template. Looked at in all samples, for all targets. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compile.js';
import { createReport } from '../../src/diagnostics/report.js';
import type { Origin, Piece } from '../../src/ir.js';
import { CONFIG } from '../../src/stages/compose/compose.js';
import type { OutputFile } from '../../src/stages/emit/emit.js';
import type { Document, Entry } from '../../src/stages/parse/document.js';
import { fieldOf } from '../../src/stages/parse/keys.js';
import { parse } from '../../src/stages/parse/parse.js';
import { TARGETS } from '../../src/targets/index.js';
import type { Target } from '../../src/targets/target.js';
import { readSample, sampleNames } from '../read-sample.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe.each(sampleNames)('%s', (name) => {
  const { folder, sources, options } = readSample(name);
  const { files, companions, textOf } = compile(sources, TARGETS, options);
  const isBuiltIn = ({ path: file, kind }: Origin): boolean =>
    kind === 'template' && !Object.values(options.templates ?? {}).some((template) => template.file === file);
  const stretchOf = ({ path: file, start, end }: Origin): string => textOf(file)?.text.slice(start, end) ?? `no text of ${file}`;

  test('the pieces of an output are the output', () => {
    for (const { pieces, content } of [...files, ...companions]) expect(pieces.map(({ text }) => text).join('')).toBe(content);
  });

  test('every piece comes from a stretch of a file that is known', () => {
    for (const { path: output, pieces } of [...files, ...companions]) {
      for (const { text, origin } of pieces) {
        expect(text, output).not.toBe('');
        // What the config's variants say has no text here.
        if (origin.path === CONFIG) continue;
        const file = readFileSync(path.join(isBuiltIn(origin) ? ROOT : folder, origin.path), 'utf8').replace(/^\ufeff/, '');
        expect(textOf(origin.path)?.text, origin.path).toBe(file);
        expect([0 <= origin.start, origin.start <= origin.end, origin.end <= file.length], output).toEqual([true, true, true]);
        expect(
          kindsOf(
            origin.path,
            sources.agents.some(({ path: agent }) => agent === origin.path),
          ),
          origin.path,
        ).toContain(origin.kind);
      }
    }
  });

  test('a piece is what stands at its origin, or was made for it', () => {
    for (const { path: output, pieces } of files) {
      for (const { text, origin, written } of pieces) if (!written) expect(text, output).toBe(stretchOf(origin));
    }
  });

  test("the author's stretches keep their order and do not overlap", () => {
    for (const { path: output, source, pieces } of files) {
      let at = 0;
      for (const { origin } of pieces.filter((piece) => !piece.written && piece.origin.path === source)) {
        expect(origin.start, output).toBeGreaterThanOrEqual(at);
        at = origin.end;
      }
    }
  });

  test('an entry of a header comes from the entry of the front matter that says it', () => {
    const documents = new Map(sources.agents.map((agent) => [agent.path, parse(agent, createReport())]));
    for (const file of files) {
      const target = TARGETS.find((one) => one.name === file.target);
      const document = documents.get(file.source);
      if (target && document && target.body.instead === undefined) expectHeader(file, target, document);
    }
  });

  test('of a template are its own text, line ends, and what no author said', () => {
    for (const { path: output, target, pieces } of files) {
      for (const { text, origin, written } of pieces.filter((piece) => piece.origin.kind === 'template')) {
        if (!written || /^\r?\n$/.test(text)) continue;
        // A value stands where the template prints it, but where the author's header is spliced there is no template.
        if (target.startsWith('claude')) expect(origin, output).toMatchObject({ start: 0, end: 0 });
        else expect(stretchOf(origin), output).toMatch(/^\{\{~?(?:this|body|target)~?\}\}$/);
      }
    }
  });

  test('in a body, fragments get nothing but other marks of headings, lists, tables and code, and white space', () => {
    for (const { path: output, target, pieces } of files) {
      // A prompt that is a value has escapes and indentation too, and some targets write parts of a text differently.
      const { body } = TARGETS.find((one) => one.name === target) ?? {};
      if (body?.key !== undefined || body?.rewrites) continue;
      for (const { text } of pieces.filter(({ written, origin }) => written && origin.kind === 'fragment')) {
        expect(text, output).toMatch(/^(?:\s|<!-- -->|\||`{3,})*(?:#{1,6}|[-*+]|\d+[.)])?\s*(?:(?:\[[ xX]\]|[✅☑✔]\u{fe0f}?) )?$/u);
      }
    }
  });

  test('a prompt that is a value has the stretches of the prompt', () => {
    for (const { target, path: output, pieces, agent, variant } of files) {
      if (TARGETS.find((one) => one.name === target)?.body.key === undefined) continue;
      const claude = files.find((one) => one.target === 'agent-skills' && one.agent === agent && one.variant === variant);
      const origins = new Set(pieces.map(({ origin }) => origin.path));
      for (const { origin } of claude?.pieces ?? []) if (origin.kind !== 'template') expect(origins, output).toContain(origin.path);
    }
  });
});

/** What a stretch of a file may be. An agent may be another one's base. */
function kindsOf(file: string, isAgent: boolean): Origin['kind'][] {
  if (file.endsWith('.hbs')) return ['template'];
  return file.startsWith('agents/fragments/')
    ? ['fragment', 'parameter']
    : isAgent
      ? ['agent', 'base', 'parameter']
      : ['base', 'parameter'];
}

/** Every entry that was written comes from an entry of its field, or of `targets`; what is a constant, no entry says. */
function expectHeader({ path: output, source: own, pieces }: OutputFile, target: Target, { source, frontMatter, body }: Document): void {
  const entries = frontMatter?.entries ?? [];
  // Parts of the representation that no one entry says.
  const spread = target.dialect === 'ir' ? ['path', 'extra', 'fragments', 'only', 'without', 'overrides'] : [];
  for (const piece of pieces) {
    const { kind, path: file, start, end } = piece.origin;
    const key = keyOf(piece);
    if (key === undefined || (kind !== 'template' && (file !== own || start >= body.start))) continue;
    const fields = fieldsSaidBy(target, key);
    const saying = entries.filter((entry) => says(entry, key, fields, target));
    if (kind === 'template') expect(saying, `${output}: ${key} is said`).toEqual([]);
    else {
      const at = entries.find(({ keyRange, value, lines, repaired }) =>
        repaired ? lines.start <= start && end <= lines.end : keyRange.start <= start && start < value.range.end,
      );
      if (at) {
        const possible = spread.includes(key) || at.key === 'variants' ? entries : saying;
        expect(possible, `${output}: ${key} comes from ${at.key}`).toContain(at);
        if (target.dialect !== 'ir') expect(end, `${output}: ${key}`).toBeLessThanOrEqual(Math.max(at.lines.end, at.value.range.end));
      } else {
        // All of the front matter, or its first line where the name is the file's.
        expect(saying.length === 0 || spread.includes(key), `${output}: ${key}`).toBe(true);
        expect(source.text.slice(start), `${output}: ${key}`).toMatch(/^---/);
      }
    }
  }
}

/** The key of a written entry. */
function keyOf({ text, written }: Piece): string | undefined {
  const [, key, table] = /^"?([\w-]+)"?(?::| =)|^\[+([\w-]+)/.exec(written ? text : '') ?? [];
  return key ?? table;
}

const TOOLS = ['tools', 'disallowedTools', 'readonly', 'permission'];

/** The fields that a key of a target says. */
function fieldsSaidBy(target: Target, key: string): string[] {
  if (target.dialect === 'ir') return { id: ['name'], examples: ['description'], tools: TOOLS }[key] ?? [key];
  const { tools } = target.fields;
  const { enforcement } = tools;
  const toolKeys = [
    ...('key' in enforcement ? [enforcement.key] : []),
    ...('denyKey' in enforcement ? [enforcement.denyKey] : []),
    ...('flags' in enforcement ? enforcement.flags.map((flag) => flag.key) : []),
    tools.mcp?.switch?.key,
  ];
  return [
    ...Object.entries(target.fields).flatMap(([field, rule]) => ('key' in rule && rule.key === key ? [field] : [])),
    ...(target.idKey === key ? ['name'] : []),
    ...(toolKeys.includes(key) ? TOOLS : []),
  ];
}

function says({ key: own, value }: Entry, key: string, fields: readonly string[], target: Target): boolean {
  const field = fieldOf(own);
  if (own === key || (field !== undefined && fields.includes(field))) return true;
  if (own !== 'targets' || value.kind !== 'map') return false;
  const override = value.entries.find((entry) => entry.key === target.name)?.value;
  return override?.kind === 'map' && override.entries.some((entry) => entry.key === key || fields.includes(fieldOf(entry.key) ?? ''));
}
