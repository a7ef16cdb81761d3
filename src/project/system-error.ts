/** The system's word for why something cannot be done. */
export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

/** Why what lies in the place of an output cannot be looked at, for a person. */
export const unreadable = (error: unknown): string =>
  codeOf(error) === 'ENOTDIR' ? 'a file lies where a folder must be' : `it cannot be read (${codeOf(error)})`;
