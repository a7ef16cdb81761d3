/**
 * What an emitted file really grants, read off the file the way each assistant's loader reads it (shared facts, not
 * src/). A second opinion on `grant()`: nothing here may import from src/stages or src/targets.
 */
import { load as loadYaml } from 'js-yaml';

/** One thing that an agent might do: a capability used on something. */
export interface Act {
  readonly capability: string;
  /** The command, path, address or agent; for `mcp` the tool as `server/tool`. */
  readonly on: string;
}

/** Capabilities that come along with another: a list is what a reader sees, a changed part what a writer writes. */
export const COMES_WITH: { readonly [capability: string]: readonly string[] } = {
  list: ['read', 'glob'],
  edit: ['write'],
  notebook: ['write', 'edit'],
};

type Header = { readonly [key: string]: unknown };

/** Whether the agent in a file may do something; `undefined` for a target that has no reader here. */
export const mayDo = (target: string, file: string, act: Act): boolean | undefined => READERS[target]?.(file, act);

const READERS: { readonly [target: string]: (file: string, act: Act) => boolean } = {
  'claude-code': (file, act) => {
    // The closing dashes may stand anywhere.
    const header = yamlOf(/^---\s*\n([\s\S]*?)---/.exec(file)?.[1]);
    // Never given to an agent that another one calls.
    if (act.capability === 'ask') return false;
    // A pattern is no limit: it is the whole tool that is given, or taken away.
    const listed = (value: unknown): boolean => entriesOf(value).some((entry) => claudeCovers(entry.replace(/\(.*$/s, ''), act));
    const { tools, disallowedTools } = header;
    // Without a list it searches inside Bash.
    if (
      tools === undefined &&
      ['glob', 'grep'].includes(act.capability) &&
      entriesOf(disallowedTools).some((entry) => /^Bash(?:\(|$)/.test(entry))
    )
      return false;
    const open = tools === undefined || entriesOf(tools).includes('*');
    return (open || entriesOf(tools).some((entry) => entry !== 'mcp__*' && listed(entry))) && !listed(disallowedTools);
  },
  copilot: (file, act) => {
    if (act.capability === 'skill') return true;
    const { tools } = yamlOf(/^---\r?\n([\s\S]*?)\r?\n---/.exec(file)?.[1]);
    if (tools === undefined) return true;
    return entriesOf(tools).some((entry) =>
      act.capability === 'mcp' ? globs(entry, act.on) : (COPILOT[entry.toLowerCase()] ?? []).includes(act.capability),
    );
  },
  'gemini-cli': (file, act) => {
    const { tools } = yamlOf(/^---\r?\n([\s\S]*?)\r?\n---/.exec(file)?.[1]);
    if (act.capability === 'delegate') return false;
    if (tools === undefined) return act.capability === 'mcp' || Object.values(GEMINI).includes(act.capability);
    return entriesOf(tools).some((entry) =>
      act.capability === 'mcp' ? globs(entry, `mcp_${act.on.replace('/', '_')}`) : GEMINI[entry] === act.capability,
    );
  },
  opencode: (file, act) => {
    const { permission } = yamlOf(/^---\r?\n([\s\S]*?)\r?\n---/.exec(file)?.[1]);
    const key = act.capability === 'mcp' ? act.on.replace('/', '_') : OPENCODE[act.capability];
    // An agent that another one calls has these only by name.
    if (permission === undefined && ['todo', 'delegate', 'ask'].includes(act.capability)) return false;
    return key !== undefined && opencodeAllows(permission, key, act.on);
  },
  // No list: everything but what `readonly` takes away.
  cursor: (file, act) => {
    const readonly = /^---\n[\s\S]*?^readonly:\s*true\s*$[\s\S]*?^---$/m.test(file);
    if (act.capability === 'skill') return false;
    return !readonly || !['write', 'edit', 'notebook', 'shell'].includes(act.capability);
  },
  // No list, and the sandbox is the session's.
  codex: (file, act) => {
    if (/^shell_tool = false$/m.test(file) && ['read', 'list', 'glob', 'grep', 'shell'].includes(act.capability)) return false;
    return !['notebook', 'ask', 'skill', 'lsp'].includes(act.capability);
  },
};

const CLAUDE: { readonly [tool: string]: string } = {
  Read: 'read',
  Glob: 'glob',
  Grep: 'grep',
  Write: 'write',
  Edit: 'edit',
  NotebookEdit: 'notebook',
  Bash: 'shell',
  WebFetch: 'web-fetch',
  WebSearch: 'web-search',
  TodoWrite: 'todo',
  TaskCreate: 'todo',
  Agent: 'delegate',
  Task: 'delegate',
  AskUserQuestion: 'ask',
  Skill: 'skill',
  LSP: 'lsp',
};

/** Aliases of the CLI; `search` and the like are sets. */
const COPILOT: { readonly [alias: string]: readonly string[] } = {
  read: ['read', 'list'],
  edit: ['write', 'edit', 'notebook'],
  search: ['glob', 'grep'],
  execute: ['shell'],
  web: ['web-fetch', 'web-search'],
  todo: ['todo'],
  agent: ['delegate'],
  ask_user: ['ask'],
  'search/usages': ['lsp'],
};

const GEMINI: { readonly [tool: string]: string } = {
  read_file: 'read',
  list_directory: 'list',
  glob: 'glob',
  grep_search: 'grep',
  write_file: 'write',
  replace: 'edit',
  run_shell_command: 'shell',
  web_fetch: 'web-fetch',
  google_web_search: 'web-search',
  write_todos: 'todo',
  ask_user: 'ask',
  activate_skill: 'skill',
};

/** OpenCode's keys, told here anew: what the compiler believes is what is tested. */
export const OPENCODE: { readonly [capability: string]: string } = {
  read: 'read',
  glob: 'glob',
  grep: 'grep',
  write: 'edit',
  edit: 'edit',
  notebook: 'edit',
  shell: 'bash',
  'web-fetch': 'webfetch',
  'web-search': 'websearch',
  todo: 'todowrite',
  delegate: 'task',
  ask: 'question',
  skill: 'skill',
  lsp: 'lsp',
};

/** OpenCode's rules: the last one that matches counts, and what no rule matches is allowed. */
export function opencodeAllows(permission: unknown, key: string, on: string): boolean {
  if (typeof permission === 'string') return permission !== 'deny';
  let allowed = true;
  for (const [name, rule] of Object.entries((permission ?? {}) as { [name: string]: unknown })) {
    if (!globs(name, key)) continue;
    if (typeof rule === 'string') allowed = rule !== 'deny';
    else for (const [pattern, action] of Object.entries(rule as Header)) if (globs(pattern, on)) allowed = action !== 'deny';
  }
  return allowed;
}

/** Whether an entry of Claude Code's lists is about an act: `Bash`, `Bash(git *)`, `Agent(a, b)`, `mcp__server`. */
export function claudeCovers(entry: string, act: Act): boolean {
  const [, name = '', inner] = /^([^(]*)(?:\((.*)\))?$/s.exec(entry) ?? [];
  if (act.capability === 'mcp') {
    const [server = '', tool = ''] = act.on.split('/');
    return [
      `mcp__${server.replaceAll(/[^\w-]/g, '_')}`,
      `mcp__${server}`,
      `mcp__${server}__*`,
      `mcp__${server}__${tool}`,
      'mcp__*',
    ].includes(name);
  }
  if (CLAUDE[name] !== act.capability) return false;
  return inner === undefined || patternMatches(inner, act);
}

/** `git *` and `git diff:*` match commands; names of agents are separated by commas. */
export function patternMatches(pattern: string, { capability, on }: Act): boolean {
  if (capability === 'delegate') return pattern.split(',').some((name) => name.trim() === on);
  return globs(pattern.replace(/:\*$/, '*'), on);
}

/** The words of a list or of a text, split at commas and spaces outside of parentheses. */
function entriesOf(value: unknown): string[] {
  const texts = Array.isArray(value) ? value : [value];
  return texts.flatMap((text) => (typeof text === 'string' ? (text.match(/(?:[^\s,()]|\([^)]*\))+/g) ?? []) : []));
}

function yamlOf(text: string | undefined): Header {
  if (text === undefined) throw new Error('no header');
  return loadYaml(text) as Header;
}

function globs(pattern: string, text: string): boolean {
  const source = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`, 's').test(text);
}
