/**
 * Every diagnostic: its permanent code, its severity, and its text. The texts of polyagent stand here and nowhere else.
 *
 * A message says what is wrong, a label (under the caret) says what is wrong with this value, help says what to do next.
 * Names stand in backticks; positions are not repeated, they are printed beside the message.
 */

import { code, didYouMean, perTarget, type Rule, rule, type Severity } from './rule.js';

export type { Rule, Severity };

/** What to do about a field that has no place. */
const WITHOUT: ReadonlyMap<string, string> = new Map(
  Object.entries({
    mcpServers: "Set the servers up in those assistants' own settings.",
    skills: 'Install the skills where those assistants look for them.',
    memory: 'Those agents start without what they learned.',
    handoffs: 'Say in the prompt who comes next.',
  }),
);

export const RULES = {
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
  'front-matter-repaired': rule<{ key: string; reason: string }>({
    severity: 'warning',
    message: ({ key }) => `The value of ${code(key)} is not YAML; it was read as plain text`,
    label: ({ reason }) => reason,
    help: ({ key }) =>
      `Put the value of ${code(key)} in double quotes, or close what it opens. Strict assistants skip the whole file without a word.`,
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
  'key-reserved': rule<{ key: string }>({
    severity: 'error',
    message: ({ key }) => `${code(key)} is reserved and does nothing in this version`,
    help: () => 'Remove it: an agent built without what it asks for would not be the agent you wrote.',
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

  // Names and descriptions.
  'name-missing': rule<{ stem: string }>({
    severity: 'error',
    message: () => 'This agent has no `name`',
    help: ({ stem }) => `Add ${code(`name: ${stem}`)}.`,
  }),
  'name-invalid': rule<{ name: string; reason: string }>({
    severity: 'error',
    message: ({ name }) => `${code(name)} cannot be the name of an agent`,
    label: ({ reason }) => reason,
    help: () => 'Use lower-case letters, digits and hyphens, such as `code-reviewer`.',
  }),
  'name-duplicate': rule<{ name: string; other: string; more: number }>({
    severity: 'error',
    message: ({ name }) => `Another agent is called ${code(name)} too`,
    label: ({ other, more }) => `also in ${other}${more > 0 ? ` and ${more} more` : ''}`,
    help: () => 'Rename one: assistants keep one of two agents with one name, and do not say which.',
  }),
  'name-changed': rule<{ name: string; names: { readonly [target: string]: readonly string[] } }>({
    severity: 'info',
    message: ({ name, names }) => `${code(name)} is spelled differently for some targets (${perTarget(names)})`,
    help: ({ names }) => `Use ${code(Object.values(names)[0]?.[0] ?? '')} as the name to have one spelling everywhere.`,
  }),
  'name-unusable': rule<{ name: string; target: string; pattern: string }>({
    severity: 'error',
    message: ({ name, target }) => `${target} cannot have an agent called ${code(name)}`,
    label: ({ pattern }) => `must match ${pattern}`,
    help: ({ target }) => `Rename the agent, or set ${code(`targets: { ${target}: { name: … } }`)}.`,
  }),
  'description-missing': rule({
    severity: 'error',
    message: () => 'This agent has no `description`',
    help: () => 'Add one sentence that says when to use the agent. Assistants choose agents by it, and some skip a file without it.',
  }),

  // Tools.
  'tools-invalid': rule<{ key: string; got: string }>({
    severity: 'error',
    message: ({ key, got }) => `${code(key)} cannot be ${got}`,
    help: ({ key }) =>
      `Write ${code(`${key}: Read, Grep`)}, a list, or a map of \`true\` and \`false\`. In a wrong shape several assistants grant every tool.`,
  }),
  'tools-empty': rule<{ key: string; effect: string }>({
    severity: 'warning',
    message: ({ key, effect }) => `${code(key)} has no value, so ${effect}`,
    help: ({ key }) => `Write ${code(`${key}: []`)} if that is meant, or remove ${code(key)}.`,
  }),
  'tools-map-open': rule<{ key: string }>({
    severity: 'info',
    message: ({ key }) => `In a map, tools that ${code(key)} does not name stay allowed (as in OpenCode)`,
    help: () => 'Add `"*": false` to the map, or write a list, to allow only what is named.',
  }),
  'tool-unknown': rule<{ word: string; near?: string | undefined }>({
    severity: 'warning',
    message: ({ word }) => `No assistant has a tool called ${code(word)}`,
    label: ({ near }) => didYouMean(near),
    help: () => 'It grants nothing. Correct it or remove it; `polyagent targets` lists the portable names.',
  }),
  'denial-unknown': rule<{ word: string; near?: string | undefined }>({
    severity: 'warning',
    message: ({ word }) => `No assistant has a tool called ${code(word)}, so nothing is denied`,
    label: ({ near }) => didYouMean(near),
    help: () => 'Correct it or remove it; `polyagent targets` lists the portable names.',
  }),
  'tools-widened': rule<{ gained: { readonly [target: string]: readonly string[] }; why: readonly string[] }>({
    severity: 'warning',
    message: ({ gained }) => `Some targets grant more than this (${perTarget(gained)})`,
    help: ({ why }) => `${[...why, ''].join(' ')}Leave a target out with ${code('targets: { <name>: false }')} if that is too much.`,
  }),
  'tools-narrowed': rule<{ lost: { readonly [target: string]: readonly string[] }; why: readonly string[] }>({
    severity: 'warning',
    message: ({ lost }) => `Some targets cannot grant all of this (${perTarget(lost)})`,
    help: ({ why }) => `${[...why, ''].join(' ')}Set ${code('targets: { <name>: { tools: … } }')} to choose for one target.`,
  }),
  'listed-twice': rule<{ name: string; names: { readonly [target: string]: readonly string[] } }>({
    severity: 'warning',
    message: ({ name, names }) =>
      `Some assistants read other assistants' files too, and list this agent under two names (${perTarget(names)}, and ${code(name)})`,
    help: () => 'Give it one name everywhere, of lower-case letters, digits and hyphens, or leave one of these targets out.',
  }),
  'tools-always-on': rule<{ gained: { readonly [target: string]: readonly string[] } }>({
    severity: 'info',
    message: ({ gained }) => `Some targets give these to every agent (${perTarget(gained)})`,
    help: () => 'No agent file can take them away there.',
  }),

  // Fragments and directives.
  'fragment-not-found': rule<{ name: string; near?: string | undefined; known: readonly string[] }>({
    severity: 'error',
    message: ({ name }) => `There is no fragment called ${code(name)}`,
    label: ({ near }) => didYouMean(near),
    help: ({ known }) =>
      known.length > 0
        ? `Fragments of this project: ${known.join(', ')}.`
        : 'This project has no fragments. Put them into a folder `fragments` beside the agents.',
  }),
  'fragment-cycle': rule<{ chain: readonly string[] }>({
    severity: 'error',
    message: ({ chain }) => `Fragments use each other in a circle: ${chain.join(' → ')}`,
    help: () => 'Take one of these references out.',
  }),
  'fragment-repeated': rule<{ name: string }>({
    severity: 'info',
    message: ({ name }) => `The fragment ${code(name)} is used more than once; it is merged once`,
    help: () => 'Remove this reference.',
  }),
  'fragment-unplaced': rule<{ name: string }>({
    severity: 'error',
    message: ({ name }) => `The fragment ${code(name)} has text outside of any section, so it has no place to go`,
    help: ({ name }) => `Give that text a heading, or place the fragment with ${code(`<!-- @fragment ${name} -->`)} on a line of its own.`,
  }),
  'fragment-unclosed': rule<{ what: string }>({
    severity: 'error',
    message: ({ what }) => `${what} is never closed, so what is merged after it would become part of it`,
    label: () => 'opened here',
    help: () => 'Close it.',
  }),
  'directive-unknown': rule<{ word: string; near?: string | undefined }>({
    severity: 'error',
    message: ({ word }) => `There is no directive ${code(`@${word}`)}`,
    label: ({ near }) => didYouMean(near && `@${near}`),
    help: () => 'Directives: @fragment, @only, @except, @end.',
  }),
  'directive-invalid': rule<{ word: string; expected: string }>({
    severity: 'error',
    message: ({ word, expected }) => `${code(`@${word}`)} needs ${expected}`,
    help: ({ word }) =>
      word === 'fragment' ? 'Write `<!-- @fragment name -->`.' : `Write ${code(`<!-- @${word} claude-code cursor -->`)}.`,
  }),
  'directive-unbalanced': rule<{ word: string }>({
    severity: 'error',
    message: ({ word }) => (word === 'end' ? '`@end` closes nothing' : `${code(`@${word}`)} is never closed`),
    help: ({ word }) =>
      word === 'end'
        ? 'Remove it, or open a block with @only or @except.'
        : 'Put `<!-- @end -->` on a line of its own after the block. Blocks do not nest.',
  }),
  'directive-misplaced': rule<{ word: string }>({
    severity: 'error',
    message: ({ word }) => `${code(`@${word}`)} is not on a line of its own at the top level of the document`,
    help: () => 'Move it out of the list, quote or paragraph, to the start of a line.',
  }),
  'target-unknown': rule<{ name: string; near?: string | undefined; known: readonly string[] }>({
    severity: 'error',
    message: ({ name }) => `There is no target called ${code(name)}`,
    label: ({ near }) => didYouMean(near),
    help: ({ known }) => `Targets: ${known.join(', ')}.`,
  }),
  'link-conflict': rule<{ label: string; known: string }>({
    severity: 'error',
    message: ({ label, known }) => `The link label ${code(label)} leads elsewhere in the agent, to ${known}`,
    help: () => 'Rename the label in the fragment: in one document a label has one address.',
  }),
  'heading-clamped': rule<{ title: string }>({
    severity: 'warning',
    message: ({ title }) => `The heading ${code(title)} would be deeper than six levels; it is set at six`,
    help: () => 'Place the fragment under a heading nearer to the top.',
  }),

  // What becomes of an agent in its targets.
  'field-dropped': rule<{ field: string; targets: readonly string[] }>({
    severity: 'info',
    message: ({ field, targets }) => `${code(field)} has no place in ${targets.join(', ')}`,
    help: ({ field }) => WITHOUT.get(field) ?? `Those agents work without ${code(field)}.`,
  }),
  'limit-dropped': rule<{ field: string; targets: readonly string[] }>({
    severity: 'warning',
    message: ({ field, targets }) => `${code(field)} limits the agent, and has no place in ${targets.join(', ')}`,
    help: () => `Leave a target out with ${code('targets: { <name>: false }')} if the agent must not run there without it.`,
  }),
  'field-changed': rule<{ field: string; notes: { readonly [target: string]: readonly string[] } }>({
    severity: 'info',
    message: ({ field, notes }) => `${code(field)} is not said in full, or not in its place (${perTarget(notes)})`,
    help: ({ field }) => `Set ${code(`targets: { <name>: { ${field}: … } }`)} to choose the value yourself.`,
  }),
  'model-not-mapped': rule<{ word: string; targets: readonly string[] }>({
    severity: 'info',
    message: ({ word, targets }) => `${code(word)} names no model of ${targets.join(', ')}; the agent uses its caller's`,
    help: ({ word, targets }) => `Set ${code(`models: { '${word}': { '${targets[0]}': '<model id>' } }`)} in build.config.ts.`,
  }),
  'body-rewritten': rule<{ target: string; from: string; to: string; count: number; why: string }>({
    severity: 'info',
    message: ({ target, from, to, count }) =>
      `For ${target}, ${code(from)} is written ${code(to)}${count > 1 ? ` (and ${count - 1} more like it)` : ''}`,
    label: ({ why }) => why,
    help: () => 'Nothing to do: the other targets keep your text.',
  }),
  'body-expanded': rule<{ target: string; text: string; count: number; why: string }>({
    severity: 'info',
    message: ({ target, text, count }) => `${target} expands ${code(text)}${count > 1 ? ` (and ${count - 1} more like it)` : ''}`,
    label: ({ why }) => why,
    help: () => 'Nothing to do when that is meant. Otherwise keep it from this target with `<!-- @except … -->`.',
  }),
  'limit-exceeded': rule<{ field: string; target: string; limit: number; actual: number; effect: string }>({
    severity: 'warning',
    message: ({ field, target, limit, actual }) => `The ${field} has ${actual} characters; ${target} takes ${limit}`,
    help: ({ effect }) => `${effect} Shorten it, or cut it for this target with @except.`,
  }),
  'comment-dropped': rule({
    severity: 'info',
    message: () => 'A comment with `---` in the front matter is left out for Claude Code',
    label: () => 'Claude Code would end the header here',
    help: () => 'Write the comment without `---`.',
  }),
  'output-invalid': rule<{ target: string; field: string; reason: string }>({
    severity: 'error',
    message: ({ target, field, reason }) => `${target} would refuse this agent: ${field ? `${code(field)}: ${reason}` : reason}`,
    help: ({ target }) => `Correct the value, override it in ${code(`targets: { ${target}: … }`)}, or leave ${target} out.`,
  }),

  // Templates and files.
  'template-invalid': rule<{ name: string; reason: string }>({
    severity: 'error',
    message: ({ name, reason }) => `The template of ${name} fails: ${reason}`,
    help: () => 'Templates get `header`, `tables`, `body` and `agent`; see docs/templates.md.',
  }),
  'template-unknown': rule<{ name: string; near?: string | undefined }>({
    severity: 'warning',
    message: ({ name }) => `No target is called ${code(name)}, so this template is never used`,
    label: ({ near }) => didYouMean(near),
    help: () => 'Name the file after a target, such as `codex.hbs`.',
  }),
  'output-collision': rule<{ path: string; sources: readonly string[] }>({
    severity: 'error',
    message: ({ path, sources }) => `${code(path)} would be written for each of ${sources.join(', ')}`,
    help: () =>
      'Give the agents different names, or the targets different folders. Names that differ only by case are one file on some disks.',
  }),
  'output-foreign': rule<{ path: string; gone: boolean }>({
    severity: 'error',
    message: ({ path }) => `${code(path)} exists and was not written by polyagent`,
    help: () => 'Move the file away, or run again with --force to replace it.',
  }),
  'output-hidden': rule<{ path: string; key: string }>({
    severity: 'warning',
    message: ({ path, key }) => `${code(path)} has the key ${code(key)}, so the program does not look for the agents that are written`,
    help: ({ key }) => `Take ${code(key)} out of it, or see that it names the agents' files.`,
  }),
  'output-edited': rule<{ path: string; gone: boolean }>({
    severity: 'error',
    message: ({ path, gone }) => `${code(path)} was edited after polyagent wrote it${gone ? ', and its source is gone' : ''}`,
    help: ({ gone }) =>
      gone
        ? 'Save the edit elsewhere and delete the file, or run again with --force to delete it.'
        : 'Carry the edit over into the source, or run again with --force to replace it.',
  }),
  'output-is-source': rule<{ path: string }>({
    severity: 'error',
    message: ({ path }) => `${code(path)} is one of the sources`,
    help: () => 'Choose another output folder with --out.',
  }),
  'output-outside': rule<{ path: string; leads: string }>({
    severity: 'error',
    message: ({ path, leads }) => `${code(path)} is, or lies behind, a symbolic link to ${code(leads)}`,
    help: () => 'Remove the link: polyagent writes only into its output folder.',
  }),
  'output-blocked': rule<{ path: string; reason: string }>({
    severity: 'error',
    message: ({ path, reason }) => `${code(path)} cannot be written: ${reason}`,
    help: () => 'Clear the way (permissions, disk space, a folder of that name) and run again.',
  }),
} satisfies { [name: string]: Rule<never> };

/** The permanent name of a kind of diagnostic. */
export type Code = keyof typeof RULES;

/** The data that a diagnostic of this code carries. */
export type DataOf<C extends Code> = C extends Code ? OrNothing<Parameters<(typeof RULES)[C]['message']>[0]> : never;

// A rule without holes is inferred as one with impossible data.
type OrNothing<Data> = [Data] extends [never] ? Record<never, never> : Data;
