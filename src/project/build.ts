/** One build, with what an earlier one knew. */
import type { Fate } from '../ir.js';
import { keep, recall } from './keep.js';
import { pathFrom } from './paths.js';
import { type BuildOptions, readSettings } from './settings.js';
import { type BuildResult, type BuiltFile, resultOf, update } from './update.js';

/** Builds a project. Throws a UsageError for wrong use or a wrong config; what authors got wrong is in `diagnostics`. */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const settings = await readSettings(options);
  const fates: Fate[] = [];
  const files: BuiltFile[] = [];
  // What is told of every agent is told of those that are compiled.
  const { live, done } = await update(settings, options.fates ? undefined : recall(options), {
    onBegin() {
      fates.length = 0;
      files.length = 0;
    },
    onProgress: options.onProgress,
    onFates: options.fates ? (some) => void fates.push(...some) : undefined,
    onBuilt: options.files ? ({ file, ...of }) => void files.push({ path: pathFrom(settings.cwd, file), ...of }) : undefined,
  });
  if (!settings.dryRun) keep(live, done, options);
  return resultOf(live, done, { files, fates });
}
