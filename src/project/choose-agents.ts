/** From a word on the command line to the agents that are meant, without reading more files than needed. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isDynamicPattern } from 'tinyglobby';
import { nearest } from '../diagnostics/nearest.js';
import { idOf } from '../stages/normalize/names.js';
import { createLooks } from './cache/looks.js';
import { findAgents } from './discover.js';
import { slashed } from './paths.js';
import type { Settings } from './settings.js';
import type { Choose } from './sources.js';
import { UsageError } from './usage-error.js';

/** How many names a message lists. */
const LISTED = 40;

/**
 * Whether a word is a file, a folder or a glob rather than the name of an agent. A bare word is an agent where both are there:
 * a project may well have a folder `backend` and an agent of that name.
 */
export function isPath(word: string, settings: Settings): boolean {
  if (isDynamicPattern(word) || word.startsWith('!')) return true;
  if (!existsSync(path.resolve(settings.cwd, word))) return false;
  return /[./\\]/.test(word) || !agentsOf(settings).some((file) => isCalled(file, word));
}

/** Whether words mean all agents of some place, and not single ones. */
export const areMany = (paths: readonly string[], cwd: string): boolean =>
  paths.some((word) => isDynamicPattern(word) || statSync(path.resolve(cwd, word), { throwIfNoEntry: false })?.isDirectory() === true);

function agentsOf(settings: Settings): readonly string[] {
  try {
    return findAgents(settings, createLooks());
  } catch (error) {
    if (error instanceof UsageError) return [];
    throw error;
  }
}

/** Chooses the agents of some names. Throws a UsageError for a name that no agent has. */
export const chooseByName =
  (names: readonly string[]): Choose =>
  (paths) => {
    const chosen = new Set(names.flatMap((name) => named(name, paths)));
    return paths.filter((file) => chosen.has(file));
  };

/** Refuses to choose, with the names of all agents. */
export const listAgents =
  (message: string, help: string): Choose =>
  (paths) => {
    throw new UsageError(message, `${help} Agents: ${listed(paths)}.`);
  };

function named(name: string, paths: readonly string[]): string[] {
  const byFile = paths.filter((file) => isCalled(file, name));
  if (byFile.length > 0) return byFile;
  const wanted = bare(name);
  const names = new Map(paths.map((file) => [file, nameIn(file)]));
  const byName = paths.filter((file) => [names.get(file)?.toLowerCase(), idOf(names.get(file) ?? '')].includes(wanted));
  if (byName.length > 0) return byName;
  const known = paths.flatMap((file) => [path.basename(bare(file)), names.get(file) ?? []].flat());
  const near = nearest(path.posix.basename(wanted), [...new Set(known)]);
  throw new UsageError(`There is no agent called \`${name}\``, `${near ? `Did you mean \`${near}\`? ` : ''}Agents: ${listed(paths)}.`);
}

/** Whether a file has a name, or a path that ends so. */
const isCalled = (file: string, name: string): boolean => `/${bare(file)}`.endsWith(`/${bare(name)}`);

/** A path without what all agents have at its end. */
const bare = (file: string): string =>
  slashed(file)
    .toLowerCase()
    .replace(/(?:\.agent)?\.md$/, '');

/** The name that the front matter gives; what is unusual about it is left to the compiler. */
function nameIn(file: string): string | undefined {
  try {
    const [, quoted, plain] = /^name:[ \t]*(?:["']([^"'\r\n]*)["']|([^#\r\n]*))/m.exec(readFileSync(file, 'utf8')) ?? [];
    return (quoted ?? plain)?.trim();
  } catch {
    return undefined;
  }
}

/** Names of files, with the folder where two have one name. */
function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, LISTED).map((file) => {
    const stem = path.basename(bare(file));
    return paths.filter((other) => isCalled(other, stem)).length > 1 ? bare(file).split('/').slice(-2).join('/') : stem;
  });
  const more = paths.length - shown.length;
  return shown.join(', ') + (more > 0 ? `, and ${more} more` : '');
}
