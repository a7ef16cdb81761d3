import type { Command, Flag } from '../command.js';
import { JOBS, PROJECT_FLAGS, SHARD, SOURCES } from '../project-flags.js';

/** Flags that every command has. */
export const COMMON: { readonly [name: string]: Flag } = {
  help: { type: 'boolean', short: 'h', help: 'Print this help.' },
  version: { type: 'boolean', short: 'v', help: 'Print the version.' },
};

/** The commands, in the order of the help. The first one is run when none is named. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'build',
    summary: 'Compile agents and write the files of every target.',
    operands: SOURCES,
    flags: {
      ...PROJECT_FLAGS,
      'source-maps': { type: 'boolean', help: 'Write beside each output a map of the lines that its lines come from.' },
      shard: SHARD,
      jobs: JOBS,
      'dry-run': { type: 'boolean', short: 'n', help: 'Say what would be written, and write nothing.' },
      strict: { type: 'boolean', help: 'End with code 1 on warnings too.' },
      force: { type: 'boolean', short: 'f', help: 'Replace files that polyagent did not write, or that were edited since.' },
      format: {
        type: 'string',
        value: 'pretty|json|github',
        help: 'How to print the result; `github` is for GitHub Actions. Default: pretty.',
      },
      verbose: { type: 'boolean', help: 'Show every message in full, and every file.' },
      quiet: { type: 'boolean', short: 'q', help: 'Print errors only.' },
    },
    examples: [
      'polyagent build',
      'polyagent build .claude/agents --to gemini-cli,cursor --out out',
      'polyagent build agents/reviewer.md --dry-run --verbose',
      'polyagent build --shard 2/8',
    ],
    load: () => import('./build.js'),
  },
  {
    name: 'watch',
    summary: 'Build, and build again whenever a source, a fragment, a template or the config changes.',
    operands: SOURCES,
    flags: {
      ...PROJECT_FLAGS,
      'source-maps': { type: 'boolean', help: 'Write beside each output a map of the lines that its lines come from.' },
      'on-rebuild': {
        type: 'string',
        value: 'command',
        help: 'Run this by the shell after each build that changed an output; what still runs from the time before is ended first.',
      },
      strict: { type: 'boolean', help: 'Mark builds with warnings as failed too.' },
      format: { type: 'string', value: 'pretty|json', help: 'How to print each build; `json`: one object a line. Default: pretty.' },
      verbose: { type: 'boolean', help: 'Show every message in full.' },
      quiet: { type: 'boolean', short: 'q', help: 'Print errors only.' },
    },
    examples: ['polyagent watch', 'polyagent watch agents/reviewer.md --to claude-code', 'polyagent watch --on-rebuild "npm test"'],
    load: () => import('./watch.js'),
  },
  {
    name: 'check',
    summary: 'Say what a build would change, and write nothing. Ends with code 1 when something differs.',
    operands: SOURCES,
    flags: {
      ...PROJECT_FLAGS,
      'source-maps': { type: 'boolean', help: 'Compare the source maps too, as a build with this flag writes them.' },
      shard: SHARD,
      jobs: JOBS,
      strict: { type: 'boolean', help: 'End with code 1 on warnings too.' },
      format: { type: 'string', value: 'pretty|json|github', help: 'How to print the result. Default: pretty, with a diff for each file.' },
      verbose: { type: 'boolean', help: 'Show every message in full.' },
      quiet: { type: 'boolean', short: 'q', help: 'Print errors, and how many files differ.' },
    },
    examples: ['polyagent check', 'polyagent check --format github'],
    load: () => import('./check.js'),
  },
  {
    name: 'targets',
    summary: 'List the targets and what each can express.',
    operands: { name: 'names…', help: 'Show these targets in detail: the keys of their fields and the ids of their tools.' },
    flags: {
      json: { type: 'boolean', help: 'Print the same as JSON.' },
      config: {
        type: 'string',
        short: 'c',
        value: 'file',
        help: 'Read this config, for the targets it brings. Default: build.config.ts here, if there is one.',
      },
      'no-cache': PROJECT_FLAGS['no-cache'],
    },
    examples: ['polyagent targets', 'polyagent targets kilo-code', 'polyagent targets --json'],
    load: () => import('./targets.js'),
  },
  {
    name: 'explain',
    summary: 'Show what becomes of an agent: its fields and tools in each target, where each section came from, sizes.',
    operands: {
      name: 'agents…',
      help: 'Names of agents, or files. A folder, or nothing, with --target: all agents there, a line for each.',
    },
    flags: {
      target: {
        type: 'string',
        multiple: true,
        short: 't',
        value: 'targets',
        help: 'Tell of these targets, separated by commas. Default: those of the config, or all.',
      },
      variant: {
        type: 'string',
        multiple: true,
        value: 'variants',
        help: 'Tell of these variants, separated by commas. Default: the build without one.',
      },
      config: PROJECT_FLAGS.config,
      'no-cache': PROJECT_FLAGS['no-cache'],
      json: { type: 'boolean', help: 'Print the same as JSON.' },
    },
    examples: [
      'polyagent explain backend-specialist',
      'polyagent explain backend-specialist --target cursor',
      'polyagent explain --target cursor',
    ],
    load: () => import('./explain.js'),
  },
  {
    name: 'dedupe',
    summary: 'List what several agents repeat, and take it out into a fragment.',
    operands: SOURCES,
    flags: {
      min: { type: 'string', value: 'agents', help: 'List what so many agents have. Default: 2.' },
      near: { type: 'string', value: 'percent', help: 'List what is so much alike as well, from 30 to 100. Default: 70.' },
      exact: { type: 'boolean', help: 'List only what is the same.' },
      limit: { type: 'string', short: 'l', value: 'number', help: 'List so many. Default: 20.' },
      write: {
        type: 'boolean',
        short: 'w',
        help: 'Take one out: write its fragment, and a reference into each agent that compiles to the same bytes.',
      },
      pick: {
        type: 'string',
        short: 'p',
        value: 'number',
        help: 'With --write: this one of the list. Default: the first that can be taken out.',
      },
      name: { type: 'string', value: 'fragment', help: 'With --write: the name of the fragment. Default: made from the title.' },
      'dry-run': { type: 'boolean', short: 'n', help: 'Say what --write would write, and write nothing.' },
      config: PROJECT_FLAGS.config,
      'no-cache': PROJECT_FLAGS['no-cache'],
      format: { type: 'string', value: 'pretty|json', help: 'How to print the result. Default: pretty.' },
      verbose: { type: 'boolean', help: 'Show every place, and every message in full.' },
    },
    examples: [
      'polyagent dedupe',
      'polyagent dedupe .claude/agents --exact --min 3',
      'polyagent dedupe --write --pick 2 --name security-checklist',
    ],
    load: () => import('./dedupe.js'),
  },
];
