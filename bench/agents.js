/** Makes agents of the shapes that people write: short and long, with and without a tool list, fragments, code. */

const TOOL_LISTS = [
  '',
  'tools: Read, Grep, Glob\n',
  'tools: Read, Write, Edit, Bash\n',
  'tools:\n  - Read\n  - Bash(git diff *)\n  - mcp__docs__search\n',
  'tools: [Read, Edit, TodoWrite]\n',
];
const MODELS = ['inherit', 'sonnet', 'opus', 'haiku'];
const TOPICS = ['orders', 'billing', 'search', 'uploads', 'sessions', 'reports', 'exports', 'webhooks'];

const item = (topic, n) => `- **Rule ${n}**: check the ${topic} module before you change it, and say what you found in one sentence\n`;

const section = (topic, n, items) =>
  `\n## ${topic[0].toUpperCase()}${topic.slice(1)} ${n}\n\nWork on ${topic} has its own traps. Read the nearest test first.\n\n${Array.from({ length: items }, (_, i) => item(topic, i)).join('')}`;

const CODE =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code in a prompt
  '\n```ts\nexport async function load(id: string): Promise<Order | null> {\n  const cached = await cache.get(`order:${id}`);\n  return cached ?? (await store.find(id));\n}\n```\n';

/**
 * The text of agent `n`: about 3 to 17 KB, 7 KB on average.
 * @param {number} n
 * @param {readonly string[]} fragments names of fragments to use
 */
export function agentText(n, fragments = []) {
  const topic = TOPICS[n % TOPICS.length];
  const uses = fragments.length > 0 ? `fragments: [${fragments.join(', ')}]\n` : '';
  const head = `---\nname: agent-${n}\ndescription: "Use for ${topic}: changes, reviews and questions. Number ${n}."\n${TOOL_LISTS[n % TOOL_LISTS.length]}model: ${MODELS[n % MODELS.length]}\ncolor: green\n${uses}---\n`;
  const sections = 3 + (n % 5) * 2;
  const body = Array.from(
    { length: sections },
    (_, i) => section(TOPICS[(n + i) % TOPICS.length], i, 6 + (n % 4)) + (i % 3 === 0 ? CODE : ''),
  ).join('');
  return `${head}\nYou look after ${topic}. Be exact and brief.\n${body}`;
}

/** A shared fragment of ten items. */
export const fragmentText = (name) =>
  `---\ndescription: "Rules for ${name}."\n---\n\n## ${name[0].toUpperCase()}${name.slice(1)} rules\n\n${Array.from({ length: 10 }, (_, i) => `- Keep rule ${i} of ${name} in mind whenever a change touches it\n`).join('')}`;

/** What `agentText` writes about, and so the names of fragments that have something for its sections. */
export const topics = TOPICS;

/**
 * A shared fragment for the sections of one topic: half of its items are in the agents already, said otherwise.
 * @param {string} topic
 */
export function sectionText(topic) {
  const title = topic[0].toUpperCase() + topic.slice(1);
  const known = Array.from({ length: 11 }, (_, n) => `${title} ${n}`);
  const items = Array.from({ length: 6 }, (_, i) => [
    `- **rule ${i}** – ${topic} are checked before a change.\n  - With the test nearest to it\n`,
    `- Write down what ${i} changes of ${topic} have in common\n`,
  ]);
  const table = `| Case | Answer |\n| --- | --- |\n| ${topic} missing | 404 |\n| ${topic} locked | 409 |\n`;
  return `---\nalso-known-as: [${known.join(', ')}]\n---\n## ${title}\n\n${items.flat().join('')}\n${table}${CODE}`;
}
