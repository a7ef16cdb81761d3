/** The fragments of a project and of packages: read once, found by name. */
import type { RootContent } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import { nearest } from '../../diagnostics/nearest.js';
import { type Remembered, type Report, remember } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { FragmentUse, Range } from '../../ir.js';
import type { MarkdownParser } from '../../markdown/parser.js';
import type { Packages } from '../compose/packages.js';
import { readFragments } from '../normalize/fragment-uses.js';
import { type Document, type MapEntry, plain, type Value } from '../parse/document.js';
import { parsePart, type SourceFile } from '../parse/parse.js';
import type { Text } from './directives.js';
import { rangeOf } from './outline.js';
import { HELPERS, type Parameter } from './parameters.js';
import { titleKey } from './wording.js';

/** A fragment that a project has; agents use it by its name. */
export interface FragmentFile extends SourceFile {
  readonly name: string;
}

export interface Fragment {
  readonly name: string;
  readonly document: Document;
  /** Keys of other titles that its first section goes by. */
  readonly aliases: readonly string[];
  readonly uses: readonly FragmentUse[];
  readonly parameters: readonly Parameter[];
  /** `targets`: the only ones that get it; absent means all. */
  readonly only?: readonly string[];
  /** `targets.<name>: false`. */
  readonly without: readonly string[];
}

/** A fragment with the file that says so. */
export interface Found {
  readonly path: string;
  /** Absent when the file cannot be read. */
  readonly fragment: Fragment | undefined;
}

export interface Library {
  /** The fragment that a name leads to; nothing, with the reason reported, when there is none. */
  find(name: string, at: Range, source: SourceText): Found | undefined;
  /** The names of the project's fragments that have a section of that title. */
  having(title: string): readonly string[];
}

const KEYS = ['description', 'also-known-as', 'params', 'fragments', 'targets'];

/**
 * Reads a fragment's file when a name first asks for it; a file that nobody uses costs nothing.
 * @param unseen folders that may have more of them
 */
export function createLibrary(
  files: readonly FragmentFile[],
  packages: Packages,
  targetNames: readonly string[],
  report: Report,
  parser?: MarkdownParser,
  unseen: readonly string[] = [],
): Library {
  const byName = new Map(files.map((file) => [file.name, file]));
  const names = new Map(files.map((file) => [file.path, file.name]));
  const known = [...byName.keys()];
  const read = new Map<string, Remembered<Fragment | undefined>>();

  const open = (file: SourceFile, name: string): Found => ({
    path: file.path,
    fragment: remember(read, file.path, report, () => {
      const document = parsePart(file, 'fragment', report, parser);
      return document && readFragment(name, document, targetNames, report);
    }),
  });

  return {
    find(name, at, source) {
      const from = source.originOf(at).path;
      // A file of a package means its neighbours first.
      const neighbour = packages.has(from) && !names.has(from) ? packages.find(name, from) : undefined;
      const file = neighbour ?? byName.get(name) ?? packages.find(name, from);
      if (file) return open(file, names.get(file.path) ?? name);
      const miss = packages.missOf(name, from);
      const near = nearest(name, [...known, ...(miss?.known ?? [])]);
      report.add('fragment-not-found', source, at, { name, near, known, miss, ...(unseen.length > 0 && { unseen }) });
      return undefined;
    },
    having(title) {
      const key = titleKey(title);
      return [...byName].flatMap(([name, file]) => {
        const { fragment } = open(file, name);
        return fragment && (fragment.aliases.includes(key) || hasTitle(fragment, key)) ? [name] : [];
      });
    },
  };
}

function hasTitle({ document }: Fragment, key: string): boolean {
  return document.tree().children.some((node) => node.type === 'heading' && titleKey(textOf(node)) === key);
}

function readFragment(name: string, document: Document, targetNames: readonly string[], report: Report): Fragment {
  const { source } = document;
  const entries = document.frontMatter?.entries ?? [];
  const get = (key: string): Value | undefined => entries.find((entry) => entry.key === key)?.value;
  for (const { key, keyRange } of entries) {
    if (!KEYS.includes(key)) report.add('fragment-key-unknown', source, keyRange, { key, near: nearest(key, KEYS), known: KEYS });
  }
  const alias = get('also-known-as');
  const titles = alias ? [plain(alias)].flat() : [];
  if (alias && !titles.every((title) => typeof title === 'string')) {
    report.add('value-invalid', source, alias.range, { key: 'also-known-as', expected: 'a title, or a list of titles' });
  }
  checkClosed(document, report);
  return {
    name,
    document,
    aliases: titles.filter((title) => typeof title === 'string').map(titleKey),
    uses: readUses(get('fragments'), document, report),
    parameters: readParameters(get('params'), document, report),
    ...readTargets(get('targets'), document, targetNames, report),
  };
}

/** What a fragment brings along. Braces in its front matter are not filled in, and would be printed. */
function readUses(value: Value | undefined, document: Document, report: Report): readonly FragmentUse[] {
  const uses = readFragments(value, document, report) ?? [];
  for (const { name, with: values } of uses) {
    for (const [parameter, given] of Object.entries(values)) {
      if (!JSON.stringify(given.value).includes('{{')) continue;
      const expected = 'a value of its own: braces are not filled in here';
      report.add('parameter-invalid', document.source, given.range, { name, parameter, expected });
    }
  }
  return uses;
}

