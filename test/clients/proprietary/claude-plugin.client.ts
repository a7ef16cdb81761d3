import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { claudePlugin } from '../../../src/targets/claude-plugin.js';
import type { Client, Fact, LoadedAgent, Project } from '../client.js';
import { conformance } from '../suite.js';
import { ALIASES, PACKAGE, PROGRAM, readLoading, startEach, type Told } from './claude-kin.js';

const client: Client = {
  target: 'claude-plugin',
  aliases: ALIASES,
  program: '@anthropic-ai/claude-code',
  needs: PACKAGE,
  load: async (project) => {
    const { agents, refused } = readLoading(startPlugin(project), project);
    return { agents: agents.map((agent) => asWritten(agent, project)), refused: [...refused, ...objections(project)] };
  },
  facts: async (project) => [ignoredKeys(project)],
};

const startPlugin = (project: Project): Told => startEach(project, ['--plugin-dir', project.folder]);

/** The agent without the plugin's name before its own, and without the path that stands for a variable on purpose. */
function asWritten(agent: LoadedAgent, { folder }: Project): LoadedAgent {
  const name = agent.name.replace(/^agents:/, '');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is text
  return { ...agent, name, ...(agent.prompt !== undefined && { prompt: agent.prompt.replaceAll(folder, '${CLAUDE_PLUGIN_ROOT}') }) };
}

interface Findings {
  readonly file: string;
  readonly errors: readonly { readonly message: string }[];
}

/** What the program's own check of a plugin has against it. */
function objections({ folder, run }: Project): string[] {
  const { stdout } = run(PROGRAM, ['plugin', 'validate', '--json', folder]);
  const { manifest, contents } = JSON.parse(stdout) as { readonly manifest: Findings; readonly contents: readonly Findings[] };
  return [manifest, ...contents].flatMap(({ file, errors }) => errors.map(({ message }) => `${file}: ${message}`));
}

/** Keys that the program says it ignores in a plugin's agent. */
function ignoredKeys(project: Project): Fact {
  const write = (file: string, text: string): void => {
    mkdirSync(path.join(project.folder, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(project.folder, file), text);
  };
  const ours = claudePlugin.without ?? [];
  const keys = ['name', 'description', 'tools', 'model', ...ours];
  write('.claude-plugin/plugin.json', '{"name":"agents"}');
  write('agents/x.md', `---\n${keys.map((key) => `${key}: x\n`).join('')}---\nPrompt.\n`);
  const { log } = startPlugin(project);
  return { of: 'ignored keys', ours, theirs: log.flatMap((line) => /sets (\w+), which is ignored/.exec(line)?.[1] ?? []) };
}

conformance(client);
