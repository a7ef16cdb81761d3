/** Chooses what reads Markdown: remark, which comes with polyagent, or satteri where it is installed. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Nodes } from 'mdast';
import type { MarkdownParser } from '../markdown/parser.js';
import { parseMarkdown } from '../markdown/remark.js';
import { createSatteriParser, type MarkdownToMdast } from '../markdown/satteri.js';
import type { Config } from './define-config.js';
import { UsageError } from './usage-error.js';

/** The versions whose trees were compared with remark's: those of `peerDependencies`. */
const KNOWN = '^0.10.5';

/**
 * Without a wish satteri is looked for when the first tree is asked for: loading it takes some 25 ms, and many builds need no
 * tree. Why it cannot be used then is nobody's business, since both give the same trees. A config that wants it is told.
 * @param root satteri may be installed there, or beside polyagent
 */
export function chooseParser(wanted: Config['parser'], root: string): MarkdownParser {
  if (wanted === 'remark') return parseMarkdown;
  if (wanted === 'satteri') {
    const found = loadSatteri(root);
    if (typeof found !== 'string') return found;
    const help = `Install satteri ${KNOWN}, or take \`parser\` out of the config: remark gives the same trees.`;
    throw new UsageError(`satteri cannot be used: ${found}`, help);
  }
  let chosen: MarkdownParser | undefined;
  return (text) => {
    const found = chosen ?? loadSatteri(root);
    chosen = typeof found === 'string' ? parseMarkdown : found;
    return chosen(text);
  };
}

/** satteri as a parser, or the reason why it cannot be used. */
function loadSatteri(root: string): MarkdownParser | string {
  const entry = [path.join(root, 'package.json'), fileURLToPath(import.meta.url)].flatMap((from) => resolveFrom(from) ?? [])[0];
  if (entry === undefined) return 'it is not installed';
  try {
    const { version } = JSON.parse(readFileSync(path.join(path.dirname(entry), '..', 'package.json'), 'utf8')) as { version?: string };
    if (!isKnown(version ?? '')) return `its version is ${version}, and ${KNOWN} is what polyagent knows`;
    // Asked for by a file in a folder of packages, so that no Node warns of a module that is required.
    const { markdownToMdast } = createRequire(entry)(entry) as { readonly markdownToMdast: MarkdownToMdast };
    if (!isSound(markdownToMdast)) return 'it reads Markdown in another way than polyagent knows';
    return createSatteriParser(markdownToMdast, parseMarkdown);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ERR_REQUIRE_ESM' ? 'it needs Node 20.19, 22.12 or newer' : `it does not load (${message})`;
  }
}

function resolveFrom(file: string): string | undefined {
  try {
    return createRequire(file).resolve('satteri');
  } catch {
    return undefined;
  }
}

function isKnown(version: string): boolean {
  const patch = /^0\.10\.(\d+)$/.exec(version)?.[1];
  return patch !== undefined && Number(patch) >= 5;
}

const PROBE = '# 😀 *é*\n\n- a\n  `b`\n\n<!-- c -->\n\n[d]: e\n';
const PROBED =
  'root 0-40, heading 0-8, text 2-5, emphasis 5-8, text 6-7, list 10-19, listItem 10-19, paragraph 12-19, text 12-14, ' +
  'inlineCode 16-19, html 21-31, definition 33-39';

/** Whether the program that is behind a version does what it should. */
function isSound(markdownToMdast: MarkdownToMdast): boolean {
  const nodes: string[] = [];
  const visit = (node: Nodes): void => {
    nodes.push(`${node.type} ${node.position?.start.offset}-${node.position?.end.offset}`);
    if ('children' in node) node.children.forEach(visit);
  };
  visit(createSatteriParser(markdownToMdast, () => ({ type: 'root', children: [] }))(PROBE));
  return nodes.join(', ') === PROBED;
}
