/** What tells one build from another in the cache: the options, as they are given. */
import path from 'node:path';
import type { BuildOptions } from '../settings.js';
import { cacheFolder } from './folder.js';

export const optionsKey = ({ cwd, sources, to, out, variants, config, sourceMaps, all, shard }: BuildOptions): string =>
  JSON.stringify({ cwd, sources, to, out, variants, config, sourceMaps: sourceMaps === true, all, shard });

/** The folder in which a build keeps what it knows; it is known before the config is read. */
export const folderFor = ({ cwd, config }: Pick<BuildOptions, 'cwd' | 'config'>): string =>
  cacheFolder(config === undefined ? cwd : path.dirname(path.resolve(cwd, config)));
