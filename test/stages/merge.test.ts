/** What merging promises for every agent and fragment, and a sample cannot show. */
import fc from 'fast-check';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compile.js';
import { claudeCode } from '../../src/targets/claude-code.js';
import { TARGETS } from '../../src/targets/index.js';
import { SIX } from '../read-sample.js';

interface Merged {
  readonly body: string;
  readonly codes: readonly string[];
}

/** The body that an agent with this text gets from these fragments. */
function merge(body: string, fragments: readonly string[]): Merged {
  const names = fragments.map((_, index) => `f${index}`);
  const header = `---\nname: a\ndescription: Does it.\n${names.length > 0 ? `fragments: [${names.join(', ')}]\n` : ''}---\n`;
  const { files, diagnostics } = compile(
    {
      agents: [{ path: 'a.md', content: header + body }],
      fragments: fragments.map((content, index) => ({ name: `f${index}`, path: `f${index}.md`, content })),
    },
    [claudeCode],
  );
  const content = files[0]?.content ?? '';
  return { body: content.slice(content.indexOf('---\n', 4) + 4), codes: diagnostics.map(({ code }) => code) };
}

const title = fc.constantFrom('Checks', 'Steps', 'Tone', 'Security first');
// A title of a fragment's top section is looked for at every depth, so those below have others.
const subtitle = fc.constantFrom('Always', 'Never', 'Afterwards');
const sentence = fc.constantFrom('Read the plan', 'Ask **twice**', 'Never guess', 'Run `make`', 'Say why', 'Stop early');

const list = fc
  .record({
    items: fc.uniqueArray(sentence, { minLength: 1, maxLength: 4 }),
    marker: fc.constantFrom('-', '*', '+', '1.'),
    gap: fc.constantFrom('\n', '\n\n'),
  })
  .map(({ items, marker, gap }) => items.map((item, index) => `${marker === '1.' ? `${index + 1}.` : marker} ${item}`).join(gap));
const block = fc.oneof(
  list,
  // With a stop: without one it would lead into the list behind it.
  sentence.map((text) => `${text}.`),
  sentence.map((text) => `> ${text}`),
  sentence.map((text) => `\`\`\`\n${text}\n\`\`\``),
);
const blocks = fc.uniqueArray(block, { maxLength: 3 }).map((parts) => parts.join('\n\n'));
const sectionOf = (depth: number): fc.Arbitrary<string> =>
  fc
    .record({ title: depth === 2 ? title : subtitle, blocks })
    .map((section) => `${'#'.repeat(depth)} ${section.title}\n\n${section.blocks}`.trimEnd());
const section = fc
  .record({ top: sectionOf(2), below: fc.uniqueArray(sectionOf(3), { maxLength: 2, selector: (text) => text.split('\n')[0] }) })
  .map(({ top, below }) => [top, ...below].join('\n\n'));
const document = fc
  .uniqueArray(section, { minLength: 1, maxLength: 3, selector: (text) => text.split('\n')[0] })
  .map((sections) => `${sections.join('\n\n')}\n`);
const host = fc
  .record({ intro: fc.option(sentence, { nil: '' }), text: document, end: fc.constantFrom('\n', '', '\n\n') })
  .map(({ intro, text, end }) => (intro ? `${intro}\n\n` : '') + text.trimEnd() + end);

const RUNS = { numRuns: 500, seed: 20_261_120 };

/** Everything said, without titles, order, case and marks of lists. */
function said(text: string): string[] {
  const texts = unified()
    .use(remarkParse)
    .parse(text)
    .children.flatMap((node) => {
      // A comment parts two lists.
      if (node.type === 'heading' || node.type === 'html') return [];
      const parts = node.type === 'list' ? node.children.map((item) => item.children[0]) : [node];
      return parts.map((part) => text.slice(part?.position?.start.offset, part?.position?.end.offset).toLowerCase());
    });
  return [...new Set(texts)].sort();
}

