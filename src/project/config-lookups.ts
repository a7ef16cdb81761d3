/** Where a bundler looks for what a config imports: a file that comes there, or changes, may give an import another meaning. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Metafile } from 'esbuild';

/** What may stand behind the path of an import, as esbuild tries it. */
const EXTENSIONS = ['.tsx', '.ts', '.jsx', '.js', '.css', '.json'];
const ENDINGS = ['', ...EXTENSIONS, '/package.json', ...EXTENSIONS.map((extension) => `/index${extension}`)];

/**
 * The absolute paths of files that decide what the imports of a bundle mean, those with that are not there.
 * @param folder what the paths of the bundle are relative to
 */
export function lookupsOf({ inputs }: Metafile, folder: string): string[] {
  const found = new Set<string>();
  const add = (files: readonly string[]): void => {
    for (const file of files) found.add(file);
  };
  for (const [name, { imports }] of Object.entries(inputs)) {
    const from = path.dirname(path.resolve(folder, name));
    add(upwards(from, 'package.json'));
    for (const file of upwards(from, 'tsconfig.json')) add([file, ...basesOf(file)]);
    for (const { original, external } of imports) {
      if (original === undefined || external) continue;
      add(isPath(original) ? besides(path.resolve(from, original)) : upwards(from, packageOf(original)));
    }
  }
  return [...found].sort();
}

const isPath = (name: string): boolean => /^\.{0,2}\//.test(name);

/** A name in a folder and in those above, up to the first where it is. */
function upwards(folder: string, name: string): string[] {
  const file = path.join(folder, name);
  const above = path.dirname(folder);
  return existsSync(file) || above === folder ? [file] : [file, ...upwards(above, name)];
}

/** `node_modules/@acme/x/package.json` of `@acme/x/y` */
const packageOf = (name: string): string => `node_modules/${/^(?:@[^/]*\/)?[^/]*/.exec(name)?.[0] ?? name}/package.json`;

/** The files that a path without ending may mean. */
const besides = (file: string): string[] => ENDINGS.map((ending) => file + ending);

/** The files that a tsconfig.json extends. */
function basesOf(file: string, seen: ReadonlySet<string> = new Set([file])): string[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const said = /"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")/.exec(text)?.[1] ?? '';
  const bases = [...said.matchAll(/"([^"]+)"/g)].flatMap(([, name = '']) => {
    const from = path.dirname(file);
    return ['', '.json', '/tsconfig.json'].flatMap((end) =>
      isPath(name) ? [path.resolve(from, name + end)] : upwards(from, `node_modules/${name}${end}`),
    );
  });
  return bases.flatMap((base) => (seen.has(base) ? [] : [base, ...basesOf(base, new Set([...seen, base]))]));
}
