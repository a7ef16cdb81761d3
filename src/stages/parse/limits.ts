import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Range } from '../../ir.js';

/** The most characters that a source may have: over 250,000 tokens, more than an assistant can spend on a prompt. */
export const MAX_SOURCE_LENGTH = 1_048_576;

/**
 * The deepest nesting that is read. A hundred nested lists take the Markdown parser 50 ms, a thousand 28 s; a YAML value
 * nested some thousands deep ends the process (V8 gives up on the indentation pattern), so this is checked first.
 */
export const MAX_DEPTH = 100;

const LIST_ITEM = /^([ \t>]*)((?:(?:[-*+]|\d{1,9}[.)])[ \t]+)+)/;

const DEEP_LINE = new RegExp(`^[ \\t>*+\\-\\d.)]{${MAX_DEPTH}}`, 'm');

/** Reports a part of the text that nests deeper than the parsers can bear. True when there is none. */
export function checkNesting(source: SourceText, within: Range, report: Report): boolean {
  const refuse = (what: string, start: number, end: number): false => {
    report.add('nesting-too-deep', source, { start, end }, { what, limit: MAX_DEPTH });
    return false;
  };
  if (!mayNest(source.text.slice(within.start, within.end))) return true;
  let brackets = 0;
  let indents: number[] = [];
  let lineStart = within.start;
  while (lineStart < within.end) {
    const newline = source.text.indexOf('\n', lineStart);
    const lineEnd = newline === -1 || newline > within.end ? within.end : newline;
    const line = source.text.slice(lineStart, lineEnd);

    if (line.trim() === '') brackets = 0;
    for (let i = 0; i < line.length; i++) {
      const char = line.charCodeAt(i);
      if (char === 0x5b || char === 0x7b) brackets++;
      else if ((char === 0x5d || char === 0x7d) && brackets > 0) brackets--;
      if (brackets > MAX_DEPTH) return refuse('Brackets', lineStart + i, lineStart + i + 1);
    }

    const item = LIST_ITEM.exec(line);
    const quotes = /^[ \t>]*/.exec(line)?.[0].replaceAll(/[^>]/g, '').length ?? 0;
    if (item) {
      const indent = item[1]?.length ?? 0;
      const markers = item[2]?.trim().split(/[ \t]+/).length ?? 1;
      indents = indents.filter((outer) => outer < indent);
      for (let i = 0; i < markers; i++) indents.push(indent + i);
    } else if (/^\S/.test(line)) {
      indents = [];
    }
    if (quotes > MAX_DEPTH) return refuse('Quotes', lineStart, lineEnd);
    if (indents.length > MAX_DEPTH) return refuse('Lists', lineStart, lineEnd);
    lineStart = lineEnd + 1;
  }
  return true;
}

/**
 * Whether a text could nest too deep at all: it needs that many brackets, or a line that begins with that many characters
 * of indentation and markers. Nearly no text does, and the test is native code.
 */
function mayNest(text: string): boolean {
  if (DEEP_LINE.test(text)) return true;
  let brackets = 0;
  for (const bracket of ['[', '{']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) if (++brackets > MAX_DEPTH) return true;
  }
  return false;
}

/** Reports front matter whose indentation alone nests deeper than the YAML parser can bear. True when there is none. */
export function checkIndentation(source: SourceText, within: Range, report: Report): boolean {
  let depth: number[] = [];
  for (const match of source.text.slice(within.start, within.end).matchAll(/^[ ]*(?=[^\s#])/gm)) {
    const indent = match[0].length;
    depth = depth.filter((outer) => outer < indent);
    depth.push(indent);
    if (depth.length > MAX_DEPTH) {
      const start = within.start + match.index;
      report.add('nesting-too-deep', source, { start, end: start + indent + 1 }, { what: 'Keys', limit: MAX_DEPTH });
      return false;
    }
  }
  return true;
}
