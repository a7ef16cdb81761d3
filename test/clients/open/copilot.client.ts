import { copilot } from '../../../src/targets/copilot.js';
import { ask, type Client, type Fact, type Project } from '../client.js';
import { conformance } from '../suite.js';

/** What copilot.load.js tells. */
interface Told {
  readonly files: readonly {
    readonly file: string;
    readonly errors: readonly string[];
    readonly name: string;
    readonly description?: string;
    readonly model?: readonly string[];
    readonly tools?: readonly string[];
    readonly prompt: string;
  }[];
  readonly words: { readonly keys: readonly string[]; readonly efforts: readonly string[]; readonly toolSets: readonly string[] };
}

const askParser = (project: Project): Told =>
  ask(project, new URL('./copilot.load.js', import.meta.url), project.files, { timeout: 300_000 });

/** VS Code's half of the target. Which tools a word of a list stands for is decided by extensions, which are not here. */
const client: Client = {
  target: 'copilot',
  program: '@codingame/monaco-vscode-api',
  load: async (project) => {
    const { files, words } = askParser(project);
    return {
      agents: files.map(({ name, description, model, tools, prompt }) => ({
        name,
        prompt,
        model: model?.[0] ?? null,
        ...(description !== undefined && { description }),
        mcp: tools ? tools.filter((word) => isOfServer(word, words.toolSets)).map((word) => word.replace(/\/\*$/, '')) : ['*'],
      })),
      refused: files.flatMap(({ file, errors }) => errors.map((error) => `${file}: ${error}`)),
    };
  },
  facts: async (project) => facts(askParser(project).words),
};

/** `server/tool`, and not a member of a set of tools, such as `search/usages`. */
const isOfServer = (word: string, toolSets: readonly string[]): boolean =>
  word.includes('/') && ![...toolSets, 'browser', 'vscode'].includes(word.slice(0, word.indexOf('/')));

function facts({ keys, efforts, toolSets }: Told['words']): Fact[] {
  const { name, description, tools, model, effort, mcpServers, handoffs } = copilot.fields;
  const rules = [name, description, model, effort, mcpServers, handoffs];
  const sets = (['read', 'grep', 'edit', 'shell', 'web-fetch', 'delegate', 'todo'] as const).flatMap(
    (capability) => tools.ids[capability] ?? [],
  );
  return [
    // `skills` is a key of Copilot CLI alone.
    {
      of: 'keys',
      ours: [...rules.flatMap((rule) => rule?.key ?? []), ...(tools.enforcement.by === 'allow-list' ? [tools.enforcement.key] : [])],
      theirs: keys,
    },
    { of: 'efforts', ours: (effort?.values ?? []).map(String), theirs: efforts },
    { of: 'sets of tools', ours: sets, theirs: toolSets },
  ];
}

conformance(client);
