import { opencode } from './opencode.js';
import type { Target } from './target.js';

const { tools } = opencode.fields;

/** https://kilo.ai/docs/customize/custom-subagents; built on OpenCode, whose directories it does not read. */
export const kiloCode: Target = {
  ...opencode,
  name: 'kilo-code',
  title: 'Kilo Code',
  against: '@kilocode/cli-linux-x64 7.7.9',
  // `.kilocode/agents` is read too, and loses to this one.
  path: '.kilo/agents/{id}.md',
  builtIns: [...(opencode.builtIns ?? []), 'code', 'debug', 'ask', 'orchestrator'],
  fields: {
    ...opencode.fields,
    tools: {
      ...tools,
      nativesOf: 'opencode',
      ids: {
        ...tools.ids,
        // Cells of a notebook that is open in VS Code; `edit` writes notebooks as files.
        notebook: 'notebook_edit',
        // KiloTask.permissions of the program denies `question` to every agent that another one calls.
        ask: null,
      },
    },
  },
  body: {
    rewrites: [
      {
        // ConfigVariable.substitute of the program, on the prompt and not on the header: also in code, over line ends, and
        // without an escape. What stands behind `$`, or in a line that begins with `//`, it leaves alone.
        pattern: /(?<!\$)\{(env|file):(?!\})/g,
        replacement: '{ $1:',
        why: 'Kilo Code would put a file in its place, and refuses an agent that names a variable of the environment',
      },
    ],
  },
};
