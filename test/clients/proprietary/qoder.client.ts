import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Capability } from '../../../src/ir.js';
import { qoder } from '../../../src/targets/qoder.js';
import { ask, type LoadedAgent, type Project } from '../client.js';
import { conformance } from '../suite.js';

/**
 * What its tools let an agent do. Who may write a file may change a part of it, and a notebook is a file. A session may
 * call agents; a subagent may not unless the environment raises the depth.
 */
const CAPABILITIES: { readonly [tool: string]: readonly Capability[] } = {
  Read: ['read'],
  Glob: ['glob'],
  Grep: ['grep'],
  Write: ['write', 'edit', 'notebook'],
  Edit: ['edit', 'notebook'],
  NotebookEdit: ['notebook'],
  Bash: ['shell'],
  WebFetch: ['web-fetch'],
  WebSearch: ['web-search'],
  TaskCreate: ['todo'],
  TaskGet: ['todo'],
  TaskList: ['todo'],
  TaskUpdate: ['todo'],
  Skill: ['skill'],
};

interface Session {
  readonly tools: readonly string[];
  readonly model: string;
}

interface Told {
  readonly agents: readonly string[];
  readonly refused: readonly string[];
  readonly sessions: { readonly [name: string]: Session };
}

interface Header {
  readonly name: string;
  /** The words of its tool list; of MCP tools a session has all. */
  readonly tools: string;
  readonly model: string;
  readonly memory: boolean;
}

const tell = (project: Project, names: readonly string[]): Told =>
  ask(project, new URL('./qoder.load.js', import.meta.url), [JSON.stringify(names)], { timeout: 850_000 });

/** A session takes seconds to start: of the agents whose headers say the same, one starts. */
const knownTools = new Map<string, readonly string[]>();
const knownModels = new Map<string, string>();

function headerOf(project: Project, file: string): Header {
  const lines = readFileSync(path.join(project.folder, file), 'utf8').split(/\r?\n/);
  const header = lines.slice(1, lines.indexOf('---', 1));
  const value = (key: string): string => {
    const text = header.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2) ?? '';
    return text.startsWith('"') ? (JSON.parse(text) as string) : text;
  };
  const words = (value('tools') || '*').split(', ').filter((word) => !word.startsWith('mcp__'));
  return { name: value('name'), tools: words.sort().join(' '), model: value('model'), memory: value('memory') !== '' };
}

/** Of an agent that no file of ours declares. */
const NOBODY = { tools: '', model: '', memory: false };

function inWords({ name, tools, model, memory }: Header): LoadedAgent {
  const given = knownTools.get(tools);
  const used = knownModels.get(model);
  return {
    name,
    ...(used !== undefined && { model: used === 'auto' ? null : used }),
    // What comes with `memory` only a subagent has.
    ...(given && !memory && { capabilities: [...new Set(given.flatMap((tool) => CAPABILITIES[tool] ?? []))] }),
  };
}

/** Writes agents that differ from a sound one in one line, and gives the lines with which they load. */
function loadedWith(project: Project, lines: readonly string[]): string[] {
  const folder = path.join(project.folder, '.qoder', 'agents');
  mkdirSync(folder, { recursive: true });
  lines.forEach((line, at) => {
    const sound = ['name', 'description'].filter((key) => !line.startsWith(`${key}:`)).map((key) => `${key}: agent-${at}`);
    writeFileSync(path.join(folder, `agent-${at}.md`), `---\n${[...sound, line].join('\n')}\n---\nYou are one.\n`);
  });
  const { agents } = tell(project, []);
  return lines.filter((_, at) => agents.includes(`agent-${at}`));
}

conformance({
  target: 'qoder',
  program: '@qoder-ai/qodercli',
  async load(project) {
    const headers = project.files.map((file) => headerOf(project, file));
    const [tools, models] = [new Set(knownTools.keys()), new Set(knownModels.keys())];
    const first = headers.filter((header) => {
      const unknown = !tools.has(header.tools) || !models.has(header.model);
      tools.add(header.tools);
      models.add(header.model);
      return unknown;
    });
    const { agents, refused, sessions } = tell(
      project,
      first.map(({ name }) => name),
    );
    for (const header of first) {
      const session = sessions[header.name];
      if (!session) continue;
      knownTools.set(header.tools, session.tools);
      knownModels.set(header.model, session.model);
    }
    return { agents: agents.map((name) => inWords(headers.find((header) => header.name === name) ?? { ...NOBODY, name })), refused };
  },
  async facts(project) {
    const { fields } = qoder;
    const keys = [...Object.values(fields), fields.tools.enforcement].flatMap((rule) => ('key' in rule ? [rule.key] : []));
    const colors = fields.color?.names.map((name) => `color: ${name}`) ?? [];
    const isolation = fields.isolation?.values?.map((value) => `isolation: ${value}`) ?? [];
    // A key that is looked at refuses a list of lists.
    const wrong = keys.map((key) => `${key}: [[]]`);
    const loaded = loadedWith(project, [...colors, ...isolation, ...wrong, 'color: none-of-them']);
    const { tools } = tell(project, ['agent-0']).sessions['agent-0'] ?? { tools: [] };
    return [
      { of: 'tool ids', ours: Object.values(fields.tools.ids).flatMap((id) => id ?? []), theirs: tools },
      { of: 'colours', ours: colors, theirs: loaded.includes('color: none-of-them') ? [] : loaded },
      { of: 'kinds of isolation', ours: isolation, theirs: loaded },
      { of: 'header keys', ours: wrong, theirs: wrong.filter((line) => !loaded.includes(line)) },
    ];
  },
});