describe('merging', () => {
  test('leaves an agent without fragments as it is', () => {
    fc.assert(
      fc.property(host, (text) => {
        expect(merge(text, []).body).toBe(text);
      }),
      RUNS,
    );
  });

  test('keeps the text of the author, in its order', () => {
    fc.assert(
      fc.property(host, document, (text, fragment) => {
        const { body } = merge(text, [fragment]);
        let at = 0;
        for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
          const found = body.indexOf(line, at);
          expect(found, `${line} in\n${body}`).not.toBe(-1);
          at = found + line.length;
        }
      }),
      RUNS,
    );
  });

  test('is idempotent: what was merged in says nothing new when it is merged again', () => {
    fc.assert(
      fc.property(host, document, (text, fragment) => {
        const once = merge(text, [fragment]).body;
        expect(merge(once, [fragment]).body).toBe(once);
      }),
      RUNS,
    );
  });

  test('leaves nothing of a fragment out, and says nothing that nobody said', () => {
    fc.assert(
      fc.property(host, document, (text, fragment) => {
        expect(said(merge(text, [fragment]).body)).toEqual([...new Set([...said(text), ...said(fragment)])].sort());
      }),
      RUNS,
    );
  });

  test('gives the same things said, whatever the order of the fragments', () => {
    fc.assert(
      fc.property(host, document, document, (text, one, other) => {
        const [first, second] = [merge(text, [one, other]).body, merge(text, [other, one]).body];
        expect(said(first)).toEqual(said(second));
      }),
      RUNS,
    );
  });

  test('of an agent that is its own fragment changes nothing', () => {
    fc.assert(
      fc.property(document, (text) => {
        expect(merge(text, [text]).body).toBe(text);
      }),
      RUNS,
    );
  });

  test('a fragment that cannot be read stops the agents that use it', () => {
    const broken = '---\nalso-known-as: Tone\n\n## Tone\n\nBe kind.\n';
    expect(merge('Text.\n', [broken])).toEqual({ body: '', codes: ['front-matter-unclosed'] });
  });

  test('a fragment may begin with a byte order mark', () => {
    const { files } = compile(
      {
        agents: [{ path: 'a.md', content: '---\nname: a\ndescription: Does it.\nfragments: [f]\n---\nText.\n' }],
        fragments: [{ name: 'f', path: 'f.md', content: new TextEncoder().encode('\ufeff## Tone\n\nBe kind.\n') }],
      },
      [claudeCode],
    );
    expect(files[0]?.content).toContain('Text.\n\n## Tone\n\nBe kind.\n');
  });

  test.each([
    ['items that begin with different numbers', '- 10 requests a second', '- 100 requests a second'],
    ['items with different links', '- [Guide](https://one.example)', '- [Guide](https://two.example)'],
    ['paragraphs with different links', 'See [this](https://one.example).', 'See [this](https://two.example).'],
  ])('keeps both of two %s', (_, own, added) => {
    const { body } = merge(`## Limits\n\n${own}\n`, [`## Limits\n\n${added}\n`]);
    expect(body).toContain(own);
    expect(body).toContain(added);
  });

  test.each([
    ['C#', 'C++'],
    ['⚠️', '🚀'],
  ])('does not take the title %s for %s', (own, added) => {
    expect(merge(`## ${own}\n\nOne.\n`, [`## ${added}\n\nTwo.\n`]).body).toBe(`## ${own}\n\nOne.\n\n## ${added}\n\nTwo.\n`);
  });

  test('does not make indented code a part of the list before it', () => {
    const { body } = merge('## Steps\n\n- one\n', ['## Steps\n\n    make all\n']);
    const kinds = unified()
      .use(remarkParse)
      .parse(body)
      .children.map((node) => node.type);
    expect(kinds).toContain('code');
  });

  test('a link of a fragment keeps its meaning when the agent defines the same label otherwise', () => {
    const own = '## One\n\nSee [guide].\n\n[guide]: https://one.example\n';
    const { body, codes } = merge(own, ['## Two\n\nSee [guide].\n\n[guide]: https://two.example\n']);
    const labels = [...body.matchAll(/^\[(.+?)\]:/gm)].map(([, label]) => label);
    expect(codes.length > 0 || new Set(labels).size === labels.length).toBe(true);
  });
});

