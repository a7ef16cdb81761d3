import * as v from 'valibot';
import type { Target } from './target.js';

// What `droid exec -m nope` lists (0.225.2). Another id loads, and the agent runs with its caller's model.
const MODELS = [
  ...['claude-fable-5.1', 'claude-fable-5', 'claude-opus-5', 'claude-opus-5-fast', 'claude-opus-4-8', 'claude-opus-4-8-fast'],
  ...['claude-opus-4-7', 'claude-opus-4-7-fast', 'claude-opus-4-6', 'claude-opus-4-6-fast', 'claude-opus-4-5-20251101'],
  ...['claude-sonnet-5', 'claude-sonnet-4-6', 'claude-sonnet-4-5-20250929', 'claude-haiku-4-5-20251001', 'gpt-6-astra', 'gpt-5.6-sol'],
  ...['gpt-5.6-sol-fast', 'gpt-5.6-terra', 'gpt-5.6-luna', 'gpt-5.5', 'gpt-5.5-fast', 'gpt-5.5-pro', 'gpt-5.4', 'gpt-5.4-fast'],
  ...['gpt-5.4-mini', 'gpt-5.4-mini-fast', 'gpt-5.3-codex', 'gpt-5.3-codex-fast', 'gpt-5.2', 'gpt-5.2-codex', 'gpt-5.1-codex-max'],
  ...['gemini-3.1-pro-preview', 'gemini-3.8-flash', 'gemini-3.7-flash', 'gemini-3.6-flash', 'gemini-3.5-flash', 'gemini-3-flash-preview'],
  ...['inkling', 'glm-5.3-flash', 'glm-5.3', 'glm-5.2', 'glm-5.1', 'glm-5', 'glm-4.7', 'kimi-k3', 'kimi-k2.6', 'kimi-k2.5'],
  ...['nemotron-3-ultra', 'deepseek-v4-flash-0731', 'deepseek-v4-pro', 'grok-4.6', 'grok-4.5', 'minimax-m2.7'],
];
const word = v.optional(v.string());

/**
 * https://docs.factory.ai/cli/configuration/custom-droids; one value of a wrong type, and the whole header is dropped: the
 * agent has every tool then.
 */
export const factoryDroid: Target = {
  name: 'factory-droid',
  title: 'Factory Droid',
  verified: 'loader',
  against: '@factory/cli-linux-x64 0.225.2',
  // When the program saves one droid, it removes the files of the folder that are not called after theirs.
  path: '.factory/droids/{id}.md',
  builtIns: ['worker', 'explorer'],
  format: 'yaml',
  fields: {
    name: {
      key: 'name',
      accepts: /^[a-z0-9]+(?:[_-]+[a-z0-9]+)*$/,
      takes: 'lower-case letters, digits, hyphens and underscores, with a letter or digit first and last',
    },
    description: {
      key: 'description',
      limit: { characters: 500, effect: 'Droid warns of more, and all droids together have 10,000 in the list that its model gets.' },
    },
    examples: { in: 'description' },
    tools: {
      ids: {
        read: 'Read',
        list: 'LS',
        glob: 'Glob',
        grep: 'Grep',
        // Models that edit by patches get `ApplyPatch` for either, and it writes whole files too.
        write: ['Create', 'Edit'],
        edit: 'Edit',
        notebook: null,
        shell: 'Execute',
        'web-fetch': 'FetchUrl',
        'web-search': 'WebSearch',
        todo: 'TodoWrite',
        // Not for droids, even when listed (observed with 0.225.2); so is `AskUser`.
        delegate: null,
        ask: null,
        skill: 'Skill',
        lsp: null,
      },
      enforcement: { by: 'allow-list', key: 'tools', shape: 'list', patterns: false },
      always: ['todo', 'skill'],
      // The documentation has `mcpServers` for whole servers, and 0.225.2 does not look at it: with a list of tools the agent
      // has those of a server that are listed, without one it has all (observed). Other names of servers are rewritten.
      mcp: { tool: '{server}___{tool}', servers: /^(?=.{1,32}$)[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*$/ },
    },
    model: { key: 'model', inherit: 'inherit', accepts: new RegExp(`^(?:${MODELS.join('|').replaceAll('.', '\\.')}|custom:.+)$`) },
    effort: { key: 'reasoningEffort', values: ['low', 'medium', 'high', 'xhigh', 'max'] },
  },
  body: {},
  schema: v.looseObject({
    name: v.pipe(v.string(), v.regex(/\S/, 'must not be blank')),
    description: word,
    model: word,
    reasoningEffort: word,
    tools: v.optional(v.union([v.string(), v.array(v.string())])),
    mcpServers: v.optional(v.union([v.string(), v.array(v.string())])),
  }),
};
