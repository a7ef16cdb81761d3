import type { Root } from 'mdast';

/** Reads Markdown as CommonMark has it, and nothing else. The tree has offsets in every node; nobody changes it: others may have it too. */
export type MarkdownParser = (text: string) => Root;