describe('before a list of the agent', () => {
  const place = (fragment: string, own: string): string => {
    const agents = [{ path: 'a.md', content: `---\nname: a\ndescription: Does it.\n---\n<!-- @fragment f -->\n\n${own}\n` }];
    const { files } = compile({ agents, fragments: [{ name: 'f', path: 'f.md', content: `${fragment}\n` }] }, [claudeCode]);
    return files[0]?.content.split('---\n')[2] ?? '';
  };

  test('a list that a directive places stays another one', () => {
    expect(place('- b', '- a')).toBe('- b\n\n<!-- -->\n\n- a\n');
  });

  test('so does one at the end of a section that a directive places', () => {
    expect(place('## New\n\n1. b', '1. a')).toBe('## New\n\n1. b\n\n<!-- -->\n\n1. a\n');
  });

  test('one of another kind needs nothing between', () => {
    expect(place('1. b', '- a')).toBe('1. b\n\n- a\n');
  });
});

/** Targets that have the prompt as it is. */
const SOME = TARGETS.filter(({ name }) => SIX.includes(name));

describe('blocks for some targets', () => {
  const parts = [
    { name: 'outer', path: 'outer.md', content: '---\nfragments: [inner]\n---\n## Outer\n\n- one\n' },
    { name: 'inner', path: 'inner.md', content: '## Inner\n\n- two\n' },
  ];
  const build = (header: string, body: string) => {
    const content = `---\nname: a\ndescription: Does it.\n${header}---\n${body}`;
    const { files, diagnostics } = compile({ agents: [{ path: 'a.md', content }], fragments: parts }, SOME);
    const has = (text: string) => files.filter((file) => file.content.includes(text)).map((file) => file.target);
    return { has, codes: diagnostics.map(({ code }) => code), all: files.map((file) => file.target) };
  };
  const only = (word: string) => `<!-- @${word} cursor -->\n<!-- @fragment outer -->\n<!-- @end -->\n`;

  test('may each place the same fragment', () => {
    const { has, codes, all } = build('', `Text.\n\n${only('only')}\n${only('except')}`);
    expect(has('## Outer')).toEqual(all);
    expect(codes).not.toContain('fragment-repeated');
  });

  test('place a fragment, and those it uses, for their targets only', () => {
    const { has } = build('', `Text.\n\n${only('only')}`);
    expect([has('## Outer'), has('## Inner')]).toEqual([['cursor'], ['cursor']]);
  });

  test('leave a fragment of the front matter to the other targets', () => {
    const { has, all } = build('fragments: [outer]\n', `Text.\n\n${only('only')}`);
    expect(has('## Outer')).toEqual(all);
  });

  test('that drop out at the end leave no blank line there', () => {
    const content = '---\nname: a\ndescription: Does it.\n---\nText.\n\n<!-- @only cursor -->\nMore.\n<!-- @end -->\n';
    const { files } = compile({ agents: [{ path: 'a.md', content }] }, [claudeCode]);
    expect(files[0]?.content).toBe('---\nname: a\ndescription: Does it.\n---\nText.\n');
  });
});

