import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Capability } from '../../../src/ir.js';
import { codex } from '../../../src/targets/codex.js';
import { ask, installed, type LoadedAgent, type Project } from '../client.js';
import { conformance } from '../suite.js';

const PACKAGE = '@openai/codex-linux-x64';
const PROGRAM = installed(...PACKAGE.split('/'), 'vendor', 'x86_64-unknown-linux-musl', 'bin', 'codex');

/** What the program's tools do. */
const WORDS: { readonly [tool: string]: readonly Capability[] } = {
  exec_command: ['read', 'list', 'glob', 'grep', 'write', 'edit', 'shell'],
  apply_patch: ['write', 'edit'],
  // It searches, and opens any address.
  web__run: ['web-search', 'web-fetch'],
  update_plan: ['todo'],
  spawn_agent: ['delegate'],
};

const UNKNOWN = 'no_such_key';

const BUILT_IN = ['default', 'explorer', 'worker'];

interface Answer {
  readonly agents: readonly (LoadedAgent & { readonly tools: readonly string[] })[];
  readonly refused: readonly string[];
}

const load = (project: Project): Answer => ask(project, new URL('./codex.load.js', import.meta.url), [PROGRAM], { timeout: 600_000 });

conformance({
  target: 'codex',
  program: '@openai/codex',
  needs: PACKAGE,
  async load(project) {
    const { agents, refused } = load(project);
    const ids = project.files.map((file) => path.posix.basename(file, '.toml'));
    return {
      refused,
      agents: agents
        .filter(({ name }) => !BUILT_IN.includes(name) || ids.includes(name))
        .map(({ tools, ...agent }) => ({
          ...agent,
          // The tools come from the session and its model; the names of models that a test makes up have fewer.
          ...(agent.model === null && { capabilities: [...new Set(tools.flatMap((tool) => WORDS[tool] ?? []))] }),
        })),
    };
  },
  async facts(project) {
    const { tools, effort, ...others } = codex.fields;
    const flags = tools.enforcement.by === 'flags' ? tools.enforcement.flags : [];
    const rules = [...Object.values({ ...others, effort }), ...flags, codex.body];
    const keys = [...new Set(rules.flatMap((rule) => (rule && 'key' in rule ? (rule.key ?? []) : [])))];
    for (const key of [...keys, UNKNOWN]) write(project, key);
    const { agents, refused } = load(project);
    const reason = (key: string): string => refused.find((one) => one.includes(`/${key}.toml`))?.replaceAll(key, 'KEY') ?? '';
    const switches = [...new Set(flags.map(({ key }) => key))];
    return [
      { of: 'keys', ours: keys, theirs: keys.filter((key) => reason(key) !== reason(UNKNOWN)) },
      {
        of: 'tools',
        ours: [...new Set(Object.values(tools.ids).flatMap((id) => id ?? []))],
        theirs: agents.flatMap((agent) => agent.tools),
      },
      // A role whose effort its model does not have is offered, and cannot be called.
      { of: 'efforts of every model', ours: effort?.values?.map(String) ?? [], theirs: effortsOfAll(project) },
      // What is no word of a list has none to be compared with.
      ...switches
        .filter((key) => key !== 'features')
        .map((key) => ({
          of: key,
          ours: flags.filter((flag) => flag.key === key).map(({ value }) => String(value)),
          theirs: quoted(reason(key).split('expected one of ')[1] ?? ''),
        })),
    ];
  },
});

/** A role with a value of the key that the program refuses where it has a list of its own. */
function write(project: Project, key: string): void {
  const folder = path.join(project.folder, '.codex', 'agents');
  mkdirSync(folder, { recursive: true });
  const role = { name: key, description: 'A role.', developer_instructions: 'Go.', [key]: key === 'model' ? 'gpt-5.5' : 'none-such' };
  const lines = Object.entries(role).map(([word, value]) => `${word} = ${JSON.stringify(value)}\n`);
  writeFileSync(path.join(folder, `${key}.toml`), lines.join(''));
}

function effortsOfAll(project: Project): readonly string[] {
  const { models } = JSON.parse(project.run(PROGRAM, ['debug', 'models']).stdout) as Catalogue;
  const efforts = models.map((model) => model.supported_reasoning_levels.map((level) => level.effort));
  return efforts.reduce((some, next) => some.filter((one) => next.includes(one)));
}

interface Catalogue {
  readonly models: readonly { readonly supported_reasoning_levels: readonly { readonly effort: string }[] }[];
}

const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
