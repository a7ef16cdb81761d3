/** The files that agents inherit from: found by the name that `extends` gives, or by lying in the agent's folder. */
import { nearest } from '../../diagnostics/nearest.js';
import { type Remembered, type Report, remember } from '../../diagnostics/report.js';
import type { Range } from '../../ir.js';
import type { MarkdownParser } from '../../markdown/parser.js';
import { type Document, plain } from '../parse/document.js';
import { parsePart, type SourceFile } from '../parse/parse.js';
import type { Packages } from './packages.js';

/** Files that can be inherited from. */
export interface Shelf {
  /** What a document inherits from, the nearest first. What is wrong with a name is reported where it stands. */
  basesOf(document: Document): Lineage;
}

export interface Lineage {
  readonly bases: readonly Document[];
  /** Something in the line is missing or goes in a circle. */
  readonly broken: boolean;
}

interface Ancestor {
  readonly path: string;
  /** Absent when the file cannot be read. */
  readonly base: Document | undefined;
}

/** The name of the file that every agent of its folder, and of those below, inherits from. */
const FOLDER_BASE = '_base.md';

export function createShelf(files: readonly SourceFile[], packages: Packages, report: Report, parser?: MarkdownParser): Shelf {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const hasFolderBases = files.some(({ path }) => path === FOLDER_BASE || path.endsWith(`/${FOLDER_BASE}`));
  const read = new Map<string, Remembered<Document | undefined>>();

  const open = (file: SourceFile): Document | undefined => remember(read, file.path, report, () => parsePart(file, 'base', report, parser));

  /** The file that a name leads to from a folder: there, or in the nearest folder above. `'itself'` when there is no other. */
  function named(name: string, from: string): SourceFile | 'itself' | undefined {
    // What a file of a package extends is of a package.
    if (packages.has(from) && !byPath.has(from)) return packages.find(name, from);
    const stem = name.replace(/\.md$/, '');
    const hidden = stem.replace(/(?=[^/]*$)/, '_');
    const paths = foldersAbove(from).flatMap((folder) => [`${folder}${hidden}.md`, `${folder}${stem}.md`]);
    const file = paths.filter((path) => path !== from).flatMap((path) => byPath.get(path) ?? [])[0];
    return file ?? packages.find(name, from) ?? (paths.includes(from) ? 'itself' : undefined);
  }

  function folderBase(from: string): SourceFile | undefined {
    if (!hasFolderBases) return undefined;
    for (const folder of foldersAbove(from)) {
      const file = byPath.get(folder + FOLDER_BASE);
      if (file && file.path !== from) return file;
    }
    return undefined;
  }

  /** Whether a base extends, by name, one of these files: then it is the base of others in their folder, and not of theirs. */
  function leadsBack(base: SourceFile, line: readonly string[], seen: readonly string[] = []): boolean {
    const document = open(base);
    const written = document && readExtends(document, report);
    const next = typeof written === 'object' ? named(written.name, base.path) : undefined;
    if (!next || next === 'itself' || seen.includes(next.path)) return false;
    return line.includes(next.path) || leadsBack(next, line, [...seen, next.path]);
  }

  function basesOf(document: Document): Lineage {
    const own = document.source.path;
    const line: Ancestor[] = [];
    let broken = false;
    /** What a file inherits from, one from the other. */
    const climb = (of: Document, below: readonly string[]): void => {
      const { source } = of;
      const written = readExtends(of, report);
      if (written === 'invalid') broken = true;
      else if (written === undefined) {
        const next = folderBase(source.path);
        // A base in a package is at home there.
        if (next && byPath.has(source.path) && !below.includes(next.path) && !leadsBack(next, below)) follow(next, below);
      } else if (written !== 'nothing') {
        const file = named(written.name, source.path);
        const to = file === 'itself' ? source.path : file?.path;
        if (to !== undefined && below.includes(to)) {
          report.add('extends-cycle', source, written.range, { chain: [...below.slice(below.indexOf(to)), to] });
          broken = true;
        } else if (file && file !== 'itself') follow(file, below);
        else {
          const { name, range } = written;
          const known = namesIn(byPath.keys());
          const miss = packages.missOf(name, source.path);
          report.add('base-not-found', source, range, { name, near: nearest(name, [...known, ...(miss?.known ?? [])]), known, miss });
          broken = true;
        }
      }
    };
    const follow = (file: SourceFile, below: readonly string[]): void => {
      const base = open(file);
      line.push({ path: file.path, base });
      if (base) climb(base, [...below, file.path]);
      else broken = true;
    };
    climb(document, [own]);
    // The agent's own folder counts whatever it extends, unless it extends nothing by name.
    const folder = folderBase(own);
    if (folder && readExtends(document, report) !== 'nothing' && !leadsBack(folder, [own])) follow(folder, [own]);
    // Where both ways meet, the file stands behind all that inherit from it.
    const found = line.filter(({ path }, index) => !line.slice(index + 1).some((later) => later.path === path));
    return { bases: found.flatMap(({ base }) => base ?? []), broken };
  }

  return { basesOf };
}

/** What `extends` says. `nothing` for an empty list: not even the base of the folder. */
function readExtends(
  { frontMatter, source }: Document,
  report: Report,
): { name: string; range: Range } | 'nothing' | 'invalid' | undefined {
  const value = frontMatter?.entries.find(({ key }) => key === 'extends')?.value;
  if (!value || plain(value) === null) return undefined;
  if (value.kind === 'list' && value.items.length === 0) return 'nothing';
  const item = value.kind === 'list' && value.items.length === 1 ? value.items[0] : value;
  const name = item && plain(item);
  if (item && typeof name === 'string' && name.trim() !== '') return { name: name.trim(), range: item.range };
  report.add('structure-invalid', source, value.range, { key: 'extends', expected: 'the name of one base, or `[]` for none' });
  return 'invalid';
}

/** The folder of a file and those above it, each with a `/` at its end; the last one is the folder of the paths. */
function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return Array.from({ length: parts.length + 1 }, (_, up) =>
    parts
      .slice(0, parts.length - up)
      .map((part) => `${part}/`)
      .join(''),
  );
}

/** The names by which files can be inherited from, nearest spelling for a misspelt one. */
function namesIn(paths: Iterable<string>): string[] {
  const names = [...paths].map((path) => (path.split('/').at(-1) ?? path).replace(/\.md$/, '').replace(/^_/, ''));
  return [...new Set(names)].filter((name) => name !== 'base').sort();
}
