/**
 * Agents to build: own text in the shapes in which people write them, counted in real agents. 7 KB on average; brief ones,
 * lists with bold leads, nested lists, code; with and without tools, MCP tools, and examples in the description.
 */

/** What the agents look after. */
const AREAS = ['orders', 'billing', 'search', 'uploads', 'sessions', 'reports', 'exports', 'webhooks'];

/** Titles of sections, with what is said in them. `{}` is the area. */
const SECTIONS = {
  Interfaces: [
    'Name every route of {} after the thing, never after the deed',
    'Answer with one shape for all errors of {}',
    'Old clients of {} go on working for a year',
    'Page long answers by a cursor',
    'Say in the schema what may be missing',
    'A new field of {} is optional at first',
  ],
  Data: [
    'Write a migration that runs both ways',
    'Keep money and dates of {} in exact types',
    'Give each query of {} the index that it needs',
    'Hold transactions short and retry the lost ones',
    'Never reuse a column for a second meaning',
    'Know how many rows of {} there will be in a year',
  ],
  Security: [
    'Check who asks before you look for what is asked',
    'Treat each value from outside as text until it is parsed',
    'Leave secrets of {} out of logs and answers',
    'Bind parameters, and never glue a query together',
    'Limit how often {} can be asked for',
    'Give the job the fewest rights that do',
  ],
  Testing: [
    'Write the test that fails before you mend {}',
    'Use the real database for {}, and fakes for the network',
    'Run the whole suite before you hand over',
    'One test shows one behaviour of {}',
    'Freeze the clock where time matters',
    'Take the odd cases from the bug list',
  ],
  Failures: [
    'Say what was tried and what to do next',
    'A lost connection is tried three times, then reported',
    'Count failures of {} where somebody looks',
    'Do not swallow an error that you cannot name',
    'Leave {} as they were when half of the work is lost',
    'Time out before the caller does',
  ],
  Speed: [
    'Measure {} before and after, on the same machine',
    'Cache what is asked for often and changes seldom',
    'Fetch {} in one query instead of one by one',
    'Move slow work of {} into a queue',
    'Stop at the first page when nobody reads on',
    'Give back connections as soon as the rows are read',
  ],
  Delivery: [
    'One change does one thing, and its message says why',
    'Keep a switch that turns the new {} off',
    'Write down what operators of {} must know',
    'Deploy on a day when people are there',
    'Watch {} for an hour after the release',
    'Remove the switch when nobody turns it any more',
  ],
  Review: [
    'Read the test first and the code of {} after it',
    'Ask when a name of {} says something else than the code',
    'Praise is short, and a question is a question',
    'Point at the line that you mean',
    'Look for what is missing as well',
    'Two pairs of eyes for what cannot be undone',
  ],
};

const CODE = {
  ts: [
    'export async function load{N}(id: string): Promise<Item | null> {',
    '  const cached = await cache.get(`{}:{n}:' + '${' + 'id}`);',
    '  if (cached) return cached;',
    "  const row = await db.query('select * from {} where id = $1', [id]);",
    '  if (row === undefined) return null;',
    '  await cache.set(row.id, row, { seconds: {n} });',
    '  return toItem(row);',
    '}',
    '',
  ],
  sql: [
    'create table {}_{n} (',
    '  id uuid primary key,',
    '  owner_id uuid not null references owners (id),',
    "  state text not null default 'open',",
    '  created_at timestamptz not null default now()',
    ');',
    'create index {}_{n}_owner on {}_{n} (owner_id, created_at);',
    '',
  ],
  js: [
    "router.post('/{}/:id/{n}', limit(60), async (request, response) => {",
    '  const body = schema.parse(request.body);',
    '  const made = await service.make{N}(request.params.id, body);',
    "  logger.info({ id: made.id }, '{} {n} made');",
    '  response.status(201).json({ data: made });',
    '});',
    '',
  ],
};

/** Counts of real agents: sections, subsections, items and how many of them are nested, fences and their lines. */
const SHAPES = [
  { sections: 5, parts: 7, items: 34, nested: 0, numbered: 0, fences: 2, lines: 9, bold: 5, head: 'model: inherit\ncolor: yellow\n' },
  {
    sections: 6,
    parts: 4,
    items: 45,
    nested: 0,
    numbered: 8,
    fences: 0,
    lines: 0,
    bold: 7,
    head: 'tools: Read, Write, Edit, Bash, Glob, Grep\nmodel: inherit\n',
  },
  { sections: 8, parts: 9, items: 70, nested: 28, numbered: 4, fences: 0, lines: 0, bold: 9, head: 'tools: Read, Write, Bash\n' },
  {
    sections: 8,
    parts: 14,
    items: 88,
    nested: 2,
    numbered: 3,
    fences: 2,
    lines: 13,
    bold: 2,
    head: 'tools: Read, Write, Edit, Bash, Grep, Glob, TodoWrite, mcp__docs__find-library, mcp__docs__read-page\nmodel: sonnet\n',
  },
  {
    sections: 8,
    parts: 23,
    items: 54,
    nested: 2,
    numbered: 8,
    fences: 20,
    lines: 17,
    bold: 4,
    boxes: true,
    examples: true,
    head: 'model: sonnet\ncolor: green\n',
  },
];

/** The titles that sections of agents have: a fragment of such a name has something for them. */
export const titles = Object.keys(SECTIONS);

/**
 * The text of agent `n`. Two agents never have the same.
 * @param {number} n
 * @param {readonly string[]} fragments names of fragments to use
 */
