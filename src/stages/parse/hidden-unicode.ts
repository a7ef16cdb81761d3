import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';

/** Characters that print as nothing. Names as in the Unicode character database. */
const HIDDEN: readonly (readonly [first: number, last: number, name: string])[] = [
  [0x00ad, 0x00ad, 'soft hyphen'],
  [0x061c, 0x061c, 'Arabic letter mark'],
  [0x180e, 0x180e, 'Mongolian vowel separator'],
  [0x200b, 0x200b, 'zero width space'],
  [0x200c, 0x200c, 'zero width non-joiner'],
  [0x200d, 0x200d, 'zero width joiner'],
  [0x200e, 0x200f, 'direction mark'],
  [0x202a, 0x202e, 'bidirectional control'],
  [0x2060, 0x2064, 'invisible operator'],
  [0x2066, 0x2069, 'bidirectional control'],
  [0x206a, 0x206f, 'deprecated format character'],
  [0xfeff, 0xfeff, 'zero width no-break space'],
  [0xfff9, 0xfffb, 'interlinear annotation'],
  [0xe0000, 0xe007f, 'tag character'],
];

const ANY_HIDDEN = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Scripts that are spelled with joiners: taking them out would change words. */
const JOINING_SCRIPT =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gujarati}\p{Script=Gurmukhi}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Oriya}\p{Script=Sinhala}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** A waving black flag with tag letters spells the flag of a region, such as Scotland. */
const REGION_FLAG = /\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{1,6}\u{e007f}/gu;

const ZWNJ = '\u200c';
const ZWJ = '\u200d';

const EMOJI_BEFORE_JOINER = /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier})\ufe0f?$/u;

/** Reports every hidden character of the text; joiners inside emoji and inside words of joining scripts are text. */
export function checkHiddenUnicode(source: SourceText, report: Report): void {
  const { text } = source;
  // Most files have no character above U+00AC that matters; this test is one pass of native code.
  if (text.search(ANY_HIDDEN) === -1) return;
  const flags = [...text.matchAll(REGION_FLAG)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
  const hidden = [...text.matchAll(ANY_HIDDEN)].filter(({ 0: character, index }) => {
    if (flags.some((flag) => flag.start <= index && index < flag.end)) return false;
    return !(character === ZWJ || character === ZWNJ) || !isSpelling(text, index);
  });
  for (const [first, ...more] of runsOf(hidden)) {
    if (!first) continue;
    const last = more.at(-1) ?? first;
    const codePoint = first[0].codePointAt(0) ?? 0;
    const name = HIDDEN.find(([from, to]) => from <= codePoint && codePoint <= to)?.[2] ?? 'format character';
    const hex = codePoint.toString(16).toUpperCase().padStart(4, '0');
    const range = { start: first.index, end: last.index + last[0].length };
    report.add('hidden-unicode', source, range, { codePoint: `U+${hex}`, name, count: more.length + 1 });
  }
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

function isSpelling(text: string, index: number): boolean {
  const before = text.slice(Math.max(0, index - 3), index);
  const after = text.slice(index + 1, index + 3);
  if (EMOJI_BEFORE_JOINER.test(before)) return /^\p{Extended_Pictographic}/u.test(after) || /^[\u2640\u2642\u2695]/.test(after);
  return JOINING_SCRIPT.test(before.slice(-1));
}
