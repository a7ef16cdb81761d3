/** From a word on the command line to the agents that are meant, without reading more files than needed. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isDynamicPattern } from 'tinyglobby';
import { nearest } from '../diagnostics/nearest.js';
import { idOf } from '../stages/normalize/names.js';
import { slashed } from './paths.js';
import type { Choose } from './sources.js';
import { UsageError } from './usage-error.js';

/** How many names a message lists. */
const LISTED = 40;

/** Whether a word is a file, a folder or a glob rather than the name of an agent. */
export function isPath(word: string, cwd: string): boolean {
  if (isDynamicPattern(word) || word.startsWith('!')) return true;
  return /[./\\]/.test(word) && existsSync(path.resolve(cwd, word));
}

/** Whether words mean all agents of some place, and not single ones. */
export const areMany = (words: readonly string[], cwd: string): boolean =>
  words.length === 0 ||
  words.some((word) => isDynamicPattern(word) || statSync(path.resolve(cwd, word), { throwIfNoEntry: false })?.isDirectory() === true);

/** Chooses the agents of some names. Throws a UsageError for a name that no agent has. */
export const chooseByName =
  (names: readonly string[]): Choose =>
  (paths) => {
    const chosen = new Set(names.flatMap((name) => named(name, paths)));
    return paths.filter((file) => chosen.has(file));
  };

/** A message that lists the agents there are. */
export function listAgents(message: string, help: string): Choose {
  return (paths) => {
    throw new UsageError(message, `${help} Agents: ${listed(paths.map(stemOf))}.`);
  };
}

function named(name: string, paths: readonly string[]): string[] {
  const wanted = slashed(name)
    .toLowerCase()
    .replace(/(?:\.agent)?\.md$/, '');
  const byFile = paths.filter((file) => `/${slashed(file).toLowerCase()}`.replace(/(?:\.agent)?\.md$/, '').endsWith(`/${wanted}`));
  if (byFile.length > 0) return byFile;
  const names = new Map(paths.map((file) => [file, nameIn(file)]));
  const byName = paths.filter((file) => [names.get(file)?.toLowerCase(), idOf(names.get(file) ?? '')].includes(wanted));
  if (byName.length > 0) return byName;
  const known = [...new Set(paths.flatMap((file) => [stemOf(file), names.get(file) ?? []].flat()))];
  const near = nearest(wanted.split('/').at(-1) ?? wanted, known);
  const stems = listed(paths.map(stemOf));
  throw new UsageError(`There is no agent called \`${name}\``, `${near ? `Did you mean \`${near}\`? ` : ''}Agents: ${stems}.`);
}

const stemOf = (file: string): string => path.basename(file).replace(/(?:\.agent)?\.md$/, '');

/** The name that the front matter gives; what is unusual about it is left to the compiler. */
function nameIn(file: string): string | undefined {
  try {
    const [, quoted, bare] = /^name:[ \t]*(?:["']([^"'\r\n]*)["']|([^#\r\n]*))/m.exec(readFileSync(file, 'utf8')) ?? [];
    return (quoted ?? bare)?.trim();
  } catch {
    return undefined;
  }
}

function listed(names: readonly string[]): string {
  const more = names.length - LISTED;
  return names.slice(0, LISTED).join(', ') + (more > 0 ? `, and ${more} more` : '');
}
