import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { claudeCode } from '../../../src/targets/claude-code.js';
import { capabilitiesOf, ownerOf } from '../../../src/targets/words.js';
import type { Client, Fact, Project } from '../client.js';
import { conformance } from '../suite.js';
import { ALIASES, PACKAGE, PROGRAM, readLoading, startEach } from './claude-kin.js';

const client: Client = {
  target: 'claude-code',
  aliases: ALIASES,
  program: '@anthropic-ai/claude-code',
  needs: PACKAGE,
  load: async (project) => readLoading(startEach(project), project),
  facts: async (project) => [...vocabularies(), ...values(project), names(project)],
};

/** Lists that stand in the program as they are. */
function vocabularies(): Fact[] {
  const program = readFileSync(PROGRAM);
  const listAt = (start: string, end: string, word: RegExp): string[] => {
    const at = program.indexOf(start);
    const text = at < 0 ? '' : program.toString('latin1', at, program.indexOf(end, at));
    return [...text.matchAll(word)].map(([, found = '']) => found);
  };
  const tools = listAt('["Agent","Artifact",', ']', /"(\w+)"/g);
  const { ids } = claudeCode.fields.tools;
  return [
    { of: 'tool ids', ours: Object.values(ids).flatMap((id) => id ?? []), theirs: tools },
    // The other way round: each of its tools is one that we know.
    { of: 'tools', ours: tools, theirs: tools.filter((word) => capabilitiesOf(word) ?? ownerOf(word)) },
    {
      of: 'colours',
      ours: claudeCode.fields.color?.names ?? [],
      theirs: listAt('{red:"red_FOR_SUBAGENTS_ONLY"', '}', /(\w+):"\w+_FOR_SUBAGENTS_ONLY"/g),
    },
  ];
}

/** Lists that the program names when it drops a value. */
function values(project: Project): Fact[] {
  const keys = ['permissionMode', 'effort', 'memory', 'isolation'] as const;
  const wrong = keys.map((key) => `${key}: none-such\n`).join('');
  writeAgent(project, 'values', `name: values\ndescription: x\n${wrong}`);
  const { log } = startEach(project);
  return keys.map((key) => {
    const line = log.find((text) => text.includes(`invalid ${key} `)) ?? '';
    const theirs = (/Valid options: (.*)/.exec(line)?.[1] ?? '').split(/, | or /);
    return { of: key, ours: OURS[key], theirs };
  });
}

/** The values that src/ir.ts lists. */
const OURS = {
  permissionMode: ['acceptEdits', 'auto', 'bypassPermissions', 'default', 'dontAsk', 'plan'],
  effort: ['low', 'medium', 'high', 'xhigh', 'max'],
  memory: ['user', 'project', 'local'],
  isolation: ['worktree', 'remote'],
};

/** Names that our data says load, beside those that do. */
function names(project: Project): Fact {
  const tried = ['Code Reviewer', 'größe', '-x', 'a:b', 'a：b', 'n'.repeat(256), 'm'.repeat(257)];
  for (const [index, name] of tried.entries()) writeAgent(project, `name-${index}`, `name: ${JSON.stringify(name)}\ndescription: x\n`);
  const accepts = claudeCode.fields.name?.accepts;
  return { of: 'names', ours: tried.filter((name) => accepts?.test(name)), theirs: startEach(project).agents.map(({ name }) => name) };
}

function writeAgent(project: Project, stem: string, header: string): void {
  const folder = path.join(project.folder, '.claude', 'agents');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${stem}.md`), `---\n${header}---\nPrompt.\n`);
}

conformance(client);
