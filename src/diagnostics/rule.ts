/** What a diagnostic's entry in the table is, and the phrases that entries share. */

/** `error`: something was not built. `warning`: built, but look at it. `info`: built, and this is what differs. */
export type Severity = 'error' | 'warning' | 'info';

/** The text of one diagnostic, with holes that its data fills. */
export interface Rule<Data> {
  readonly severity: Severity;
  readonly message: (data: Data) => string;
  /** Written under the caret of the code frame. */
  readonly label?: (data: Data) => string | undefined;
  /** The next thing to do. */
  readonly help: (data: Data) => string;
}

export const rule = <Data = Record<never, never>>(text: Rule<Data>): Rule<Data> => text;

export const code = (text: string): string => `\`${text}\``;
export const didYouMean = (near: string | undefined): string | undefined => near && `did you mean ${code(near)}?`;
export const perTarget = (lists: { readonly [target: string]: readonly string[] }): string =>
  Object.entries(lists)
    .map(([target, items]) => `${target}: ${items.join(', ')}`)
    .join('; ');
