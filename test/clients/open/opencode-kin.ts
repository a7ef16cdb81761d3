/** A client for OpenCode and for programs built on it, which answer the same questions. */
import path from 'node:path';
import type { Capability } from '../../../src/ir.js';
import type { Target } from '../../../src/targets/target.js';
import { ask, type Client, type Loading } from '../client.js';

const SCRIPT = new URL('./opencode.load.js', import.meta.url);

/** No list of models is fetched, and the tools are there that a setting or VS Code brings. */
const env = {
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  OPENCODE_EXPERIMENTAL_LSP_TOOL: 'true',
  KILO_DISABLE_MODELS_FETCH: '1',
  KILO_EXPERIMENTAL_LSP_TOOL: 'true',
  KILO_CLIENT: 'vscode',
  KILO_CONFIG_CONTENT: '{"experimental":{"native_notebook_tools":true}}',
};

/** What the program says of the header of an agent's file. */
interface Vocabulary {
  readonly keys: readonly string[];
  readonly permissions: readonly string[];
  readonly colors: readonly string[];
  readonly modes: readonly string[];
  readonly tools: readonly string[];
}

/** What each permission key of a program stands for. */
export type Words = { readonly [key: string]: readonly Capability[] };

/** How a program that is a server loads a project: it is started, and asked over HTTP. */
export function opencodeKin(target: Target, program: string, words: Words): Pick<Client, 'load' | 'facts'> {
  return {
    async load(project) {
      const ids = project.files.map((file) => path.posix.basename(file, '.md'));
      return ask<Loading>(project, SCRIPT, [program, 'agents', JSON.stringify(words), JSON.stringify(ids)], { env });
    },
    async facts(project) {
      const { keys, permissions, colors, modes, tools: toolIds } = ask<Vocabulary>(project, SCRIPT, [program, 'facts'], { env });
      const { tools, color, ...others } = target.fields;
      const ids = [...new Set(Object.values(tools.ids).flatMap((id) => id ?? []))];
      const headerKeys = [tools.enforcement, color, ...Object.values(others)].flatMap((rule) => (rule && 'key' in rule ? rule.key : []));
      return [
        { of: 'header keys', ours: [...new Set(headerKeys)], theirs: keys },
        { of: 'permission keys', ours: ids, theirs: permissions },
        { of: 'tool ids', ours: ids, theirs: toolIds },
        { of: 'colours', ours: color?.names ?? [], theirs: colors },
        { of: 'modes', ours: ['subagent', 'primary', 'all'], theirs: modes },
      ];
    },
  };
}