test('fragments that use each other in many ways are read once each', () => {
  const many = Array.from({ length: 40 }, (_, index) => ({
    name: `f${index}`,
    path: `f${index}.md`,
    content:
      `---\nfragments: [f${Math.min(index + 1, 39)}${index < 38 ? `, f${index + 2}` : ''}]\n---\n## Title ${index}x\n\n- item ${index}\n`.replace(
        /fragments: \[f39\]/,
        index === 39 ? 'description: last' : '$&',
      ),
  }));
  const content = '---\nname: a\ndescription: Does it.\nfragments: [f0]\n---\nText.\n';
  const { files, diagnostics } = compile({ agents: [{ path: 'a.md', content }], fragments: many }, [claudeCode]);
  expect(diagnostics.map(({ code }) => code)).toEqual([]);
  expect(files[0]?.content.match(/^## Title/gm)?.length).toBe(40);
});

test('code is compared by its letters', () => {
  expect(merge('## Steps\n\n- Set `PORT`\n', ['## Steps\n\n- set `port`\n- SET `PORT`\n']).body).toBe(
    '## Steps\n\n- Set `PORT`\n- set `port`\n',
  );
});

describe('a careful editor', () => {
  test.each([
    {
      name: 'goes on with an item that the fragment has twice',
      own: '',
      fragment: '- a\n  - b\n  - b\n    - c',
      merged: '- a\n  - b\n  - b\n    - c',
    },
    {
      name: 'takes an item that only begins alike in one fragment for another one',
      own: '',
      fragment: '- **Note**: one\n- **Note**: two',
      merged: '- **Note**: one\n- **Note**: two',
    },
    {
      name: "has the agent's item with the same lead, with what stands below the fragment's",
      own: '- **JWT**: mine',
      fragment: '- **JWT**: theirs\n\n  More of it.\n  - below',
      merged: '- **JWT**: mine\n  - below',
    },
    {
      name: 'puts what an item has more behind its first paragraph below it',
      own: '- Run it\n- Look',
      fragment: '- run it:\n  ```sh\n  make\n  ```\n- Look.\n\n  Twice.',
      merged: '- Run it\n  ```sh\n  make\n  ```\n- Look\n\n  Twice.',
    },
    {
      name: 'compares an item below another with those below it, not with those below its neighbours',
      own: '- GET\n  - returns 200\n- POST',
      fragment: '- POST\n  - returns 200',
      merged: '- GET\n  - returns 200\n- POST\n  - returns 200',
    },
    {
      name: 'leaves no text that leads into nothing',
      own: '- a',
      fragment: 'Before you start\n\n- A.',
      merged: '- a',
    },
    {
      name: 'has a lead-in with what is missing behind it',
      own: '- a',
      fragment: 'Before you start:\n\n- A.\n- b',
      merged: '- a\n\nBefore you start:\n\n- b',
    },
    {
      name: 'puts items behind the lead-in that they had',
      own: 'Always:\n\n- a\n\nNever:\n\n- b',
      fragment: '**always**\n\n- c\n\nNever\n\n- d',
      merged: 'Always:\n\n- a\n- c\n\nNever:\n\n- b\n- d',
    },
    {
      name: 'puts items that belong to none of the lead-ins in a list of their own',
      own: 'Always:\n\n- a\n\nNever:\n\n- b',
      fragment: '- c',
      merged: '- c\n\nAlways:\n\n- a\n\nNever:\n\n- b',
    },
    {
      name: 'puts nothing behind a lead-in that it does not belong to',
      own: 'Keep it simple.\n\nNever:\n\n- push by force',
      fragment: '- Rebase first',
      merged: 'Keep it simple.\n\n- Rebase first\n\nNever:\n\n- push by force',
    },
    {
      name: 'puts nothing between tags',
      own: 'Be careful.\n\n<example>\n\n- Bad: no tests\n\n### Risks\n\n- {risk}\n\n</example>',
      fragment: '- Be kind\n\n### Risks\n\n- Many',
      merged: 'Be careful.\n\n<example>\n\n- Bad: no tests\n\n### Risks\n\n- {risk}\n\n</example>\n\n- Be kind\n\n### Risks\n\n- Many',
    },
    {
      name: 'takes a tag that nothing closes for text',
      own: '<details>\n\n- a\n\nMore.',
      fragment: '- b',
      merged: '<details>\n\n- a\n- b\n\nMore.',
    },
    {
      name: 'puts items with those that they were with',
      own: 'Always:\n\n- a\n\nNever:\n\n- b',
      fragment: '- c\n- A',
      merged: 'Always:\n\n- a\n- c\n\nNever:\n\n- b',
    },
    {
      name: 'counts on in the only list of a section',
      own: '1. one\n2. two',
      fragment: '- [ ] a',
      merged: '1. one\n2. two\n3. a',
    },
    {
      name: 'makes no steps of items without an order where another list is',
      own: '1. one\n2. two\n\nAlso:\n\n1. three',
      fragment: '- a',
      merged: '1. one\n2. two\n\nAlso:\n\n1. three\n\n- a',
    },
    {
      name: 'comes not between an item and the code that it leads into',
      own: '1. Look\n2. Run:\n```sh\nmake\n```',
      fragment: '1. Stop',
      merged: '1. Look\n2. Run:\n```sh\nmake\n```\n\n1. Stop',
    },
    {
      name: 'keeps a line behind a list out of an item that is put before it',
      own: '- a\n\n  ```\n  b\n  ```\n</done>',
      fragment: '- c',
      merged: '- a\n\n  ```\n  b\n  ```\n- c\n\n</done>',
    },
    {
      name: 'leaves the rule at the end of a section there',
      own: 'Text.\n\n---',
      fragment: 'More.',
      merged: 'Text.\n\nMore.\n\n---',
    },
    {
      name: 'has code once, however it is indented and whatever language it is said to be',
      own: '- Run\n\n  ```sh\n  if a\n    b\n  ```',
      fragment: 'Then:\n\n```bash\n  if a\n    b\n```\n\n    if a\n      b',
      merged: '- Run\n\n  ```sh\n  if a\n    b\n  ```',
    },
    {
      name: 'has a row for each first cell, or for each whole row where the fragment repeats the cell',
      own: '|Verb|Path|\n|--|--|\n|GET|/a|',
      fragment: '| Path | Verb |\n|--|--|\n| x | y |\n\n| Verb | Path |\n|--|--|\n| get | /b |\n| PUT | /c |\n| DEL | /d |\n| DEL | /e |',
      merged: '|Verb|Path|\n|--|--|\n|GET|/a|\n|PUT|/c|\n|DEL|/d|\n|DEL|/e|\n\n| Path | Verb |\n|--|--|\n| x | y |',
    },
    {
      name: 'takes tables with the other columns in another order for one kind',
      own: '',
      fragment: '| A | B | C |\n| - | - | - |\n\n| A | C | B |\n| - | - | - |\n|   | c | b |',
      merged: '| A | B | C |\n| - | - | - |\n\n| A | C | B |\n| - | - | - |\n|   | c | b |',
    },
  ])('$name', ({ own, fragment, merged }) => {
    // A section that is there, so that the fragment is merged into it; one that is not there, where it is empty.
    const [before, title] = own === '' ? ['## Other\n\nText.\n\n', '## Checks'] : ['', '## Checks'];
    const text = own === '' ? before.trimEnd() : `${title}\n\n${own}`;
    const expected = `${before}${title}\n\n${merged}\n`;
    const once = merge(`${text}\n`, [`${title}\n\n${fragment}\n`]).body;
    expect(once).toBe(expected);
    expect(merge(once, [`${title}\n\n${fragment}\n`]).body).toBe(expected);
  });
});

describe('what an item that is only a list says', () => {
  const section = (text: string): string => `## Checks\n\n${text}\n`;
  test.each([
    ['- Use TLS', '- 3. Use TLS', '- Use TLS'],
    ['- 3. Use TLS', '- Use TLS', '- 3. Use TLS'],
    ['- 1. Use TLS', '- 1. Ask twice', '- 1. Use TLS\n- 1. Ask twice'],
    ['- 1. Use TLS\n  2. Say why', '- Use TLS\n  - Say why', '- 1. Use TLS\n  2. Say why'],
    ['- Use TLS', '- 1. Use TLS\n  2. Say why', '- Use TLS\n  1. Say why'],
    ['- a', '- \n- b', '- a\n- b'],
    ['- a', '- ***\n- ...\n- !!!', '- a\n- ***\n- ...\n- !!!'],
  ])('%j with %j', (own, added, merged) => {
    const once = merge(section(own), [section(added)]).body;
    expect(once).toBe(section(merged));
    expect(merge(once, [section(added)]).body).toBe(once);
  });
});

test.each([
  ['- **Note**: one thing', '- **Note**: another thing'],
  ['| A | B |\n| - | - |\n| x | one |', '| A | B |\n| - | - |\n| x | another |'],
])('two fragments that begin alike are both there, in any order: %j', (one, other) => {
  const parts = [one, other].map((text) => `## Checks\n\n${text}\n`);
  for (const order of [parts, parts.toReversed()]) {
    const { body } = merge('## Checks\n\nText.\n', order);
    expect([/\bone/.test(body), /another/.test(body)]).toEqual([true, true]);
    // Not where the author says something else by that name.
    expect(merge(parts[0] ?? '', order).body).toBe(parts[0]);
  }
});
