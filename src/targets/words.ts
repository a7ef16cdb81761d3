/**
 * The words for capabilities: ours, and those that assistants and authors use for the same thing.
 * Emitting is the targets' business; this table only reads.
 */
import type { Capability } from '../ir.js';
import { CAPABILITIES } from './capabilities.js';
import { TARGETS } from './index.js';

/**
 * Tool words by capability. Claude Code's come first (`LS`, `MultiEdit` and `NotebookRead` are gone from it, and still in
 * thousands of files), then those of Gemini CLI and Qwen Code, OpenCode, Copilot and VS Code, Cursor, and others.
 */
const WORDS: { readonly [C in Capability]: readonly string[] } = {
  read: [
    'Read',
    'NotebookRead',
    'read_file',
    'read_many_files',
    'open_files',
    'expand_code_chunks',
    'ReadFile',
    'view',
    'readFile',
    'read/readFile',
    'fs_read',
  ],
  list: ['LS', 'list_directory', 'ListFiles', 'ls', 'listDirectory', 'search/listDirectory', 'list_files', 'expand_folder'],
  glob: ['Glob', 'find', 'FindFiles', 'fileSearch', 'search/fileSearch'],
  grep: [
    'Grep',
    'grep_search',
    'search_file_content',
    'textSearch',
    'search/textSearch',
    'codebase',
    'search/codebase',
    'search_files',
    'grep-search',
  ],
  write: ['Write', 'write_file', 'WriteFile', 'create', 'Create', 'createFile', 'edit/createFile', 'fs_write', 'save-file', 'create_file'],
  edit: [
    'Edit',
    'MultiEdit',
    'replace',
    'apply_patch',
    'editFiles',
    'edit/editFiles',
    'str-replace-editor',
    'edit_file',
    'find_and_replace_code',
    'ApplyPatch',
  ],
  notebook: ['NotebookEdit', 'notebook_edit', 'editNotebook', 'edit/editNotebook'],
  shell: [
    'Bash',
    'PowerShell',
    'run_shell_command',
    'bash',
    'Shell',
    'execute',
    'Execute',
    'runCommands',
    'runInTerminal',
    'execute/runInTerminal',
    'terminalCommand',
    'execute_bash',
    'exec_command',
    'launch-process',
  ],
  'web-fetch': ['WebFetch', 'web_fetch', 'webfetch', 'webFetch', 'fetch', 'web/fetch', 'FetchUrl', 'fetch_content'],
  'web-search': ['WebSearch', 'google_web_search', 'web_search', 'websearch', 'webSearch'],
  todo: [
    'TodoWrite',
    'TaskCreate',
    'TaskGet',
    'TaskList',
    'TaskUpdate',
    'write_todos',
    'todowrite',
    'todo_write',
    'TodoList',
    'todos',
    'updateTodos',
    'update_todo',
    'todo_list',
  ],
  delegate: ['Agent', 'Task', 'invoke_agent', 'task', 'agent', 'runSubagent', 'agent/runSubagent', 'subagent'],
  ask: ['AskUserQuestion', 'ask_user', 'question', 'ask_user_question', 'askQuestions', 'vscode/askQuestions', 'askQuestion'],
  skill: ['Skill', 'activate_skill'],
  lsp: ['LSP', 'usages', 'search/usages'],
};

/** Words that stand for several capabilities. */
const SETS: { readonly [word: string]: readonly Capability[] } = {
  search: ['glob', 'grep'],
  web: ['web-fetch', 'web-search'],
};

