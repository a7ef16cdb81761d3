/**
 * File → Document: decodes, splits off the front matter, and reads it. The Markdown tree waits until a stage asks for it.
 * What cannot be read is reported and left out.
 */
import type { Root } from 'mdast';
import type { Report } from '../../diagnostics/report.js';
import { createSourceText, type FileText, type SourceText } from '../../diagnostics/source-text.js';
import type { OriginKind } from '../../ir.js';
import type { MarkdownParser } from '../../markdown/parser.js';
import { parseMarkdown } from '../../markdown/remark.js';
import type { Document } from './document.js';
import { findFrontMatter, hasFrontMatter, readFrontMatter } from './front-matter.js';
import { checkDecodedValues, checkHiddenUnicode } from './hidden-unicode.js';
import { checkNesting, MAX_SOURCE_LENGTH } from './limits.js';
import { findTables } from './tables.js';

/** A file as it lies on the disk, or its text. */
export interface SourceFile {
  /** With `/` between folders; relative to the project. Messages name it. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

const BOM = '\ufeff';

/** Reads an agent. `undefined`, with the reason reported, when it cannot be read. */
export function parse(file: SourceFile, report: Report, parser: MarkdownParser = parseMarkdown): Document | undefined {
  const opened = open(file, report);
  if (!opened) return undefined;
  if (opened.source.text.trim() === '') {
    report.add('source-empty', opened.source, { start: 0, end: 0 }, {});
    return undefined;
  }
  return withFrontMatter(opened, report, parser);
}

/** Reads a fragment or a base: the same, but its front matter may be absent. */
export function parsePart(
  file: SourceFile,
  kind: 'fragment' | 'base',
  report: Report,
  parser: MarkdownParser = parseMarkdown,
): Document | undefined {
  const opened = open(file, report, kind);
  if (!opened) return undefined;
  report.knows(opened.source);
  if (hasFrontMatter(opened.source.text)) return withFrontMatter(opened, report, parser);
  return toDocument(opened, 0, opened.source.text.includes('\r\n') ? '\r\n' : '\n', undefined, report, parser);
}

/** The text of a file, whatever is wrong with it: what is no UTF-8 shows as U+FFFD. */
export function textOf({ path, content }: SourceFile): FileText {
  const text = typeof content === 'string' ? content : new TextDecoder('utf-8', { ignoreBOM: true }).decode(content);
  return createSourceText(path, text.startsWith(BOM) ? text.slice(1) : text);
}

interface Opened {
  readonly source: SourceText;
  readonly bom: boolean;
}

function withFrontMatter(opened: Opened, report: Report, parser: MarkdownParser): Document | undefined {
  const found = findFrontMatter(opened.source, report);
  if (!found) return undefined;
  const frontMatter = readFrontMatter(opened.source, found.range, found.content, report);
  if (frontMatter)
    checkDecodedValues(
      opened.source,
      frontMatter.entries.map((entry) => entry.value),
      report,
    );
  // The body is looked at in any case, so that all that is wrong is said at once.
  const document = toDocument(opened, found.range.end, found.eol, frontMatter, report, parser);
  return frontMatter && document;
}

function open(file: SourceFile, report: Report, kind?: OriginKind): Opened | undefined {
  const decoded = typeof file.content === 'string' ? file.content : decode(file, file.content, report);
  if (decoded === undefined) return undefined;
  const bom = decoded.startsWith(BOM);
  const source = createSourceText(file.path, bom ? decoded.slice(1) : decoded, kind);
  if (source.text.length > MAX_SOURCE_LENGTH) {
    report.add('source-too-large', source, { start: 0, end: 0 }, { size: source.text.length, limit: MAX_SOURCE_LENGTH });
    return undefined;
  }
  checkHiddenUnicode(source, report);
  return { source, bom };
}

function toDocument(
  { source, bom }: Opened,
  bodyStart: number,
  eol: '\n' | '\r\n',
  frontMatter: Document['frontMatter'],
  report: Report,
  parser: MarkdownParser,
): Document | undefined {
  const body = { start: bodyStart, end: source.text.length };
  if (!checkNesting(source, body, report)) return undefined;
  let tree: Root | undefined;
  return {
    source,
    bom,
    eol,
    frontMatter,
    body,
    tree() {
      tree ??= findTables(parser(withBlanks(source.text, body.start)), source.text);
      return tree;
    },
    forget() {
      tree = undefined;
    },
  };
}

/** A text with blanks for its front matter, so that no parser has to know of that, and offsets stay. */
const withBlanks = (text: string, bodyStart: number): string => text.slice(0, bodyStart).replace(/[^\r\n]/g, ' ') + text.slice(bodyStart);

function decode(file: SourceFile, bytes: Uint8Array, report: Report): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const byte = firstInvalidByte(bytes);
    const lossy = new TextDecoder('utf-8', { ignoreBOM: true });
    const offset = lossy.decode(bytes.subarray(0, byte)).length;
    const source = createSourceText(file.path, lossy.decode(bytes));
    const hex = (bytes[byte] ?? 0).toString(16).padStart(2, '0');
    report.add('source-not-utf8', source, { start: offset, end: offset + 1 }, { byte, hex });
    return undefined;
  }
}

/** Bisects: a decoder that may be continued refuses a prefix just when the fault lies inside it. */
function firstInvalidByte(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      valid = middle;
    } catch {
      invalid = middle;
    }
  }
  // The prefix may end inside a character: what it decodes to tells where that one begins.
  const complete = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, valid), { stream: true });
  return new TextEncoder().encode(complete).length;
}
