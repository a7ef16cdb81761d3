/** The skills of a project, by the reference library. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseFrontmatter, readProperties, validate, validateMetadata } from 'skills-ref';

const folder = '.agents/skills';
const [skills, refused] = [[], []];
for (const name of existsSync(folder) ? readdirSync(folder) : []) {
  const place = path.join(folder, name);
  const errors = await validate(place);
  refused.push(...errors.map((error) => `${name}: ${error}`));
  if (errors.length > 0) continue;
  const { name: own, description } = await readProperties(place);
  const file = readFileSync(path.join(place, 'SKILL.md'), 'utf8');
  const [, body] = parseFrontmatter(file);
  // Of a text that has `---` in it, the library gives the part before.
  skills.push({ name: own, description, ...(file.trimEnd().endsWith(body) && { body }) });
}

/** The most characters that are taken. */
const most = (metadataOf) =>
  Array.from({ length: 2048 }, (_, length) => length).findLast(
    (length) => validateMetadata(metadataOf('a'.repeat(length)), '').length === 0,
  );

console.log(
  JSON.stringify({
    skills,
    refused,
    description: most((description) => ({ name: 'a', description })),
    name: most((name) => ({ name, description: 'a' })),
  }),
);
