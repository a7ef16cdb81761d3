/**
 * Finds fragments and bases in npm packages, as Node finds modules: `exports` of the package counts, and so do workspaces,
 * links and `node_modules` in the folders above. Only Markdown files are found.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { globSync } from 'tinyglobby';
import type { PackageMiss } from '../diagnostics/composition-rules.js';
import type { Find } from '../stages/compose/packages.js';
import type { SourceFile } from '../stages/parse/parse.js';
import { createInputs, type Inputs } from './cache/inputs.js';
import { createLooks, type Looks } from './cache/looks.js';
import { PAPERS } from './discover.js';
import { pathFrom, realOf, slashed } from './paths.js';
import type { Settings } from './settings.js';

/** A name, taken apart. */
interface Request {
  readonly name: string;
  readonly package: string;
  /** What stands behind the package, without `.md`; empty for the package itself. */
  readonly stem: string;
}

/** A file of a package, which may use others. */
interface User {
  readonly file: string;
  /** The folder of the package. */
  readonly folder: string;
}

interface Manifest {
  readonly name?: unknown;
  readonly exports?: unknown;
}

/** How many Markdown files of a package are looked at to say what it has. */
const MOST_FILES = 100;

/**
 * Makes a finder for one build: answers are kept. A file is known by its real path, so that one that is reached by several
 * ways is one, and finds the dependencies of its own package.
 */
