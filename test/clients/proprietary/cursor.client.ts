import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Capability } from '../../../src/ir.js';
import { cursor } from '../../../src/targets/cursor.js';
import { ask, type Client, type Fact, installed, type Project } from '../client.js';
import { conformance } from '../suite.js';

/** A subagent as the SDK's loader holds it. */
interface Subagent {
  readonly name: string;
  readonly description: string;
  readonly prompt: string;
  readonly model: string;
  readonly permissionMode: string;
  readonly isBackground: boolean;
}

/** What a subagent may do by its mode. The service decides; https://cursor.com/docs/subagents says what the mode means. */
const READ_ONLY: readonly Capability[] = ['read', 'list', 'glob', 'grep', 'web-fetch', 'web-search', 'todo', 'delegate', 'ask', 'lsp'];
const EVERYTHING: readonly Capability[] = [...READ_ONLY, 'write', 'edit', 'notebook', 'shell'];

const load = (project: Project): readonly Subagent[] => ask<Subagent[]>(project, new URL('./cursor.load.js', import.meta.url));

const isReadOnly = ({ permissionMode }: Subagent): boolean => permissionMode === 'CUSTOM_SUBAGENT_PERMISSION_MODE_READONLY';

const client: Client = {
  target: 'cursor',
  program: '@cursor/sdk',
  load: async (project) => ({
    agents: load(project).map((agent) => ({
      name: agent.name,
      description: agent.description,
      prompt: agent.prompt,
      model: agent.model === 'inherit' ? null : agent.model,
      capabilities: isReadOnly(agent) ? READ_ONLY : EVERYTHING,
      // Servers cannot be named.
      mcp: ['*'],
    })),
    refused: [],
  }),
  facts: async (project) => [toolNames(), keys(project)],
};

function toolNames(): Fact {
  const types = readFileSync(installed('@cursor', 'sdk', 'dist', 'esm', 'options.d.ts'), 'utf8');
  const [, names = ''] = /type ToolName = ([^;]*);/.exec(types) ?? [];
  const theirs = [...names.matchAll(/"(\w+)"/g)].map(([, name = '']) => name);
  return { of: 'tool ids', ours: Object.values(cursor.fields.tools.ids).flatMap((id) => id ?? []), theirs };
}

/** Keys with which a file loads otherwise than without. */
function keys(project: Project): Fact {
  const folder = path.join(project.folder, '.cursor', 'agents');
  mkdirSync(folder, { recursive: true });
  const lines = { none: '', model: 'model: x\n', readonly: 'readonly: true\n', background: 'background: true\n' };
  for (const [name, line] of Object.entries(lines))
    writeFileSync(path.join(folder, `${name}.md`), `---\nname: ${name}\n${line}---\nPrompt.\n`);
  const seen = new Map(load(project).map((agent) => [agent.name, [agent.model, isReadOnly(agent), agent.isBackground].join()]));
  const { model, background, tools } = cursor.fields;
  const flags = tools.enforcement.by === 'flags' ? tools.enforcement.flags.map(({ key }) => key) : [];
  const ours = [model?.key, background?.key, ...flags].flatMap((key) => key ?? []);
  return { of: 'keys', ours, theirs: Object.keys(lines).filter((name) => seen.has(name) && seen.get(name) !== seen.get('none')) };
}

conformance(client);
