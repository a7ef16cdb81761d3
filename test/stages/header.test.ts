/** Headers that are hard to splice: what Claude Code's loader then reads. */
import { load as loadYaml } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compile.js';
import { claudeCode } from '../../src/targets/claude-code.js';
import { TARGETS } from '../../src/targets/index.js';

/** The header as Claude Code reads it: the closing dashes may stand anywhere. */
function read(header: string): { [key: string]: unknown } {
  const { files } = compile({ agents: [{ path: 'a.md', content: `---\n${header}---\nText.\n` }] }, [claudeCode]);
  const [, text = ''] = /^---\s*\n([\s\S]*?)---\s*\n?/.exec(files[0]?.content ?? '') ?? [];
  return loadYaml(text) as { [key: string]: unknown };
}

describe('a spliced header', () => {
  test.each([
    ['dashes in a value', 'name: a\ndescription: One --- two\ntools: Read\n'],
    ['dashes in a comment', 'name: a\ndescription: Does it.\n# --- limits ---\ntools: Read\n'],
    ['dashes in a comment behind a value', 'name: a # --- the name\ndescription: Does it.\ntools: Read\n'],
    ['dashes in a comment before the first key', '# --- who ---\nname: a\ndescription: Does it.\ntools: Read\n'],
    ['dashes in an unknown key', 'name: a\ndescription: Does it.\nx---y: 1\ntools: Read\n'],
    ['portable words', 'name: a\ndescription: Does it.\ntools: read\n'],
    ['indented keys, and one that is rewritten', '  name: a\n  description: Does it.\n  tools: read\n'],
    [
      'indented keys, and one that is added',
      '  name: a\n  description: Does it.\n  tools: Read\n  targets:\n    claude-code: { effort: low }\n',
    ],
    ['an anchor on a key that is cut out', 'name: a\ndescription: Does it.\ntargets: &t [claude-code]\nmine: *t\ntools: Read\n'],
    ['quoted keys', '"name": a\n"description": Does it.\n"tools": read\n'],
  ])('%s: the tool list is there', (_, header) => {
    expect(read(header)).toMatchObject({ name: 'a', tools: 'Read' });
  });

  test('a key that is overridden by null is taken out', () => {
    expect(read('name: a\ndescription: Does it.\nmodel: opus\nmine: 1\ntargets:\n  claude-code: { model: null, mine: null }\n')).toEqual({
      name: 'a',
      description: 'Does it.',
    });
  });
});

describe('an override', () => {
  const build = (header: string) =>
    compile({ agents: [{ path: 'a.md', content: `---\nname: a\ndescription: Does it.\n${header}---\nText.\n` }] }, TARGETS);

  test('of the model is obeyed: nobody guesses there', () => {
    const { files } = build('targets:\n  cursor: { model: some-model }\n  codex: { model: my-own-model }\n');
    expect(files.find(({ target }) => target === 'cursor')?.content).toContain('model: some-model\n');
    expect(files.find(({ target }) => target === 'codex')?.content).toContain('model = "my-own-model"\n');
  });

  test.each(['fragments: [x]', 'extends: base', 'targets: [codex]'])('with `%s` is not ignored in silence', (line) => {
    expect(build(`targets:\n  codex: { ${line} }\n`).diagnostics).not.toEqual([]);
  });
});
