/** The templates that come with polyagent, one for each target, compiled by the build. */
import runtime from 'handlebars/runtime.js';
import specifications from 'templates';

/**
 * What a template may use. In place of each value there is a mark, and nothing in place of an empty one: a template puts
 * values somewhere, and cannot look into them. They are written in the target's format already, so that it cannot break
 * quoting.
 */
export interface TemplateContext {
  /** The header, an entry each: `name: reviewer`. */
  readonly header: readonly string[];
  /** Entries that must stand behind everything else (tables of TOML). */
  readonly tables: readonly string[];
  /** The prompt, or the header value that holds it. */
  readonly body: string;
  /** The agent, for comments. */
  readonly agent: { readonly name: string; readonly id: string; readonly description: string; readonly source: string };
  readonly target: string;
  /** The description without its examples, on one line. */
  readonly summary: string;
}

/** Lays out a file, as `compileTemplate` makes it. Throws when it uses a name that the context does not have. */
export type Template = ((context: TemplateContext) => string) & {
  /** What it was compiled from. */
  readonly text: string;
  /** Where it lies, for messages and origins. */
  readonly file?: string;
};

/** Where the text of a target's template is: its file, or for a built-in one its path in the package. */
export const templatePath = (target: string, { file }: { readonly file?: string | undefined }): string => file ?? `templates/${target}.hbs`;

const ready = new Map<string, Template>();

/** The template of a built-in target, set up when it is first needed. */
export function builtInTemplate(target: string): Template | undefined {
  const built = specifications[target];
  const known = ready.get(target);
  if (known || !built) return known;
  // Access to prototypes is off unless asked for.
  const template = Object.assign(runtime.template<TemplateContext>(built.specification), { text: built.text });
  ready.set(target, template);
  return template;
}
