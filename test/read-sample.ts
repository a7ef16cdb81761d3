/** A folder of test/samples as the input of `compile`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { CompileOptions, Sources } from '../src/compile.js';
import { compileTemplate } from '../src/stages/emit/compile-template.js';
import type { Template } from '../src/stages/emit/templates.js';
import type { SourceFile } from '../src/stages/parse/parse.js';
import { TARGETS } from '../src/targets/index.js';
import type { Target } from '../src/targets/target.js';
import { filesBelow } from './project-files.js';

const SAMPLES: string = path.join(import.meta.dirname, 'samples');

export interface Sample {
  readonly folder: string;
  readonly sources: Sources;
  readonly targets: readonly Target[];
  readonly options: CompileOptions;
}

/** What `options.json` may say. */
interface SampleOptions extends Pick<CompileOptions, 'models' | 'rules' | 'variants'> {
  readonly targets?: readonly string[] | 'all';
}

/** One of each kind: lists, TOML without a tool list, a set of aliases, bare lines, a closed vocabulary, a permission map. */
export const SIX: readonly string[] = ['claude-code', 'codex', 'copilot', 'cursor', 'gemini-cli', 'opencode'];

export const sampleNames: readonly string[] = readdirSync(SAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

export function readSample(name: string): Sample {
  const folder = path.join(SAMPLES, name);
  const read = (file: string): SourceFile => ({ path: file, content: readFileSync(path.join(folder, file)) });
  const optionsFile = path.join(folder, 'options.json');
  const { targets = SIX, ...options }: SampleOptions = existsSync(optionsFile) ? JSON.parse(readFileSync(optionsFile, 'utf8')) : {};
  const isBase = (file: string): boolean => /(?:^|\/)_/.test(file);
  const agents = filesBelow(path.join(folder, 'agents')).filter((file) => !file.startsWith('fragments/'));
  return {
    folder,
    sources: {
      agents: agents.filter((file) => !isBase(file)).map((file) => read(`agents/${file}`)),
      bases: agents.filter(isBase).map((file) => read(`agents/${file}`)),
      fragments: filesBelow(path.join(folder, 'agents/fragments')).map((file) => ({
        name: file.replace(/\.md$/, ''),
        ...read(`agents/fragments/${file}`),
      })),
    },
    targets: targets === 'all' ? TARGETS : TARGETS.filter((target) => targets.includes(target.name)),
    options: { ...options, templates: templatesOf(path.join(folder, 'templates')) },
  };
}

function templatesOf(folder: string): { [target: string]: Template } {
  return Object.fromEntries(
    filesBelow(folder).map((file) => {
      const template = compileTemplate(readFileSync(path.join(folder, file), 'utf8'));
      return [file.replace(/\.hbs$/, ''), Object.assign(template, { file: `templates/${file}` })];
    }),
  );
}
