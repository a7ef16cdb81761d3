/** The part of the table of diagnostics that is about reading a source and its front matter. */
import { code, didYouMean, type Rule, rule } from './rule.js';

export const SOURCE_RULES = {
  // A source that cannot be read.
  'source-empty': rule({
    severity: 'error',
    message: () => 'This file is empty',
    help: () => 'Write an agent (front matter with `name` and `description`, then the prompt), or delete the file.',
  }),
  'source-unreadable': rule<{ reason: string }>({
    severity: 'error',
    message: ({ reason }) => `This file cannot be read (${reason})`,
    help: () => 'Check that it exists and that you may read it.',
  }),
  'source-unmatched': rule<{ pattern: string }>({
    severity: 'warning',
    message: ({ pattern }) => `No agent matches ${code(pattern)}`,
    help: () => 'Correct the pattern, or take it out. What was made of agents that it matched before is removed.',
  }),
  'source-not-utf8': rule<{ byte: number; hex: string }>({
    severity: 'error',
    message: ({ byte, hex }) => `Byte ${byte} (0x${hex}) is not valid UTF-8`,
    help: () => 'Save the file as UTF-8. Assistants read nothing else.',
  }),
  'source-too-large': rule<{ size: number; limit: number }>({
    severity: 'error',
    message: ({ size, limit }) => `This file has ${size} characters; an agent may have ${limit}`,
    help: () => 'A prompt this long fits into no model. Move reference material into files that the agent reads.',
  }),
  'nesting-too-deep': rule<{ what: string; limit: number }>({
    severity: 'error',
    message: ({ what, limit }) => `${what} are nested more than ${limit} deep`,
    help: () => 'Flatten this part; no parser reads such depths in reasonable time.',
  }),
  'hidden-unicode': rule<{ codePoint: string; name: string; count: number }>({
    severity: 'error',
    message: ({ codePoint, name, count }) =>
      `Invisible character ${codePoint} (${name})${count > 1 ? ` and ${count - 1} more behind it` : ''}`,
    label: () => 'a model reads it, a person does not see it',
    help: () => 'Delete what is invisible. Hidden text is how prompts are smuggled into agents.',
  }),

  // Front matter.
  'front-matter-missing': rule({
    severity: 'error',
    message: () => 'This file has no front matter',
    help: () =>
      'Begin it with `---`, `name: …`, `description: …`, `---`. If it is no agent, move it out of this folder, begin its name with `_`, or exclude it in `agents` of build.config.ts.',
  }),
  'front-matter-unclosed': rule({
    severity: 'error',
    message: () => 'The front matter is never closed',
    label: () => 'opened here',
    help: () => 'Put a line `---` after the last key.',
  }),
  'front-matter-invalid': rule<{ reason: string }>({
    severity: 'error',
    message: ({ reason }) => `The front matter cannot be read: ${reason}`,
    help: () => 'Mend this line, or put the value in double quotes.',
  }),
  'front-matter-repaired': rule<{ key: string; name?: string; tabs?: true; reason: string }>({
    severity: 'warning',
    message: ({ key, name, tabs }) =>
      `${name === undefined ? `The value of ${code(key)}` : code(name)} is not YAML; it was read ${tabs ? 'as if indented with spaces' : 'as plain text'}`,
    label: ({ reason }) => reason,
    help: ({ key, name, tabs }) => {
      const quote =
        name === undefined ? `Put the value of ${code(key)} in double quotes, or close what it opens` : `Put ${code(name)} in quotes`;
      return `${tabs ? 'Indent it with spaces' : quote}. Strict assistants skip the whole file without a word.`;
    },
  }),
  'value-cut': rule<{ key: string }>({
    severity: 'warning',
    message: ({ key }) => `The value of ${code(key)} ends here: YAML reads what follows ${code(' #')} as a comment`,
    help: ({ key }) => `Put the value of ${code(key)} in double quotes.`,
  }),
  'key-duplicate': rule<{ key: string }>({
    severity: 'error',
    message: ({ key }) => `${code(key)} is set twice`,
    label: () => 'set again here',
    help: () => 'Keep one of them. Assistants disagree about which one counts.',
  }),
  'key-misspelt': rule<{ key: string; near: string }>({
    severity: 'warning',
    message: ({ key }) => `${code(key)} has no meaning to polyagent`,
    label: ({ near }) => didYouMean(near),
    help: ({ key }) => `It is passed on to Claude Code as it is, and left out elsewhere. Rename ${code(key)} if that is not what you want.`,
  }),
  'value-invalid': rule<{ key: string; expected: string; near?: string | undefined }>({
    severity: 'warning',
    message: ({ key, expected }) => `${code(key)} must be ${expected}`,
    label: ({ near }) => didYouMean(near),
    help: ({ key }) => `The value is ignored. Correct it or remove ${code(key)}.`,
  }),
  'structure-invalid': rule<{ key: string; expected: string }>({
    severity: 'error',
    message: ({ key, expected }) => `${code(key)} must be ${expected}`,
    help: () => 'Correct the value; the agent is not built until then.',
  }),
  'aliases-too-many': rule<{ limit: number }>({
    severity: 'error',
    message: ({ limit }) => `An alias holds itself, or expands to more than ${limit} values`,
    help: () => 'Write the values out instead of repeating YAML aliases.',
  }),
} satisfies { [name: string]: Rule<never> };
