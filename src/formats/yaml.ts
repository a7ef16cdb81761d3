import { Document, parse, stringify, visit } from 'yaml';
import type { Json } from '../ir.js';
import { type Format, splitHeader, type WriteOptions } from './format.js';

/**
 * Text that every YAML reader takes for the same text without quotes: no word of YAML 1.1, no number, no indicator, no
 * colon before a space, no ` #`, no `---`.
 */
const SAFE = /^(?!(?:true|false|yes|no|on|off|null|y|n)$)[A-Za-z](?:[\w ,.()*/@+]|-(?!--)|:(?=\S))*(?<! )$/i;

/** Double quotes on one line: simple readers know no block scalars and no single quotes. */
const LAYOUT = { lineWidth: 0, blockQuote: false, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER, minContentWidth: 0 } as const;

export const yaml: Format = {
  entry(key, value, options) {
    if (typeof value === 'string') return `${keyOf(key, options)}: ${scalar(value, options)}`;
    if (typeof value === 'number' || typeof value === 'boolean') return `${keyOf(key, options)}: ${value}`;
    // Constants stand in many values, and must not become anchors.
    const document = new Document({ [key]: value }, { aliasDuplicateObjects: false });
    visit(document, {
      Scalar(_, node) {
        if (typeof node.value === 'string') node.type = SAFE.test(node.value) ? 'PLAIN' : 'QUOTE_DOUBLE';
      },
    });
    return guarded(document.toString(LAYOUT).trimEnd(), options);
  },
  sourceLineEnds: true,
  isTable: () => false,
  objection: () => undefined,
  asRead: (value) => value,
  text: (value) => scalar(value, { closesAnywhere: false }),
  read(file) {
    const { header, body } = splitHeader(file);
    return { header: (parse(header, { stringKeys: true }) ?? {}) as { [key: string]: Json }, body };
  },
};

/** A key as it is written; one that cannot stand plain is quoted. */
const keyOf = (key: string, options: WriteOptions): string => (SAFE.test(key) ? key : guarded(JSON.stringify(key), options));

function scalar(value: string, options: WriteOptions): string {
  if (SAFE.test(value)) return value;
  return guarded(stringify(value, { ...LAYOUT, defaultStringType: 'QUOTE_DOUBLE' }).trimEnd(), options);
}

/** Writes `---` as an escape. It can stand in double quotes only: what is unquoted never holds it. */
function guarded(text: string, { closesAnywhere }: WriteOptions): string {
  return closesAnywhere ? text.replaceAll(/-(?=--)/g, '\\x2d') : text;
}
