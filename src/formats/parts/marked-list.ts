import { parseMarkdown } from '../../markdown/remark.js';
import { firstTwice, lineEndOf, type PartsFormat, STAYS } from './parts.js';

const BEGIN = '<!-- polyagent:begin -->';
const END = '<!-- polyagent:end -->';

/** An item of the list. It is one line, and begins with its name. */
const ITEM = /^- \*\*(.+?)\*\*/;

/** A list in a section of its own, between two comments of a Markdown file. */
export const markedList = (heading: string): PartsFormat => behindMark(listUnder(heading));

/** A byte order mark stays where it is. Offsets of a tree do not count it. */
function behindMark(format: PartsFormat): PartsFormat {
  const split = (file: string): [mark: string, text: string] => (file.startsWith('\ufeff') ? ['\ufeff', file.slice(1)] : ['', file]);
  return {
    ...format,
    read: (file) => format.read(split(file)[1]),
    edit(file, parts) {
      const [mark, text] = split(file);
      return mark + format.edit(text, parts);
    },
  };
}

const listUnder = (heading: string): PartsFormat => ({
  read(file) {
    const lines = sectionIn(file)?.text.split(/\r?\n/) ?? [];
    const named = lines.filter((line) => ITEM.test(line));
    const twice = firstTwice(named.map(nameIn));
    if (twice !== undefined) throw new Error(`it has two items called \`${twice}\``);
    return new Map(named.map((line) => [nameIn(line), line]));
  },
  said: (content) => content.trimEnd(),
  edit(file, parts) {
    const section = sectionIn(file);
    const eol = lineEndOf(file);
    const lines = section?.text.split(/\r?\n/) ?? [];
    const there = new Map(lines.map((line) => [nameIn(line), line]));
    const items = [...parts].flatMap(([name, content]) => {
      const text = content === STAYS ? there.get(name) : content?.trimEnd();
      return text === undefined ? [] : [text];
    });
    if (!section) return items.length === 0 ? file : appended(file, [BEGIN, `## ${heading}`, '', ...items, END], eol);
    const isOurs = (line: string): boolean => ITEM.test(line) && parts.has(nameIn(line));
    const first = lines.findIndex(isOurs);
    const others = lines.filter((line) => !isOurs(line));
    // Behind the last line, which is empty: the comment stands on a line of its own.
    const at = first === -1 ? others.length - 1 : lines.slice(0, first).filter((line) => !isOurs(line)).length;
    const result = [...others.slice(0, at), ...items, ...others.slice(at)];
    const isBare = result.every((line) => line.trim() === '' || line === `## ${heading}`);
    if (!isBare) return file.slice(0, section.start) + result.join(eol) + file.slice(section.end);
    // The blank line in front of the section came with it.
    const before = file.slice(0, section.start - BEGIN.length - section.gap).replace(/(?<=\n)\r?\n$/, '');
    return before + file.slice(section.end + END.length).replace(/^\r?\n/, '');
  },
  isEmpty: (file) => file.trim() === '',
});

const nameIn = (line: string): string => ITEM.exec(line)?.[1] ?? '';

interface Section {
  /** Of the text between the comments. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** From the end of the first comment to the text. */
  readonly gap: number;
}

/**
 * The section of a file with nothing in it but headings, items and blank lines. Blocks are read line by line: where the first
 * comment is a block of its own, none of these lines can begin one that would take the second comment in. So the lines, of
 * which there are many, need not be parsed. `undefined` where it is not certain.
 */
function plainSectionIn(file: string): Section | undefined {
  const begin = file.indexOf(BEGIN);
  const end = file.indexOf(END);
  if (begin === -1 || end < begin || file.includes(BEGIN, begin + 1) || file.includes(END, end + 1)) return undefined;
  const [lead = ''] = /^\r?\n/.exec(file.slice(begin + BEGIN.length, begin + BEGIN.length + 2)) ?? [];
  const start = begin + BEGIN.length + lead.length;
  const text = file.slice(start, end);
  const isApart = lead !== '' && file[end - 1] === '\n' && /^\r?(?:\n|$)/.test(file.slice(end + END.length, end + END.length + 2));
  if (!isApart || /\r(?!\n)/.test(text) || !text.split(/\r?\n/).every((line) => PLAIN_LINE.test(line))) return undefined;
  return beginsBlock(file.slice(0, begin)) ? { start, end, text, gap: lead.length } : undefined;
}

const PLAIN_LINE = /^(?:$|- \*\*|#{1,6} )/;

/** Whether the first comment is a block of its own behind a text. */
function beginsBlock(before: string): boolean {
  if (before === '') return true;
  const last = parseMarkdown(before + BEGIN).children.at(-1);
  return last?.type === 'html' && last.position?.start.offset === before.length;
}

/** The section of a file. A comment inside of a code block is text. */
function sectionIn(file: string): Section | undefined {
  if (!file.includes(BEGIN) && !file.includes(END)) return undefined;
  const plain = plainSectionIn(file);
  if (plain) return plain;
  const comments = parseMarkdown(file).children.filter((node) => node.type === 'html');
  // Two comments with nothing but text between them may be one node.
  const places = (mark: string): number[] =>
    comments.flatMap((node) => {
      const from = node.position?.start.offset ?? 0;
      return [...node.value.matchAll(new RegExp(`^${mark}[ \\t]*$`, 'gm'))].map((match) => from + match.index);
    });
  const [begins, ends] = [places(BEGIN), places(END)];
  const [begin, end] = [begins[0], ends[0]];
  if (begin === undefined && end === undefined) return undefined;
  if (begin === undefined || end === undefined || begins.length > 1 || ends.length > 1 || end < begin)
    throw new Error(`it must have one line \`${BEGIN}\` and one line \`${END}\` behind it`);
  const start = file.indexOf('\n', begin) + 1;
  return { start, end, text: file.slice(start, end), gap: start - begin - BEGIN.length };
}

function appended(file: string, lines: readonly string[], eol: string): string {
  const gap = file === '' ? '' : file.endsWith('\n') ? eol : eol + eol;
  return `${file}${gap}${lines.join(eol)}${eol}`;
}
