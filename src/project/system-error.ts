/** The system's word for why something cannot be done. */
export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);
