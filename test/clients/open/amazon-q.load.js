/** Amazon Q's agents, each read as JSON and checked against the rules of its source's schema. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv';

const schema = JSON.parse(readFileSync(new URL('amazon-q.schema.json', import.meta.url), 'utf8'));
const isAgent = new Ajv({ strict: false, allErrors: true }).compile(schema);
const folder = '.amazonq/cli-agents';
const [agents, refused] = [[], []];

for (const file of existsSync(folder) ? readdirSync(folder) : []) {
  if (!file.endsWith('.json')) continue;
  try {
    const agent = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    // An agent is looked for as `<name>.json`.
    if (!isAgent(agent))
      refused.push(`${file}: ${isAgent.errors.map(({ instancePath, message }) => `${instancePath} ${message}`).join('; ')}`);
    else if (file !== `${agent.name}.json`) refused.push(`${file}: its name is ${agent.name}`);
    else agents.push(agent);
  } catch (error) {
    refused.push(`${file}: ${error.message}`);
  }
}
console.log(
  JSON.stringify({
    agents,
    refused,
    keys: Object.keys(schema.properties),
    serverKeys: Object.keys(schema.properties.mcpServers.additionalProperties.properties),
  }),
);
