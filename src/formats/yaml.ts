import { Document, parse, stringify, visit } from 'yaml';
import type { Json } from '../ir.js';
import { escaped, type Format, splitHeader, type WriteOptions } from './format.js';
import { blockOf } from './yaml-block.js';

/**
 * Text that every YAML reader takes for the same text without quotes: no word of YAML 1.1, no number, no indicator, no
 * colon before a space, no ` #`, no `---`.
 */
export const SAFE = /^(?!(?:true|false|yes|no|on|off|null|y|n)$)[A-Za-z](?:[\w ,.()*/@+]|-(?!--)|:(?=\S))*(?<! )$/i;

/** Characters that YAML does not call printable, or takes for line ends: some readers refuse them, some fold them. */
const UNPRINTABLE = /[\u007f-\u009f\ufeff\ufffe\uffff]/g;
/** What the package writes in double quotes whatever it is told: control characters, and halves of surrogate pairs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\p{Cs}]/u;

/** Whether a block says a text without telling how it is indented, or how many line ends it has. */
const isPlainBlock = (text: string): boolean => /^\n*\S/.test(text) && /^\S\n$/.test(text.slice(-2));

const UNPRINTABLE_OPTIONS: WriteOptions = { escapes: UNPRINTABLE };

/** Double quotes on one line: simple readers know no block scalars and no single quotes. */
const LAYOUT = { lineWidth: 0, blockQuote: false, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER, minContentWidth: 0 } as const;

export const yaml: Format = {
  entry(key, value, options) {
    if (typeof value === 'string') return `${keyOf(key, options)}: ${scalar(value, options)}`;
    if (typeof value === 'number' || typeof value === 'boolean') return `${keyOf(key, options)}: ${value}`;
    return guarded(blockOf({ [key]: value }, '', written) ?? byNodes(key, value), options);
  },
  sourceLineEnds: true,
  isTable: () => false,
  objection: () => undefined,
  asRead: (value) => value,
  text(value, options) {
    // A prompt is for people to read too. What needs an escape can only stand in double quotes.
    const block = value.search(UNPRINTABLE) === -1 && (!options.escapes || value.search(options.escapes) === -1);
    if (block && isPlainBlock(value) && value.search(CONTROL) === -1) return `|\n  ${value.slice(0, -1).replaceAll(/\n+/g, '$&  ')}`;
    const document = new Document({ k: value });
    visit(document, {
      Scalar: (key, node) => {
        if (key === 'value') node.type = block ? 'BLOCK_LITERAL' : 'QUOTE_DOUBLE';
      },
    });
    // The last line end is the entry's own.
    const text = document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER });
    return guarded(text.slice('k: '.length, -1), options);
  },
  read(file) {
    // Where the prompt is a key too, the whole file is the header.
    const { header, body } = file.startsWith('---') || file.startsWith('\ufeff') ? splitHeader(file) : { header: file };
    return { header: (parse(header, { stringKeys: true }) ?? {}) as { [key: string]: Json }, ...(body !== undefined && { body }) };
  },
};

/** Any list or map, by way of the package's nodes. */
function byNodes(key: string, value: Json): string {
  // Constants stand in many values, and must not become anchors.
  const document = new Document({ [key]: value }, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string') node.type = SAFE.test(node.value) ? 'PLAIN' : 'QUOTE_DOUBLE';
    },
  });
  return document.toString(LAYOUT).trimEnd();
}

/** Text in a list or map. */
const written = (text: string): string | undefined => (SAFE.test(text) ? text : quoted(text));

/** Text in double quotes, when YAML writes it as JSON: not with an escape for a control character, or a blank before a line end. */
function quoted(text: string): string | undefined {
  const json = JSON.stringify(text);
  return json.includes('\\u') || json.includes(' \\n') ? undefined : json;
}

/** A key as it is written; one that cannot stand plain is quoted. */
const keyOf = (key: string, options: WriteOptions): string => (SAFE.test(key) ? key : guarded(JSON.stringify(key), options));

function scalar(value: string, options: WriteOptions): string {
  if (SAFE.test(value)) return value;
  return guarded(quoted(value) ?? stringify(value, { ...LAYOUT, defaultStringType: 'QUOTE_DOUBLE' }).trimEnd(), options);
}

/** Writes what must not stand as it is. It stands in double quotes only: what is unquoted never holds it. */
const guarded = (text: string, options: WriteOptions): string => escaped(escaped(text, UNPRINTABLE_OPTIONS, escapeOf), options, escapeOf);

const escapeOf = (unit: number): string =>
  unit <= 0xff ? `\\x${unit.toString(16).padStart(2, '0')}` : `\\u${unit.toString(16).padStart(4, '0')}`;
