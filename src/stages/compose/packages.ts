/** What the compiler asks of npm packages: the files that names lead to when the project has nothing of that name. */
import type { PackageMiss } from '../../diagnostics/composition-rules.js';
import type { SourceFile } from '../parse/parse.js';

/**
 * Finds a file of a package for a name that is not the project's. `from` is the path of the file that uses it. Says why
 * not when the name can only be a package's; nothing when it need not be.
 */
export type Find = (name: string, from: string) => SourceFile | PackageMiss | undefined;

export interface Packages {
  find(name: string, from: string): SourceFile | undefined;
  /** Why a name that was not found leads to nothing. */
  missOf(name: string, from: string): PackageMiss | undefined;
  /** Whether a file is of a package: a name in it means a file of that package first. */
  has(path: string): boolean;
}

export function createPackages(find: Find = () => undefined): Packages {
  const paths = new Set<string>();
  return {
    find(name, from) {
      const file = find(name, from);
      if (!file || !('content' in file)) return undefined;
      paths.add(file.path);
      return file;
    },
    missOf(name, from) {
      const miss = find(name, from);
      return miss && 'reason' in miss ? miss : undefined;
    },
    has: (path) => paths.has(path),
  };
}