/** Tools of one assistant that no capability stands for. They are passed on to that assistant only. */
const NATIVE_TOOLS: { readonly [target: string]: readonly string[] } = {
  // Built-in vocabulary of @anthropic-ai/claude-code 2.1.328.
  'claude-code': [
    ...['Artifact', 'ClaudeDesign', 'CronCreate', 'CronDelete', 'CronList', 'EndConversation', 'EnterPlanMode', 'EnterWorktree'],
    ...['ExitPlanMode', 'ExitWorktree', 'ListAgents', 'ListMcpResourcesTool', 'ListMcpResources', 'ListPeers', 'Monitor'],
    ...['OfferChromeSetup', 'Projects', 'PushNotification', 'ReadMcpResourceDirTool', 'ReadMcpResourceTool', 'ReadMcpResource'],
    ...['ReadNotifications', 'RemoteTrigger', 'ReportFindings', 'ScheduleWakeup', 'SendFeedback', 'SendMessage', 'SendUserFile'],
    ...[
      'SendUserMessage',
      'Brief',
      'SetGoal',
      'ProposeGoal',
      'ShareOnboardingGuide',
      'ShowOnboardingRolePicker',
      'SubagentHandback',
      'TaskList',
    ],
    ...['TaskStop', 'ToolSearch', 'WaitForMcpServers', 'Workflow', 'propose_skills'],
  ],
  // dist/src/tools/tool-names.js of @google/gemini-cli-core 0.61.0.
  'gemini-cli': [
    'get_internal_docs',
    'enter_plan_mode',
    'exit_plan_mode',
    'update_topic',
    'complete_task',
    'read_mcp_resource',
    'list_mcp_resources',
  ],
  // VS Code's tool reference, September 2026, and the sets of earlier versions.
  copilot: [
    ...['browser', 'changes', 'search/changes', 'extensions', 'vscode/extensions', 'githubRepo', 'githubTextSearch', 'new', 'newWorkspace'],
    ...['openSimpleBrowser', 'problems', 'read/problems', 'runTasks', 'runTests', 'runNotebooks', 'searchResults', 'search/searchResults'],
    ...['findTestFiles', 'testFailure', 'execute/testFailure', 'terminalLastCommand', 'read/terminalLastCommand', 'terminalSelection'],
    ...[
      'read/terminalSelection',
      'read/getNotebookSummary',
      'execute/getTerminalOutput',
      'execute/createAndRunTask',
      'vscode',
      'vscodeAPI',
    ],
    ...['vscode/VSCodeAPI', 'vscode/runCommand', 'vscode/installExtension', 'vscode/getProjectSetupInfo', 'vscode/newWorkspace'],
  ],
};

const exact = new Map<string, readonly Capability[]>();
for (const capability of CAPABILITIES) {
  exact.set(capability, [capability]);
  for (const word of WORDS[capability]) exact.set(word, [capability]);
}
for (const [word, capabilities] of Object.entries(SETS)) exact.set(word, capabilities);
for (const [word, capabilities] of idsOfTargets()) if (!exact.has(word)) exact.set(word, capabilities);

const folded = new Map<string, readonly Capability[]>();
for (const [word, capabilities] of exact) if (!folded.has(word.toLowerCase())) folded.set(word.toLowerCase(), capabilities);

/** The ids of all targets. One that several use stands for what they agree on: a word must not grant more than was meant. */
function idsOfTargets(): Map<string, readonly Capability[]> {
  const meanings = new Map<string, readonly Capability[]>();
  for (const { fields } of TARGETS) {
    const own = new Map<string, Capability[]>();
    for (const capability of CAPABILITIES) {
      for (const id of [fields.tools.ids[capability] ?? []].flat()) own.set(id, [...(own.get(id) ?? []), capability]);
    }
    for (const [id, capabilities] of own) {
      const others = meanings.get(id);
      meanings.set(id, others ? others.filter((capability) => capabilities.includes(capability)) : capabilities);
    }
  }
  return new Map([...meanings].filter(([, capabilities]) => capabilities.length > 0));
}

const natives = new Map(Object.entries(NATIVE_TOOLS).flatMap(([target, words]) => words.map((word) => [word, target] as const)));

/** The capabilities that a tool word stands for; letters may differ by case when no word is spelled just so. */
export const capabilitiesOf = (word: string): readonly Capability[] | undefined => exact.get(word) ?? folded.get(word.toLowerCase());

/**
 * Tools that Claude Code had, for commands in the background. `KillBash` and `KillShell` are `TaskStop` now, the other is
 * ignored; no agent elsewhere lacks them.
 */
const GONE: ReadonlySet<string> = new Set(['BashOutput', 'KillBash', 'KillShell']);

/** Whether a tool of this name is gone from the assistant that had it. */
export const isGone = (word: string): boolean => GONE.has(word);

/** The assistant that alone has a tool of this name. */
export const ownerOf = (word: string): string | undefined => (isGone(word) ? 'claude-code' : natives.get(word));

/** Words worth proposing for a misspelt one. */
export const PROPOSED_WORDS: readonly string[] = CAPABILITIES.flatMap((capability) => [WORDS[capability][0] ?? capability, capability]);
