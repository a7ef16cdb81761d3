import type { Capability, Json } from '../../../src/ir.js';
import { qwenCode } from '../../../src/targets/qwen-code.js';
import { ask, type Project } from '../client.js';
import { conformance } from '../suite.js';
import { inOurWords, type Told } from './gemini-kin.js';

/** What its tools let an agent do. Who reads or finds files sees what is there, and who writes them can change a part. */
const CAPABILITIES: { readonly [tool: string]: readonly Capability[] } = {
  read_file: ['read', 'list'],
  list_directory: ['list'],
  glob: ['glob', 'list'],
  grep_search: ['grep'],
  write_file: ['write', 'edit', 'notebook'],
  edit: ['edit', 'notebook'],
  notebook_edit: ['notebook'],
  run_shell_command: ['shell'],
  monitor: ['shell'],
  web_fetch: ['web-fetch'],
  web_search: ['web-search'],
  todo_write: ['todo'],
  agent: ['delegate'],
  ask_user_question: ['ask'],
  skill: ['skill'],
  lsp: ['lsp'],
};

interface Answer extends Told {
  readonly known: readonly (readonly [key: string, value: Json])[];
}

const { fields } = qwenCode;
const ids = Object.values(fields.tools.ids).flatMap((id) => id ?? []);
const colors = fields.color?.names ?? [];
const modes = fields.permissionMode?.values ?? [];
const keys: readonly (readonly [key: string, value: Json])[] = [
  ['tools', ['read_file']],
  ['disallowedTools', ['read_file']],
  ['model', 'test'],
  ['maxTurns', 5],
  ['background', true],
  ['mcpServers', { test: { command: 'test' } }],
  ['hooks', { PreToolUse: [{ hooks: [] }] }],
];
const asked = [...keys, ...colors.map((color) => ['color', color]), ...modes.map((mode) => ['permissionMode', mode])];

const answer = (project: Project): Answer => ask<Answer>(project, new URL('./qwen-code.load.js', import.meta.url), [JSON.stringify(asked)]);

conformance({
  target: 'qwen-code',
  program: '@qwen-code/qwen-code',
  load: async (project) => inOurWords(answer(project), CAPABILITIES),
  async facts(project) {
    const program = answer(project);
    const valuesOf = (key: string): string[] => program.known.filter(([one]) => one === key).map(([, value]) => String(value));
    const { enforcement } = fields.tools;
    const rules = [...Object.values(fields), enforcement].flatMap((rule) => ('key' in rule ? [rule.key] : []));
    return [
      { of: 'header keys', ours: rules, theirs: ['name', 'description', ...program.known.map(([key]) => key)] },
      { of: 'colours', ours: colors, theirs: valuesOf('color') },
      { of: 'permission modes', ours: modes.map(String), theirs: valuesOf('permissionMode') },
      { of: 'tool ids', ours: ids, theirs: program.ids },
      { of: 'tools of a subagent', ours: ids, theirs: program.given },
    ];
  },
});
