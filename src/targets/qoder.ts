import * as v from 'valibot';
import { claudeCode } from './claude-code.js';
import type { Target } from './target.js';

const COLORS = ['red', 'blue', 'green', 'yellow', 'purple', 'orange', 'pink', 'cyan'];
const MODES = ['acceptEdits', 'auto', 'bypassPermissions', 'default', 'dontAsk', 'plan'];
const text = v.optional(v.string());
const texts = v.optional(v.array(v.string()));
const words = v.optional(v.union([v.string(), v.array(v.string())]));
const count = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)));
const map = v.optional(v.record(v.string(), v.string()));
const any = { timeout: v.optional(v.number()), if: text, statusMessage: text, once: v.optional(v.boolean()) };
const hook = v.variant('type', [
  v.looseObject({ ...any, type: v.literal('command'), command: v.string(), shell: text, args: texts, async: v.optional(v.boolean()) }),
  v.looseObject({ ...any, type: v.literal('http'), url: v.string(), headers: map, allowedEnvVars: texts }),
  v.looseObject({ ...any, type: v.picklist(['prompt', 'agent']), prompt: v.string(), model: text }),
]);

/**
 * https://docs.qoder.com/cli/subagent; the header is Claude Code's, and a value of a wrong type refuses the file. Facts are
 * observed with the program, and what it does with a subagent's tools is from its bundle/qodercli.js.
 */
export const qoder: Target = {
  name: 'qoder',
  title: 'Qoder',
  verified: 'loader',
  against: '@qoder-ai/qodercli 1.1.52',
  path: '.qoder/agents/{id}.md',
  format: 'yaml',
  fields: {
    // Any text loads; with a colon it may be an agent of a folder or a plugin.
    name: { key: 'name', accepts: /^[^:\s](?:[^:]*[^:\s])?$/, takes: 'characters other than a colon' },
    description: { key: 'description' },
    examples: { in: 'description' },
    tools: {
      ids: {
        ...claudeCode.fields.tools.ids,
        // `TodoWrite` is gone.
        todo: ['TaskCreate', 'TaskGet', 'TaskList', 'TaskUpdate'],
        // Not for subagents: the depth of agents ends at 1 unless the environment raises it, and nobody is asked.
        delegate: null,
        ask: null,
        lsp: null,
      },
      // An empty list is every tool, and a subagent without any does not start: to list the tasks is the least of them.
      // `disallowedTools` takes names of tools and passes over servers, so that denials are said by this list too.
      enforcement: { by: 'allow-list', key: 'tools', shape: 'comma-string', nothing: 'TaskList', patterns: false },
      // Without `__*` a server's name is no tool's. Runs of other characters become one `_`; letters of other scripts, a hash.
      mcp: { tool: 'mcp__{server}__{tool}', server: 'mcp__{server}__*', all: 'mcp__*', servers: /^[ -~]+$/, replaces: /[^A-Za-z0-9-]+/g },
    },
    // Any word is taken, and goes to the service as it is.
    model: { key: 'model', inherit: 'inherit', accepts: /^(?:auto|ultimate|performance|efficient|lite)$/ },
    color: { key: 'color', names: COLORS, hex: false },
    permissionMode: { key: 'permissionMode', values: MODES },
    maxTurns: { key: 'maxTurns' },
    effort: { key: 'effort' },
    temperature: { key: 'temperature' },
    background: { key: 'background' },
    isolation: { key: 'isolation', values: ['worktree'] },
    // It adds its own tools to an explicit list.
    memory: { key: 'memory', brings: ['read', 'write', 'edit'] },
    skills: { key: 'skills' },
    hooks: { key: 'hooks' },
    // `mcpServers` is left out: naming a server there gives the agent all of its tools, whatever its list says.
  },
  body: {},
  schema: v.looseObject({
    name: v.pipe(v.string(), v.minLength(1)),
    description: v.pipe(v.string(), v.minLength(1)),
    tools: v.optional(v.pipe(v.string(), v.regex(/\S/, 'would be every tool'))),
    disallowedTools: words,
    model: text,
    color: v.optional(v.picklist(COLORS)),
    permissionMode: v.optional(v.picklist(MODES)),
    maxTurns: count,
    timeoutMins: count,
    effort: v.optional(v.union([v.picklist(['low', 'medium', 'high', 'xhigh', 'max']), v.pipe(v.number(), v.integer(), v.minValue(1))])),
    temperature: v.optional(v.number()),
    background: v.optional(v.boolean()),
    isolation: v.optional(v.literal('worktree')),
    memory: v.optional(v.picklist(['user', 'project', 'local'])),
    skills: words,
    hooks: v.optional(v.record(v.string(), v.array(v.looseObject({ matcher: text, hooks: v.array(hook) })))),
  }),
};
