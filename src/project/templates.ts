/** Templates of a project, which replace the built-in ones of the same name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { nearest } from '../diagnostics/nearest.js';
import type { Report } from '../diagnostics/report.js';
import type { Templates } from '../stages/emit/emit.js';
import type { Template } from '../stages/emit/templates.js';
import { slashed } from './discover.js';

/** Reads `<target>.hbs` of a folder. The template compiler is loaded only when there is one. */
export async function loadTemplates(folder: string, cwd: string, targets: readonly string[], report: Report): Promise<Templates> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder).filter((file) => file.endsWith('.hbs'));
  if (files.length === 0) return {};
  const { compileTemplate } = await import('../stages/emit/compile-template.js');
  const templates: { [target: string]: Template } = {};
  for (const file of files) {
    const name = file.slice(0, -'.hbs'.length);
    if (targets.includes(name)) templates[name] = compileTemplate(readFileSync(path.join(folder, file), 'utf8'));
    else
      report.addForFile('template-unknown', slashed(path.relative(cwd, path.join(folder, file))), { name, near: nearest(name, targets) });
  }
  return templates;
}
