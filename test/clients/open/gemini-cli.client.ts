import type { Capability } from '../../../src/ir.js';
import { geminiCli } from '../../../src/targets/gemini-cli.js';
import { ask, type Project } from '../client.js';
import { conformance } from '../suite.js';
import { inOurWords, type Told } from './gemini-kin.js';

/** What its tools let an agent do. Who reads or finds files sees what is there, and who writes them can change a part. */
const CAPABILITIES: { readonly [tool: string]: readonly Capability[] } = {
  read_file: ['read', 'list'],
  read_many_files: ['read', 'list'],
  list_directory: ['list'],
  glob: ['glob', 'list'],
  grep_search: ['grep'],
  write_file: ['write', 'edit'],
  replace: ['edit'],
  run_shell_command: ['shell'],
  web_fetch: ['web-fetch'],
  google_web_search: ['web-search'],
  write_todos: ['todo'],
  invoke_agent: ['delegate'],
  ask_user: ['ask'],
  activate_skill: ['skill'],
};

interface Answer extends Told {
  readonly keys: readonly string[];
}

const { fields } = geminiCli;
const keys = [...Object.values(fields), fields.tools.enforcement].flatMap((rule) => ('key' in rule ? [rule.key] : []));
const ids = Object.values(fields.tools.ids).flatMap((id) => id ?? []);

const answer = (project: Project): Answer => ask<Answer>(project, new URL('./gemini-cli.load.js', import.meta.url), keys);

conformance({
  target: 'gemini-cli',
  program: '@google/gemini-cli-core',
  load: async (project) => inOurWords(answer(project), CAPABILITIES),
  async facts(project) {
    const program = answer(project);
    return [
      { of: 'header keys', ours: keys, theirs: program.keys },
      { of: 'tool ids', ours: ids, theirs: program.ids },
      { of: 'tools of a subagent', ours: ids, theirs: program.given },
    ];
  },
});
