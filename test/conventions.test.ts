/** Rules of this repository that no linter checks. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** From the top to the bottom: a module may import from its own layer and from those below. */
const LAYERS: readonly (readonly [layer: string, pattern: RegExp])[] = [
  ['cli', /^cli\//],
  ['entry', /^(?:index|browser)\.ts$/],
  ['project', /^project\//],
  ['explain', /^explain\//],
  ['dedupe', /^dedupe\//],
  ['compile', /^compile(?:\.ts$|\/)/],
  ['stages', /^stages\//],
  ['formats', /^formats\//],
  ['markdown', /^markdown\//],
  ['handlebars', /^handlebars\//],
  ['targets', /^targets\//],
  ['diagnostics', /^diagnostics\//],
  ['ir', /^ir\.ts$|\.d\.ts$/],
  ['group-by', /^group-by\.ts$/],
];

/** Layers in which modules may import only some modules of the layers below. */
const ONLY: { readonly [layer: string]: { readonly [below: string]: RegExp } } = {
  cli: { entry: /^$/, stages: /^$/ },
  // What a stage knows of targets is their type and the words for capabilities; which targets there are it is told.
  stages: { targets: /^targets\/(?:target|capabilities|words)\.ts$/ },
  formats: { targets: /^targets\/target\.ts$/, diagnostics: /^$/ },
  targets: { diagnostics: /^$/ },
};

interface Import {
  readonly from: string;
  readonly to: string;
}

const sources = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'));

const imports: Import[] = sources.flatMap((from) =>
  [
    ...readFileSync(path.join(ROOT, 'src', from), 'utf8').matchAll(/^(?:import|export)\b[^;'"]*from '(\.[^']+)'|import\('(\.[^']+)'\)/gm),
  ].map((match) => ({
    from,
    to: path.posix.join(path.posix.dirname(from), match[1] ?? match[2] ?? '').replace(/\.js$/, '.ts'),
  })),
);

const layerOf = (file: string): number => LAYERS.findIndex(([, pattern]) => pattern.test(file));
const nameOf = (file: string): string => LAYERS[layerOf(file)]?.[0] ?? '';

describe('imports', () => {
  it('are found, and every module has a layer', () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(sources.filter((file) => layerOf(file) === -1)).toEqual([]);
  });

  it('point one way: cli → project → explain, dedupe → compile → stages → formats → markdown → handlebars → targets → diagnostics → ir → group-by', () => {
    const inner = imports.filter(({ to }) => sources.includes(to));
    expect(inner.filter(({ from, to }) => layerOf(to) < layerOf(from))).toEqual([]);
  });

  it('leave out what a layer must not know', () => {
    const wrong = imports.filter(({ from, to }) => nameOf(from) !== nameOf(to) && ONLY[nameOf(from)]?.[nameOf(to)]?.test(to) === false);
    expect(wrong).toEqual([]);
  });

  it('of a stage are those of stages before it', () => {
    const STAGES = ['parse', 'compose', 'normalize', 'merge', 'lower', 'emit'];
    const stageOf = (file: string): number => STAGES.indexOf(/^stages\/(\w+)\//.exec(file)?.[1] ?? '');
    expect(sources.filter((file) => file.startsWith('stages/') && stageOf(file) === -1)).toEqual([]);
    expect(imports.filter(({ from, to }) => stageOf(from) !== -1 && stageOf(to) > stageOf(from))).toEqual([]);
  });

  it('of a target are its type, its kin, and nothing else', () => {
    const targets = imports.filter(({ from }) => /^targets\/(?!index|target|capabilities|schema|words)/.test(from));
    expect(targets.filter(({ to }) => !/^targets\/(?!index|words)[\w-]+\.ts$/.test(to))).toEqual([]);
  });

  it('of the disk are the business of the project layer and the program', () => {
    const wrong = sources.filter((file) => {
      const text = readFileSync(path.join(ROOT, 'src', file), 'utf8');
      return !/^(?:project|cli)\//.test(file) && /from 'node:|\bprocess\.|\bDate\.now|new Date\(|Math\.random/.test(text);
    });
    expect(wrong).toEqual([]);
  });
});

describe('files', () => {
  it('have at most 400 lines', () => {
    const long = [...sources.map((file) => `src/${file}`), ...below('scripts'), ...below('bench')].filter(
      (file) => readFileSync(path.join(ROOT, file), 'utf8').split('\n').length > 401,
    );
    expect(long).toEqual([]);
  });

  it('lie in no folder whose name says nothing', () => {
    const all = [...sources.map((file) => `src/${file}`), ...below('scripts'), ...below('bench'), ...below('test'), ...below('templates')];
    expect(all.filter((file) => /(?:^|\/)(?:utils?|helpers?|common|core|misc|lib|shared)(?:\/|\.[jt]s$)/.test(file))).toEqual([]);
  });
});

function below(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}
