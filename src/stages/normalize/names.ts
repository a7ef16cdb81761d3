/** The most UTF-8 bytes of an id: file systems take 255 for a file name, and a target adds its extension. */
const MAX_ID_BYTES = 200;

/** Names that Windows keeps for devices, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

/**
 * The file-name-safe form of an agent's name: lower case, letters, digits, `-` and `_`; anything else is one hyphen.
 * Accents go, and of a name in two scripts the Latin part stays: most assistants take nothing else. Empty when nothing
 * is left.
 */
export function idOf(name: string): string {
  const folded = name
    .normalize('NFKD')
    .replaceAll(/(?<=[a-z])\p{M}+/giu, '')
    .normalize('NFKC')
    .toLowerCase();
  const latin = slug(folded.replaceAll(/[^ -~]/g, ' '));
  return /[a-z]/.test(latin) ? latin : slug(folded);
}

const slug = (text: string): string => text.replaceAll(/[^\p{L}\p{M}\p{N}_-]+/gu, '-').replaceAll(/^[-_]+|[-_]+$/g, '');

/** Files of assistants that call an agent after its file: OpenCode and Kilo by their folders, Copilot by its extension. */
const NAMED_BY_FILE = /(?:^|\/)\.(?:opencode|kilo|kilocode)\/agents?\/(?:.*\/)?([^/]+)\.md$|(?:^|\/)([^/]+)\.agent\.md$/;

/** The name that a file gives its agent, for the assistants in which it does. */
export function nameByFile(path: string): string | undefined {
  const [, byFolder, byExtension] = NAMED_BY_FILE.exec(path) ?? [];
  return byFolder ?? byExtension;
}

/** Why a name cannot be one, or `undefined` when it can. */
export function reasonAgainst(name: string): string | undefined {
  if (/\\|(?:^|\/)\.{0,2}\/|(?:^|\/)\.{1,2}$/.test(name)) return 'it must not be a path';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) return 'it must be one line of text';
  const id = idOf(name);
  if (id === '') return 'it has no letter or digit';
  if (DEVICE.test(id)) return 'Windows keeps this name for a device';
  if (new TextEncoder().encode(id).length > MAX_ID_BYTES) return `it is longer than ${MAX_ID_BYTES} bytes`;
  return undefined;
}
