// Not the package's main module: that one registers a loader for Node's `require`, and needs its file system.
import Handlebars from 'handlebars/dist/cjs/handlebars.js';
import { withMarks } from '../../handlebars/marks.js';
import type { Template, TemplateContext } from './templates.js';

/**
 * Compiles the text of a Handlebars template, as strict as the built-in ones: a misspelt name fails, nothing is escaped,
 * prototypes are out of reach. Throws when the text is no template, at the latest when it is first used.
 */
export function compileTemplate(text: string): Template {
  const template = withMarks(Handlebars.create()).compile<TemplateContext>(text, { strict: true, noEscape: true, knownHelpersOnly: true });
  return Object.assign((context: TemplateContext) => template(context), { text });
}
