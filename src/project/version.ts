declare const __VERSION__: string | undefined;
declare const __BUILD__: string | undefined;

/** The version of this polyagent, put in by the build. */
export const VERSION: string = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source';

/** Another one for each state of the compiler's code. Run from its source it has none. */
export const BUILD: string | undefined = typeof __BUILD__ === 'string' ? __BUILD__ : undefined;
