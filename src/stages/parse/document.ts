import type { Root } from 'mdast';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Json, Range } from '../../ir.js';

/** A source as it was written: front matter with a range for every value, and a body that is parsed when asked for. */
export interface Document {
  readonly source: SourceText;
  /** Whether the file began with a byte order mark. Offsets do not count it. */
  readonly bom: boolean;
  /** The line end of the front matter's first line. */
  readonly eol: '\n' | '\r\n';
  readonly frontMatter: FrontMatter | undefined;
  /** From the line after the closing `---` to the end. */
  readonly body: Range;
  /** The Markdown tree of the body, with offsets in the whole file. Built on the first call, then kept. */
  tree(): Root;
  /** Lets the tree go, which takes some hundred times the memory of its text. */
  forget(): void;
}

export interface FrontMatter {
  /** From the opening `---` to the end of the closing line, its line end included. */
  readonly range: Range;
  readonly entries: readonly Entry[];
  /** Whether each entry has lines of its own, so that one can be cut out. False for a header in braces. */
  readonly lineBased: boolean;
}

/** One top-level key. */
export interface Entry {
  readonly key: string;
  readonly keyRange: Range;
  readonly value: Value;
  /** Whole lines: from the key's line to the line of the next key, or to the closing `---`. */
  readonly lines: Range;
  /** The value is not YAML and was read as plain text. */
  readonly repaired: boolean;
}

/** A YAML value with places. Aliases are resolved. */
export type Value =
  | { readonly kind: 'scalar'; readonly value: string | number | boolean | null; readonly range: Range }
  | { readonly kind: 'list'; readonly items: readonly Value[]; readonly range: Range }
  | { readonly kind: 'map'; readonly entries: readonly MapEntry[]; readonly range: Range };

export interface MapEntry {
  readonly key: string;
  readonly keyRange: Range;
  readonly value: Value;
}

/** The value without its places. */
export function plain(value: Value): Json {
  switch (value.kind) {
    case 'scalar':
      return value.value;
    case 'list':
      return value.items.map(plain);
    case 'map':
      return Object.fromEntries(value.entries.map((entry) => [entry.key, plain(entry.value)]));
  }
}
