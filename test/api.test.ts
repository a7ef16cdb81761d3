/** The public names: a change to them shows as a diff. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as api from '../src/index.js';

const ENTRY = new URL('../src/index.ts', import.meta.url);

it('exports these values', () => {
  expect(Object.keys(api).sort()).toMatchInlineSnapshot(`
    [
      "TARGETS",
      "compile",
      "compileTemplate",
      "defineConfig",
    ]
  `);
});

it('exports these types', () => {
  expect(typesOf(ENTRY).sort()).toMatchInlineSnapshot(`
    [
      "Agent",
      "AgentGrant",
      "AllowList",
      "Body",
      "BodyExpansion",
      "BodyRewrite",
      "BodyRule",
      "Capability",
      "Code",
      "ColorRule",
      "Companion",
      "Compilation",
      "CompileOptions",
      "Config",
      "Contribution",
      "Description",
      "Diagnostic",
      "Example",
      "ExtraField",
      "Fate",
      "FateKind",
      "FieldName",
      "FieldRules",
      "Fields",
      "FileText",
      "Flag",
      "Flags",
      "FragmentFile",
      "FragmentUse",
      "Handoff",
      "HeaderFormat",
      "Json",
      "Limit",
      "Located",
      "MarkdownParser",
      "McpServer",
      "McpServersRule",
      "McpSpelling",
      "Model",
      "ModelMap",
      "ModelRule",
      "ModelTier",
      "NameRule",
      "Origin",
      "OriginKind",
      "OutputFile",
      "Override",
      "Part",
      "PermissionMap",
      "Piece",
      "Range",
      "RuleLevels",
      "Severity",
      "SharedFile",
      "SourceFile",
      "Sources",
      "Target",
      "TargetSetting",
      "Template",
      "TemplateContext",
      "Templates",
      "TextRule",
      "ToolPolicy",
      "ToolRef",
      "ToolRule",
      "TransportRule",
      "WordRule",
    ]
  `);
});

/** The types that a module exports: those it names, and with `*` those of another module. */
function typesOf(module: URL): string[] {
  const text = readFileSync(module, 'utf8');
  const named = [...text.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, all, list = '']) =>
    list
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && (all !== undefined || name.startsWith('type ')))
      .map((name) => name.replace(/^type /, '')),
  );
  const starred = [...text.matchAll(/export type \* from '(.+)\.js'/g)].flatMap(([, path]) => typesOf(new URL(`${path}.ts`, module)));
  const declared = [...text.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name = '']) => name);
  return [...new Set([...named, ...starred, ...declared])];
}
