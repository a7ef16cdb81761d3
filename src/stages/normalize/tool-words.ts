/** Words of tool lists → references, with the place of each word. */
import { nearest } from '../../diagnostics/nearest.js';
import type { Report } from '../../diagnostics/report.js';
import type { SourceText } from '../../diagnostics/source-text.js';
import type { Capability, Located, Range, ToolRef } from '../../ir.js';
import { capabilitiesOf, ownerOf, PROPOSED_WORDS } from '../../targets/words.js';

/** How a word that nobody knows is reported: in a list of grants it grants nothing, in one of denials it denies nothing. */
export type UnknownCode = 'tool-unknown' | 'denial-unknown';

/** Splits on commas and spaces outside parentheses, as Claude Code does, with the place of each word. */
export function wordsOf(text: string, range: Range, source: SourceText): Located<string>[] {
  // What is inherited stands in another file.
  const raw = range.path === undefined ? source.text.slice(range.start, range.end) : '';
  let searchFrom = 0;
  return split(text).map((word) => {
    // The written form has the word too, unless a quoted scalar spells it with escapes.
    const at = raw.indexOf(word, searchFrom);
    if (at === -1) return { value: word, range };
    searchFrom = at + word.length;
    return { value: word, range: { start: range.start + at, end: searchFrom + range.start } };
  });
}

function split(text: string): string[] {
  const words = [''];
  let depth = 0;
  for (const char of text) {
    if (depth === 0 && /[\s,]/.test(char)) {
      if (words.at(-1) !== '') words.push('');
      continue;
    }
    if (char === '(') depth++;
    if (char === ')') depth = Math.max(0, depth - 1);
    words[words.length - 1] += char;
  }
  return words.filter((word) => word !== '');
}

/** Keys of OpenCode's that stand for no tool. */
const OPENCODE_OWN: ReadonlySet<string> = new Set(['external_directory', 'doom_loop']);

/** A name, and a pattern in parentheses, which may hold parentheses. */
const WORD = /^([^()]+)(?:\((.*)\)|\((.*))?$/s;

/** A tool of one of VS Code's sets; an MCP server would be called otherwise. */
const VS_CODE_TOOL = /^(?:agent|browser|edit|execute|read|search|todo|vscode|web)\/\w+$/;

/** Longer words are no names of tools; the patterns below are not for them. */
const MAX_NAME_LENGTH = 300;

/** `opencode`: a word that is unknown is a tool of OpenCode's, or of one of its plugins. */
export function toRefs(word: Located<string>, unknown: UnknownCode | 'opencode', source: SourceText, report: Report): ToolRef[] {
  const [, name = word.value, closed, open] = WORD.exec(word.value) ?? [];
  const inner = closed ?? open;
  const pattern = inner === undefined || inner.trim() === '' || inner.trim() === '*' ? undefined : inner.trim();
  const capabilities = capabilitiesOf(name);
  if (capabilities) return capabilities.map((capability) => refOf(capability, word, pattern));
  // Nobody says what a pattern behind another word means, so it grants nothing.
  const target = pattern === undefined ? ownerOf(name) : undefined;
  if (target) return [{ kind: 'native', target, name, word }];
  if (pattern === undefined && VS_CODE_TOOL.test(name)) return [{ kind: 'native', target: 'copilot', name, word }];
  const server = pattern === undefined && name.length <= MAX_NAME_LENGTH ? serverOf(name) : undefined;
  if (server) return [{ kind: 'mcp', ...server, word }];
  if (unknown === 'opencode' && pattern === undefined) {
    // `github_*`, `github*` and `github_create_issue` are tools of a server, as OpenCode spells them.
    const [, of, tool] = /^([A-Za-z0-9-]+)(?:_(.+)|\*)$/.exec(OPENCODE_OWN.has(name) ? '' : name) ?? [];
    if (of !== undefined) return [{ kind: 'mcp', server: of, ...(tool !== undefined && tool !== '*' && { tool }), word }];
    return [{ kind: 'native', target: 'opencode', name, word, rule: true }];
  }
  report.add(unknown === 'opencode' ? 'tool-unknown' : unknown, source, word.range, {
    word: word.value.slice(0, MAX_NAME_LENGTH),
    near: nearest(name, PROPOSED_WORDS),
  });
  return [];
}

/**
 * MCP tools as Claude Code (`mcp__server__tool`), Gemini CLI (`mcp_server_tool`), Factory (`server___tool`), OpenCode
 * (`server_*`), Kiro (`@server/tool`) and Copilot (`server/tool`) spell them. Without a tool, or with `*`: the whole server.
 */
function serverOf(name: string): { server: string; tool?: string } | undefined {
  const match =
    /^mcp__(?<server>.+?)(?:__(?<tool>.+))?$/.exec(name) ??
    /^mcp_(?<server>[^_]+)(?:_(?<tool>.+))?$/.exec(name) ??
    /^(?<server>[\w-]+?)___(?<tool>[\w-]+)$/.exec(name) ??
    /^(?<server>[\w-]+)_(?<tool>\*)$/.exec(name) ??
    /^@(?<server>[\w.-]+)(?:\/(?<tool>[\w.*-]+))?$/.exec(name) ??
    /^(?<server>[\w.-]+)\/(?<tool>[\w.*-]+)$/.exec(name);
  if (!match?.groups?.server) return undefined;
  const { server, tool } = match.groups;
  return tool === undefined || tool === '*' ? { server } : { server, tool };
}

/** A reference to a capability. */
export function refOf(name: Capability, word: Located<string>, pattern?: string): ToolRef {
  return { kind: 'capability', name, ...(pattern !== undefined && { pattern }), word };
}
