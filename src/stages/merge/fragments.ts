/** The fragments of a project: read once, found by name, their own uses resolved. */
import type { RootContent } from 'mdast';
import { nearest } from '../../diagnostics/nearest.js';
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { FragmentUse, Range } from '../../ir.js';
import { readFragments } from '../normalize/normalize.js';
import { type Document, plain } from '../parse/document.js';
import { parsePart, type SourceFile } from '../parse/parse.js';
import { rangeOf } from './outline.js';
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
}

export interface Library {
  /**
   * The fragments that a use brings in, in the order in which they are merged: it, then those it uses. Empty, with the
   * reason reported, when one is missing or they use each other in a circle.
   */
  resolve(name: string, at: Range, source: SourceText): Resolved;
}

/** What a use brings in. */
export interface Resolved {
  readonly fragments: readonly Fragment[];
  /** The files that were read for it, those that could not be read included: an error in one is an error of the agent. */
  readonly paths: readonly string[];
}

const RESERVED = ['params', 'targets', 'variants'];

/** Reads a fragment's file when a name first asks for it; a file that nobody uses costs nothing. */
export function createLibrary(files: readonly FragmentFile[], report: Report): Library {
  const byName = new Map(files.map((file) => [file.name, file]));
  const known = [...byName.keys()];
  const read = new Map<string, Fragment | undefined>();

  function fragment(name: string): Fragment | undefined {
    if (!read.has(name)) {
      const file = byName.get(name);
      read.set(name, file && readFragment(name, file, report));
    }
    return read.get(name);
  }

  /** Collects a fragment and those it uses, each once: many may use the same. */
  function collect(name: string, at: Range, source: SourceText, chain: readonly string[], found: Map<string, Fragment | undefined>): void {
    if (chain.includes(name)) {
      report.add('fragment-cycle', source, at, { chain: [...chain.slice(chain.indexOf(name)), name] });
      return;
    }
    if (!byName.has(name)) {
      report.add('fragment-not-found', source, at, { name, near: nearest(name, known), known });
      return;
    }
    if (found.has(name)) return;
    const one = fragment(name);
    found.set(name, one);
    for (const use of one?.uses ?? []) collect(use.name, use.range, one?.document.source ?? source, [...chain, name], found);
  }

  function resolve(name: string, at: Range, source: SourceText): Resolved {
    const found = new Map<string, Fragment | undefined>();
    collect(name, at, source, [], found);
    return {
      fragments: [...found.values()].filter((one) => one !== undefined),
      paths: [...found.keys()].flatMap((key) => byName.get(key)?.path ?? []),
    };
  }

  return { resolve };
}

function readFragment(name: string, file: FragmentFile, report: Report): Fragment | undefined {
  const document = parsePart(file, 'fragment', report);
  if (!document) return undefined;
  const entries = document.frontMatter?.entries ?? [];
  for (const entry of entries) {
    if (RESERVED.includes(entry.key)) report.add('key-reserved', document.source, entry.keyRange, { key: entry.key });
  }
  const alias = entries.find((entry) => entry.key === 'also-known-as')?.value;
  const aliases = alias ? plain(alias) : [];
  const titles = Array.isArray(aliases) ? aliases : [aliases];
  if (alias && !titles.every((title) => typeof title === 'string')) {
    report.add('value-invalid', document.source, alias.range, { key: 'also-known-as', expected: 'a title, or a list of titles' });
  }
  const uses = readFragments(entries.find((entry) => entry.key === 'fragments')?.value, document, report);
  checkClosed(document, report);
  return {
    name,
    document,
    aliases: titles.filter((title) => typeof title === 'string').map(titleKey),
    uses: uses ?? [],
  };
}

/** Reports a document whose last block is never closed: what is merged behind it would become part of it. */
export function checkClosed(document: Document, report: Report): boolean {
  const last = document.tree().children.at(-1);
  const what = last && unclosed(last, document.source.text);
  if (!last || !what) return true;
  const { start } = rangeOf(last);
  report.add('fragment-unclosed', document.source, { start, end: start + 3 }, { what });
  return false;
}

function unclosed(node: RootContent, text: string): string | undefined {
  const { start, end } = rangeOf(node);
  const raw = text.slice(start, end);
  if (node.type === 'html') return raw.startsWith('<!--') && !raw.includes('-->') ? 'This comment' : undefined;
  if (node.type !== 'code') return undefined;
  const fence = /^(`{3,}|~{3,})/.exec(raw)?.[0];
  if (!fence) return undefined;
  const lastLine = raw.slice(raw.lastIndexOf('\n') + 1).trim();
  const closed = raw.includes('\n') && lastLine.length >= fence.length && [...lastLine].every((char) => char === fence[0]);
  return closed ? undefined : 'This code block';
}
