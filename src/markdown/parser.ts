import type { Root } from 'mdast';

/** Reads Markdown as CommonMark has it, and nothing else. The tree is the caller's own, with offsets in every node. */
export type MarkdownParser = (text: string) => Root;
