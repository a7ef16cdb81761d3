/** What a terminal would act on, or not show, is made visible: a source must not move the cursor of who reads about it. */
export function visible(text: string): string {
  const spelled = (char: string): string => `<U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;
  return text.replaceAll('\t', ' ').replaceAll(/(?!\u200d)[\p{Cc}\p{Cf}]/gu, spelled);
}
