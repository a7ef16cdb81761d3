/** The loaders of the assistants, written after shared/targets/*.md and not after src/formats, which they test. */
import { load as loadYaml } from 'js-yaml';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';

/** A file as an assistant reads it. */
export interface Read {
  readonly header: { readonly [key: string]: unknown };
  readonly body: string;
}

/** A file as each assistant reads it. Throws where the loader finds no front matter. */
export const LOADERS: { readonly [target: string]: (file: string) => Read } = {
  'claude-code': claudeFile,
  'claude-plugin': claudeFile,
  copilot: (file) => yamlFile(/^---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n([\s\S]*))?$/, withoutBom(file)),
  // No byte order mark, and nothing behind the opening `---`.
  'gemini-cli': (file) => yamlFile(/^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n([\s\S]*))?/, file),
  opencode: (file) => yamlFile(/^---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n([\s\S]*))?$/, withoutBom(file)),
  // Found anywhere in the file, as the pattern has the `m` flag. Lines, split at the first colon. What is indented sets a key too.
  cursor: (file) => {
    const [, header = '', body = ''] = match(/^---\s*\n([\s\S]*?)\n---[ \t]*\r?(?:\n([\s\S]*))?$/m, withoutBom(file));
    const keys: { [key: string]: unknown } = {};
    for (const line of header.split('\n').map((text) => text.trim())) {
      const colon = line.indexOf(':');
      if (colon < 0 || line.startsWith('#')) continue;
      const value = line.slice(colon + 1).trim();
      const key = line.slice(0, colon).trim().toLowerCase();
      keys[key] = (key === 'readonly' || key === 'background') && value.toLowerCase() === 'true' ? true : value;
    }
    return { header: keys, body };
  },
  codex: (file) => {
    const header = parseToml(file);
    return { header, body: String(header.developer_instructions) };
  },
};

/** Closes at the first `---` anywhere, and the white space behind it belongs to neither side. */
function claudeFile(file: string): Read {
  const [, header = '', body = ''] = match(/^---\s*\n([\s\S]*?)---\s*\n?([\s\S]*)$/, withoutBom(file));
  const keys = parseYaml(header) as { [key: string]: unknown };
  return { header: { ...keys, description: String(keys.description).replaceAll('\\n', '\n') }, body };
}

function yamlFile(pattern: RegExp, file: string): Read {
  const [, header = '', body = ''] = match(pattern, file);
  return { header: loadYaml(header) as { [key: string]: unknown }, body };
}

function match(pattern: RegExp, file: string): RegExpExecArray {
  const found = pattern.exec(file);
  if (!found) throw new Error(`the loader finds no front matter in ${JSON.stringify(file.slice(0, 200))}`);
  return found;
}

const withoutBom = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text);
