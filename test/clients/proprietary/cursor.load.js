/**
 * Prints the subagents that Cursor's own local agent code finds in this folder. The class is not a public export of the SDK:
 * it is reached through the `require` of the bundle.
 */
import { readdirSync } from 'node:fs';
import Module, { createRequire, register } from 'node:module';
import path from 'node:path';

const entry = createRequire(import.meta.url)
  .resolve('@cursor/sdk')
  .replace('/dist/cjs/', '/dist/esm/');

// The addon that reads shell commands ends the process on Node 20. Nothing here needs it.
const nothing = new Proxy(() => {}, {
  get: (target, key) => {
    if (key === 'then') return undefined;
    if (key === Symbol.toPrimitive) return () => '';
    return key === 'prototype' ? target.prototype : nothing;
  },
  construct: () => nothing,
  apply: () => nothing,
});
const loadModule = Module._load;
Module._load = (request, parent, isMain) =>
  /\.node$|[/\\]vendor[/\\]tree-sitter/.test(resolved(request, parent)) ? nothing : loadModule(request, parent, isMain);

function resolved(request, parent) {
  try {
    return Module._resolveFilename(request, parent);
  } catch {
    return request;
  }
}

// The name of the bundle's `require` is where it keeps the loader of its parts, `x.f.j = …`.
const hook = `export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (!url.endsWith(${JSON.stringify(path.basename(path.dirname(entry)))} + '/index.js') || !url.includes('/@cursor/sdk/')) return loaded;
  const source = String(loaded.source);
  const [, name] = /(\\w+)\\.f\\.j=\\(/.exec(source);
  return { ...loaded, source: source + '\\nexport { ' + name + ' as bundleRequire };\\n' };
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

const { bundleRequire } = await import(entry);
const parts = readdirSync(path.dirname(entry)).flatMap((name) => /^(\d+)\.js$/.exec(name)?.[1] ?? []);
await Promise.allSettled(parts.map((part) => bundleRequire.e(Number(part))));
const classes = Object.values(bundleRequire('../local-exec/dist/index.js'));
const classWith = (text) => classes.find((one) => typeof one === 'function' && String(one).includes(text));
const OfFolder = classWith('computeAgentsDirs');
const Merged = classWith('Failed to load subagents from merged service');
const agents = await new Merged([new OfFolder(process.cwd())]).getAllSubagents();
process.stdout.write(`\n${JSON.stringify(agents)}\n`, () => process.exit());
