/** The templates that come with polyagent, one for each target, compiled by the build. */
import runtime from 'handlebars/runtime.js';
import specifications from 'templates';

/** What a template may use. Values are written in the target's format already, so a template cannot break quoting. */
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

/** Lays out a file. Throws when the template uses a name that the context does not have. */
export type Template = ((context: TemplateContext) => string) & {
  /** Where it lies, for messages. */
  readonly file?: string;
};

const ready = new Map<string, Template>();

/** The template of a built-in target, set up when it is first needed. */
export function builtInTemplate(target: string): Template | undefined {
  const specification = specifications[target];
  const known = ready.get(target);
  if (known || !specification) return known;
  // Access to prototypes is off unless asked for.
  const template = runtime.template<TemplateContext>(specification);
  ready.set(target, template);
  return template;
}
