import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Value } from './document.js';

/**
 * Characters that print as nothing: Unicode's own list of what may be ignored, annotation marks, and the blank Braille
 * pattern.
 */
const ANY_HIDDEN = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]/gu;

/** What they are called, for a message. Names after the Unicode character database. */
const NAMES: readonly (readonly [first: number, last: number, name: string])[] = [
  [0x00ad, 0x00ad, 'soft hyphen'],
  [0x034f, 0x034f, 'combining grapheme joiner'],
  [0x061c, 0x061c, 'Arabic letter mark'],
  [0x115f, 0x1160, 'Hangul filler'],
  [0x180b, 0x180f, 'Mongolian selector'],
  [0x200b, 0x200b, 'zero width space'],
  [0x200c, 0x200c, 'zero width non-joiner'],
  [0x200d, 0x200d, 'zero width joiner'],
  [0x200e, 0x200f, 'direction mark'],
  [0x202a, 0x202e, 'bidirectional control'],
  [0x2060, 0x2065, 'invisible operator'],
  [0x2066, 0x2069, 'bidirectional control'],
  [0x206a, 0x206f, 'deprecated format character'],
  [0x2800, 0x2800, 'blank Braille pattern'],
  [0x3164, 0x3164, 'Hangul filler'],
  [0xfe00, 0xfe0f, 'variation selector'],
  [0xfeff, 0xfeff, 'zero width no-break space'],
  [0xffa0, 0xffa0, 'Hangul filler'],
  [0xfff9, 0xfffb, 'interlinear annotation'],
  [0xd800, 0xdfff, 'half of a surrogate pair'],
  [0xe0000, 0xe007f, 'tag character'],
  [0xe0100, 0xe01ef, 'variation selector'],
];

/** Scripts that are spelled with joiners: taking them out would change words. */
const JOINING_SCRIPT =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gujarati}\p{Script=Gurmukhi}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Oriya}\p{Script=Sinhala}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*$/u;

/** The flags of England, Scotland and Wales, the only ones that are spelled with tag letters. */
const REGION_FLAG =
  /\u{1f3f4}\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}/gu;

const EMOJI_BEFORE_JOINER = /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier})\ufe0f?$/u;

/** What a variation selector may stand behind: emoji, symbols, keycaps, ideographs, and scripts with variant forms. */
const SELECTABLE = /[\p{Extended_Pictographic}\p{S}\p{P}\p{Script=Han}\p{Script=Myanmar}\p{Script=Mongolian}\p{Script=Phags_Pa}0-9]$/u;

/** Reports every hidden character of the text; those that spell words and emoji are text. */
export function checkHiddenUnicode(source: SourceText, report: Report): void {
  const { text } = source;
  // One pass of native code, and most files are through.
  if (text.search(ANY_HIDDEN) === -1) return;
  const flags = [...text.matchAll(REGION_FLAG)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
  const hidden = [...text.matchAll(ANY_HIDDEN)].filter(({ 0: character, index }) => {
    const inFlag = flags.some((flag) => flag.start <= index && index < flag.end);
    return (
      !inFlag &&
      !isText(character.codePointAt(0) ?? 0, text.slice(Math.max(0, index - 8), index), text.slice(index + character.length, index + 8))
    );
  });
  for (const [first, ...more] of runsOf(hidden)) {
    if (!first) continue;
    const last = more.at(-1) ?? first;
    const [codePoint, name] = describe(first[0]);
    const range = { start: first.index, end: last.index + last[0].length };
    report.add('hidden-unicode', source, range, { codePoint, name, count: more.length + 1 });
  }
}

/**
 * Reports values that hold hidden characters by way of escapes: `"\\u200b"` is plain to see in the source, and not in what
 * is made of it. Half of a surrogate pair is no character at all.
 */
export function checkDecodedValues(source: SourceText, values: readonly Value[], report: Report): void {
  for (const value of values) {
    if (value.kind === 'list') checkDecodedValues(source, value.items, report);
    if (value.kind === 'map')
      checkDecodedValues(
        source,
        value.entries.map((entry) => entry.value),
        report,
      );
    if (value.kind !== 'scalar' || typeof value.value !== 'string') continue;
    const found = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\p{Cs}]/u.exec(value.value);
    if (!found || source.text.slice(value.range.start, value.range.end).includes(found[0])) continue;
    const [codePoint, name] = describe(found[0]);
    report.add('hidden-unicode', source, value.range, { codePoint, name, count: 1 });
  }
}

function describe(character: string): [codePoint: string, name: string] {
  const codePoint = character.codePointAt(0) ?? 0;
  const name = NAMES.find(([from, to]) => from <= codePoint && codePoint <= to)?.[2] ?? 'format character';
  return [`U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`, name];
}

/** Whether a character, between what stands before and after it, spells a word or an emoji. */
function isText(codePoint: number, before: string, after: string): boolean {
  if (codePoint === 0x200d || codePoint === 0x200c) {
    if (EMOJI_BEFORE_JOINER.test(before)) return /^(?:\p{Extended_Pictographic}|[\u2640\u2642\u2695])/u.test(after);
    return JOINING_SCRIPT.test(before);
  }
  // One selector chooses a form of the character before it. More of them spell bytes.
  if (0xfe00 <= codePoint && codePoint <= 0xfe0f) return SELECTABLE.test(before);
  if (0xe0100 <= codePoint && codePoint <= 0xe01ef) return /\p{Script=Han}$/u.test(before);
  if (codePoint === 0x2800) return /[\u2801-\u28ff]$/.test(before) || /^[\u2801-\u28ff]/.test(after);
  return false;
}

/** Matches that touch, together: a smuggled sentence is one finding. */
function runsOf(matches: readonly RegExpExecArray[]): RegExpExecArray[][] {
  const runs: RegExpExecArray[][] = [];
  for (const match of matches) {
    const last = runs.at(-1)?.at(-1);
    if (last && last.index + last[0].length === match.index) runs.at(-1)?.push(match);
    else runs.push([match]);
  }
  return runs;
}
