import type { Command, Flag } from '../command.js';

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
    operands: { name: 'sources…', help: 'Files, folders or globs of agents. Default: `agents` of the config, or the folder agents/.' },
    flags: {
      to: {
        type: 'string',
        multiple: true,
        short: 't',
        value: 'targets',
        help: 'Compile for these targets, separated by commas. Default: those of the config, or all.',
      },
      out: {
        type: 'string',
        short: 'o',
        value: 'folder',
        help: 'Write below this folder, each target into its own. Default: `outDir` of the config, or dist/.',
      },
      config: { type: 'string', short: 'c', value: 'file', help: 'Read this config. Default: build.config.ts here, if there is one.' },
      'dry-run': { type: 'boolean', short: 'n', help: 'Say what would be written, and write nothing.' },
      strict: { type: 'boolean', help: 'End with code 1 on warnings too.' },
      force: { type: 'boolean', short: 'f', help: 'Replace files that polyagent did not write, or that were edited since.' },
      format: { type: 'string', value: 'pretty|json', help: 'How to print the result. Default: pretty.' },
      verbose: { type: 'boolean', help: 'Show every message in full, and every file.' },
      quiet: { type: 'boolean', short: 'q', help: 'Print errors only.' },
    },
    examples: [
      'polyagent build',
      'polyagent build .claude/agents --to gemini-cli,cursor --out out',
      'polyagent build agents/reviewer.md --dry-run --verbose',
    ],
    load: () => import('./build.js'),
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
    },
    examples: ['polyagent targets', 'polyagent targets kilo-code', 'polyagent targets --json'],
    load: () => import('./targets.js'),
  },
  {
    name: 'dedupe',
    summary: 'List what several agents repeat, and take it out into a fragment.',
    operands: { name: 'sources…', help: 'Files, folders or globs of agents. Default: `agents` of the config, or the folder agents/.' },
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
      config: { type: 'string', short: 'c', value: 'file', help: 'Read this config. Default: build.config.ts here, if there is one.' },
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