/** `params`: names with their defaults; without a value, or as a list, a use must give one. */
function readParameters(value: Value | undefined, { source }: Document, report: Report): Parameter[] {
  if (!value || plain(value) === null) return [];
  if (value.kind === 'map') return value.entries.flatMap((entry) => readParameter(entry, source, report) ?? []);
  const names = value.kind === 'list' ? value.items : [value];
  return names.flatMap((item) => {
    const name = plain(item);
    if (typeof name === 'string' && isParameterName(name)) return [{ name }];
    report.add('structure-invalid', source, item.range, { key: 'params', expected: EXPECTED_PARAMETERS });
    return [];
  });
}

/** Words that are not names to Handlebars. */
const HANDLEBARS_WORDS = ['this', 'else', 'true', 'false', 'null', 'undefined', ...HELPERS];
const isParameterName = (name: string): boolean => /^[A-Za-z_][\w-]*$/.test(name) && !HANDLEBARS_WORDS.includes(name);
const EXPECTED_PARAMETERS = `a map from names to defaults, or a list of names; a name has letters, digits, \`_\` and \`-\`, and is no word of Handlebars (${HANDLEBARS_WORDS.join(', ')})`;

function readParameter({ key: name, keyRange, value }: MapEntry, source: SourceText, report: Report): Parameter | undefined {
  if (!isParameterName(name)) {
    report.add('structure-invalid', source, keyRange, { key: 'params', expected: EXPECTED_PARAMETERS });
    return undefined;
  }
  if (value.kind !== 'map') return plain(value) === null ? { name } : { name, default: { value: plain(value), range: value.range } };
  const odd = value.entries.find(({ key }) => !['default', 'description', 'required'].includes(key));
  if (odd) {
    const expected = 'a default, or a map with `default` or `required`, and `description`';
    report.add('structure-invalid', source, odd.keyRange, { key: `params.${name}`, expected });
    return undefined;
  }
  const preset = value.entries.find(({ key }) => key === 'default')?.value;
  return preset && plain(preset) !== null ? { name, default: { value: plain(preset), range: preset.range } } : { name };
}

/** `targets`: a list of the only ones, or a map in which `false` leaves one out. */
function readTargets(
  value: Value | undefined,
  { source }: Document,
  known: readonly string[],
  report: Report,
): Pick<Fragment, 'only' | 'without'> {
  if (!value || plain(value) === null) return { without: [] };
  const named: { readonly name: string; readonly range: Range; readonly off: boolean }[] = [];
  for (const item of value.kind === 'map' ? value.entries : value.kind === 'list' ? value.items : [value]) {
    const isEntry = 'keyRange' in item;
    const name = isEntry ? item.key : plain(item);
    const setting = isEntry ? plain(item.value) : true;
    if (typeof name !== 'string' || typeof setting !== 'boolean') {
      const range = isEntry ? item.value.range : item.range;
      report.add('structure-invalid', source, range, {
        key: 'targets',
        expected: 'a list of target names, or a map with `false` for those left out',
      });
      continue;
    }
    const range = isEntry ? item.keyRange : item.range;
    if (!known.includes(name)) report.add('target-unknown', source, range, { name, near: nearest(name, known), known });
    named.push({ name, range, off: !setting });
  }
  const without = named.filter(({ off }) => off).map(({ name }) => name);
  return value.kind === 'map' ? { without } : { only: named.map(({ name }) => name), without };
}

/**
 * Reports a document whose last block is never closed: what is merged behind it would become part of it.
 * @param from the text that gives the values which are filled in
 */
export function checkClosed(document: Text, report: Report, from = document.source): boolean {
  const last = document.tree().children.at(-1);
  const what = last && unclosed(last, document.source.text);
  if (!last || !what) return true;
  const { start } = rangeOf(last);
  const range = { start, end: start + 3 };
  const place = document.source.originOf(range);
  if (place.path === from.path) report.add('fragment-unclosed', from, place, { what });
  else report.add('fragment-unclosed', document.source, range, { what });
  return false;
}

function unclosed(node: RootContent, text: string): string | undefined {
  const { start, end } = rangeOf(node);
  const raw = text.slice(start, end);
  if (node.type === 'html') {
    if (raw.startsWith('<!--')) return raw.includes('-->') ? undefined : 'This comment';
    // https://spec.commonmark.org/0.31.2/#html-blocks: only these go on behind a blank line.
    const raws = /^<(?:pre|script|style|textarea)(?=[\s>]|$)/i.test(raw) && !/<\/(?:pre|script|style|textarea)>/i.test(raw);
    return raws ? 'This HTML element' : undefined;
  }
  if (node.type !== 'code') return undefined;
  const fence = /^(`{3,}|~{3,})/.exec(raw)?.[0];
  if (!fence) return undefined;
  const lastLine = raw.slice(raw.lastIndexOf('\n') + 1).trim();
  const closed = raw.includes('\n') && lastLine.length >= fence.length && [...lastLine].every((char) => char === fence[0]);
  return closed ? undefined : 'This code block';
}