export function agentText(n, fragments = []) {
  const shape = SHAPES[n % SHAPES.length];
  const area = AREAS[Math.floor(n / SHAPES.length) % AREAS.length];
  const uses = fragments.length > 0 ? `fragments: [${fragments.join(', ')}]\n` : '';
  const say = (text) =>
    text
      .replaceAll('{}', area)
      .replaceAll('{n}', n)
      .replaceAll('{N}', `${area[0].toUpperCase()}${area.slice(1)}${n}`);
  const opening = say(
    'You look after {} and everything that touches them, number {n} of your kind. Be exact, be brief, and show your work.',
  );
  return `---\nname: agent-${n}\ndescription: ${description(shape, say)}\n${shape.head}${uses}---\n\n${opening}\n${body(shape, say, n)}`;
}

/** One line, quoted. People paste whole dialogues into it. */
function description(shape, say) {
  const text = say('Use for work on {}: changes, reviews and questions about number {n}. Give it the ticket and the branch.');
  if (!shape.examples) return JSON.stringify(text);
  const example = (asks, comment) =>
    `<example>\nContext: ${say('somebody changes {} by hand')}.\nuser: "${say(asks)}"\nassistant: "${say('I will hand this to the one who knows {}.')}"\n<commentary>\n${say(comment)}\n</commentary>\n</example>`;
  const examples = [
    example('Why do {} take so long since the release?', 'A question about the speed of {} belongs to this agent, which measures first.'),
    example('Add a field to {} and fill it for old rows.', 'A change of data of {} needs a migration that runs both ways.'),
    example('Can you look over my change of {}?', 'Reviews of {} are the work of this agent, before anything is merged.'),
  ];
  return JSON.stringify(`${text} Examples:\n\n${examples.join('\n\n')}`);
}

function body(shape, say, n) {
  const texts = [];
  let [items, parts, fences, nested, numbered] = [0, 0, 0, 0, 0];
  // Each section takes its share of what there is in all.
  const due = (total, section) => Math.round((total * (section + 1)) / shape.sections);
  for (let section = 0; section < shape.sections; section++) {
    const title = titles[(n + section) % titles.length];
    texts.push(`\n## ${title}\n`);
    let left = due(shape.items, section) - items;
    items += left;
    const blocks = Math.max(1, due(shape.parts, section) - parts);
    parts = due(shape.parts, section);
    for (let block = 0; block < blocks; block++) {
      if (blocks > 1 || section % 2 === 1) texts.push(`\n### ${block + 1}. ${say(`${title} of {}`)}, ${block + 1}\n`);
      const count = Math.ceil(left / (blocks - block));
      left -= count;
      const lines = [];
      for (let item = 0; item < count; item++) {
        const text = sentence(title, section * 7 + block * 3 + item, say, n);
        if (numbered < shape.numbered && section === shape.sections - 1) lines.push(`${++numbered}. ${text}`);
        else if (item > 0 && nested < shape.nested) lines.push(`${nested++ % 3 === 2 ? '- ' : '  - '}${text}`);
        else if (shape.boxes && section === 2) lines.push(`- [ ] ${text}`);
        else if (item % shape.bold === 0) lines.push(`- **${title} ${item + 1}**: ${text}`);
        else lines.push(`- ${text}`);
      }
      if (lines.length > 0) texts.push(`\n${lines.join('\n')}\n`);
      for (; fences < Math.round((due(shape.fences, section) * (block + 1)) / blocks); fences++)
        texts.push(fence(fences, shape.lines, say));
    }
  }
  return texts.join('');
}

function sentence(title, k, say, n) {
  const known = SECTIONS[title];
  const text = say(known[k % known.length]);
  return k % 5 === 4 ? `${text}, as in \`case-${n}-${k}\`` : k >= known.length ? `${text} (${k})` : text;
}

function fence(k, lines, say) {
  const language = ['ts', 'sql', 'js'][k % 3];
  const code = Array.from({ length: lines }, (_, i) => CODE[language][i % CODE[language].length]);
  return `\n\`\`\`${language}\n${say(code.join('\n')).trimEnd()}\n\`\`\`\n`;
}

/** A shared fragment of ten items, for a section that the agents do not have. */
export const fragmentText = (name) =>
  `---\ndescription: "Rules for ${name}."\n---\n\n## ${name[0].toUpperCase()}${name.slice(1)} rules\n\n${Array.from({ length: 10 }, (_, i) => `- Keep rule ${i} of ${name} in mind whenever a change touches it\n`).join('')}`;

/**
 * A shared fragment for the sections of one title: some of its items are in the agents already, said otherwise.
 * @param {string} title
 */
export function sectionText(title) {
  const name = title.toLowerCase();
  const items = SECTIONS[title].flatMap((text, i) => [
    `- **${name} ${i + 1}** – ${text.replaceAll('{}', AREAS[i]).toLowerCase()}.\n  - With the test nearest to it\n`,
    `- Write down what ${i + 2} changes of ${name} have in common\n`,
  ]);
  const table = `| Case | Answer |\n| --- | --- |\n| ${title} missing | 404 |\n| ${title} locked | 409 |\n`;
  const code = fence(1, CODE.sql.length, (text) => text.replaceAll('{}', name).replaceAll('{n}', 'log'));
  return `---\ndescription: "More of ${name}."\n---\n\n## ${title}\n\n${items.join('')}\n${table}${code}`;
}
