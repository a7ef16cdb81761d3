/** Flags of every command that compiles a project. Nothing is loaded here but types: help is made from it. */
import type { Command, Flag } from './command.js';

/** What a user may name to be compiled. */
export const SOURCES: NonNullable<Command['operands']> = {
  name: 'sources…',
  help: 'Files, folders or globs of agents. Default: `agents` of the config, or the folder agents/.',
};

/** A part of a project that is built on several machines. */
export const SHARD: Flag = {
  type: 'string',
  value: 'n/of',
  help: 'Only this share of the sources: `2/8` is the second of eight, which together are the whole.',
};

/** How a project is built, not what comes of it. */
export const JOBS: Flag = {
  type: 'string',
  value: 'n|auto',
  help: 'Compile in so many threads; 1 is none beside the first. Default: auto, which is one for less than 12,000 agents.',
};

/** What it is compiled for, and where its outputs are. */
export const PROJECT_FLAGS = {
  to: {
    type: 'string',
    multiple: true,
    short: 't',
    value: 'targets',
    help: 'Only these targets, separated by commas. Default: those of the config, or all.',
  },
  variant: {
    type: 'string',
    multiple: true,
    value: 'variants',
    help: 'Only these variants, separated by commas; `default` is the build without one. Default: all.',
  },
  out: {
    type: 'string',
    short: 'o',
    value: 'folder',
    help: 'The outputs are below this folder, each target in its own. Default: `outDir` of the config, or dist/.',
  },
  config: { type: 'string', short: 'c', value: 'file', help: 'Read this config. Default: build.config.ts here, if there is one.' },
  'no-cache': { type: 'boolean', help: 'Use nothing that an earlier run has kept, and keep nothing.' },
} satisfies { readonly [name: string]: Flag };