export function createPackageFinder(
  { cwd, root }: Pick<Settings, 'cwd' | 'root'>,
  { read }: Pick<Inputs, 'read'> = createInputs(new Map()),
  looks: Looks = createLooks(),
): Find {
  const answers = new Map<string, SourceFile | PackageMiss | undefined>();
  const users = new Map<string, User>();
  const contents = new Map<string, SourceFile>();
  const manifests = new Map<string, Manifest | undefined>();

  function find(name: string, from: string): SourceFile | PackageMiss | undefined {
    const user = users.get(from);
    const key = `${user?.file ?? ''}\0${name}`;
    if (!answers.has(key)) answers.set(key, look(name, user));
    return answers.get(key);
  }

  function look(name: string, user: User | undefined): SourceFile | PackageMiss | undefined {
    const request = readName(name);
    const file = (user && neighbourOf(name, user)) ?? (request && resolve(request, user));
    if (file === undefined) return request && missOf(request, user);
    const shown = pathFrom(realOf(cwd), file);
    const known = contents.get(file);
    const input = known ? undefined : read(file);
    if (input && input.hash === undefined)
      return { package: request?.package ?? name, reason: 'unreadable', known: [], file: `${shown} (${input.reason})` };
    const found = known ?? { path: shown, content: input?.content ?? new Uint8Array() };
    contents.set(file, found);
    users.set(shown, { file, folder: folderAround(file) });
    return found;
  }

  /** The file of a package, by Node's rules. Where the package has no `exports`, also as a name means a file of a project. */
  function resolve({ name, package: of, stem }: Request, user: User | undefined): string | undefined {
    const require = requireOf(user);
    // Where a package would be found first, were it there.
    (require.resolve.paths(of) ?? []).find((place) => looks.kindOf(path.join(place, of)) === 'folder');
    for (const request of stem === '' ? [name] : [`${of}/${stem}`, `${of}/${stem}.md`]) {
      const file = attempt(() => require.resolve(request));
      if (file !== undefined && path.isAbsolute(file) && isMarkdown(file)) return realOf(file);
    }
    const folder = stem === '' ? undefined : folderOf(of, user);
    return folder !== undefined && manifestIn(folder)?.exports === undefined ? fileIn(folder, stem) : undefined;
  }

  const requireOf = (user: User | undefined): NodeJS.Require => createRequire(user?.file ?? path.join(root, 'package.json'));

  /** The folder of a package that can be used from a file: its own package, or one that is installed. */
  function folderOf(name: string, user: User | undefined): string | undefined {
    const own = user?.folder ?? folderAround(path.join(root, 'package.json'));
    if (manifestIn(own)?.name === name) return own;
    const places = requireOf(user).resolve.paths(name) ?? [];
    const folder = places.map((place) => path.join(place, name)).find((place) => manifestIn(place) !== undefined);
    return folder && realOf(folder);
  }

  function missOf(request: Request, user: User | undefined): PackageMiss | undefined {
    const { name, package: of, stem } = request;
    const folder = folderOf(of, user);
    if (folder === undefined) return stem === '' && !name.startsWith('@') ? undefined : { package: of, reason: 'not-installed', known: [] };
    const files = globSync('**/*.md', {
      cwd: folder,
      fs: looks.fs,
      ignore: ['**/node_modules/**', ...PAPERS.map((paper) => `**/${paper}.md`)],
    }).sort();
    const known = files
      .slice(0, MOST_FILES)
      .flatMap((file) => nameOf(file, folder, of, user) ?? [])
      .sort();
    if (stem === '' && known.length === 0 && !name.startsWith('@')) return undefined;
    const namesakes =
      stem === '' || manifestIn(folder)?.exports === undefined ? [] : files.filter((file) => `/${file}`.endsWith(`/${stem}.md`));
    const file = namesakes.some((one) => nameOf(one, folder, of, user) !== undefined) ? undefined : namesakes[0];
    return file === undefined ? { package: of, reason: 'no-such-file', known } : { package: of, reason: 'not-exported', known, file };
  }

  /** The shortest name by which a file of a package can be used. */
  function nameOf(file: string, folder: string, of: string, user: User | undefined): string | undefined {
    const parts = slashed(file).replace(/\.md$/, '').split('/');
    const ends = parts.map((_, at) => parts.slice(at).join('/')).toReversed();
    const names = keysOf(manifestIn(folder)?.exports).flatMap((key) => ends.map((end) => `${of}${key.replace('*', () => end).slice(1)}`));
    return names.find((name) => {
      const request = readName(name);
      return request && resolve(request, user) === realOf(path.join(folder, file));
    });
  }

  /** What a name means inside a package: as in a project, a file beside the one that uses it, or above. */
  function neighbourOf(name: string, { file, folder }: User): string | undefined {
    const stem = stemOf(name);
    if (name.startsWith('@') || !isBelow(stem)) return undefined;
    for (let at = path.dirname(file); ; at = path.dirname(at)) {
      const found = fileIn(at, stem, file);
      if (found !== undefined) return found;
      if (at === folder || at === path.dirname(at)) break;
    }
    return path.join(path.dirname(file), `${stem}.md`) === file ? file : undefined;
  }

  /** The file that a name means in a folder: a fragment or an agent there, a file that is only extended, or one of `fragments`. */
  function fileIn(folder: string, stem: string, not?: string): string | undefined {
    const names = [`${stem}.md`, `${stem.replace(/(?=[^/]*$)/, '_')}.md`, `fragments/${stem}.md`];
    const file = names.map((name) => path.join(folder, name)).find((candidate) => candidate !== not && isMarkdown(candidate));
    return file && realOf(file);
  }

  const isMarkdown = (file: string): boolean => file.endsWith('.md') && looks.kindOf(file) === 'file';

  /** The folder of the package that a file belongs to; its own folder when there is none. */
  function folderAround(file: string): string {
    for (let at = path.dirname(file); at !== path.dirname(at); at = path.dirname(at)) {
      if (typeof manifestIn(at)?.name === 'string') return at;
    }
    return path.dirname(file);
  }

  function manifestIn(folder: string): Manifest | undefined {
    if (!manifests.has(folder)) manifests.set(folder, readManifest(path.join(folder, 'package.json')));
    return manifests.get(folder);
  }

  function readManifest(file: string): Manifest | undefined {
    const input = looks.kindOf(file) === 'file' ? read(file) : undefined;
    const manifest: unknown = attempt(() => JSON.parse(new TextDecoder().decode(input && 'content' in input ? input.content : undefined)));
    return manifest !== null && typeof manifest === 'object' ? manifest : undefined;
  }

  return find;
}

/** The package and the file in it that a name says. A path, a URL, or a name that climbs says none. */
function readName(name: string): Request | undefined {
  const of = /^(?:@[\w~-][\w.~-]*\/)?[a-z\d~-][\w.~-]*(?=\/|$)/i.exec(name)?.[0];
  if (of === undefined) return undefined;
  const stem = stemOf(name.slice(of.length + 1));
  return name === of || isBelow(stem) ? { name, package: of, stem } : undefined;
}

const stemOf = (name: string): string => name.replace(/\.md$/, '');

/** Whether a name stays below the folder it is looked up in. */
const isBelow = (name: string): boolean => !/[\\:\0]/.test(name) && !name.split('/').some((part) => ['', '.', '..'].includes(part));

/** What a package says that can be named, each with a `.` for the package. */
function keysOf(exports: unknown): string[] {
  if (exports === undefined) return ['./*'];
  const keys = exports !== null && typeof exports === 'object' ? Object.keys(exports).filter((key) => key.startsWith('.')) : [];
  return keys.length > 0 ? keys : ['.'];
}

/** What cannot be resolved or read is not there. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
