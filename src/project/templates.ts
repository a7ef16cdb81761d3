/** Templates of a project, which replace the built-in ones of the same name. */
import path from 'node:path';
import { nearest } from '../diagnostics/nearest.js';
import type { Report } from '../diagnostics/report.js';
import type { Templates } from '../stages/emit/emit.js';
import type { Template } from '../stages/emit/templates.js';
import { createInputs } from './cache/inputs.js';
import { createLooks } from './cache/looks.js';
import { pathFrom } from './paths.js';
import type { Settings } from './settings.js';
import { UsageError } from './usage-error.js';

/** Reads `<target>.hbs` of a project's folder. The template compiler is loaded only when there is one. */
export async function loadTemplates(
  { templates: { folder, named }, cwd, knownTargets: targets }: Settings,
  report: Report,
  looks = createLooks(),
  inputs = createInputs(new Map()),
): Promise<Templates> {
  if (looks.kindOf(folder) !== 'folder') {
    if (named) throw new UsageError(`There is no folder of templates ${folder}`, 'Check `templates` in the config.');
    return {};
  }
  const files = looks.namesIn(folder, '.hbs');
  if (files.length === 0) return {};
  const { compileTemplate } = await import('../stages/emit/compile-template.js');
  const templates: { [target: string]: Template } = {};
  for (const file of files) {
    const name = file.slice(0, -'.hbs'.length);
    const shown = pathFrom(cwd, path.join(folder, file));
    const input = targets.includes(name) ? inputs.read(path.join(folder, file)) : undefined;
    if (input?.hash === undefined && input) throw new UsageError(`${shown} cannot be read (${input.reason})`, 'Make it readable.');
    const text = new TextDecoder().decode(input?.content);
    if (input) templates[name] = Object.assign(compileTemplate(text), { file: shown });
    // A folder `templates` may be anybody's, unless the config says that it is ours.
    else if (named) report.addForFile('template-unknown', shown, { name, near: nearest(name, targets) });
  }
  return templates;
}
