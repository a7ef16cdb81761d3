/** The part of the table of diagnostics that is about putting an agent together: bases, variants, fragments, directives. */
import { code, didYouMean, type Rule, rule } from './rule.js';

/** Why a name that can be a package's leads to no file of it. */
export interface PackageMiss {
  readonly package: string;
  readonly reason: 'not-installed' | 'no-such-file' | 'not-exported' | 'unreadable';
  /** The names of the Markdown files that it has. */
  readonly known: readonly string[];
  /** The file that is there and cannot be used. */
  readonly file?: string;
}

const MOST_NAMES = 20;

function helpOnPackage({ package: of, reason, known, file = '' }: PackageMiss, name: string): string {
  const more = known.length > MOST_NAMES ? `, and ${known.length - MOST_NAMES} more` : '';
  const names = known.length > 0 ? `It has: ${known.slice(0, MOST_NAMES).join(', ')}${more}.` : 'It has none that can be used.';
  switch (reason) {
    case 'not-installed':
      return `The package ${code(of)} is not installed: ${code(`npm install --save-dev ${of}`)}.`;
    case 'unreadable':
      return `It would be ${file}, which cannot be read.`;
    case 'not-exported':
      return `${code('exports')} in the package.json of ${code(of)} does not give out its file ${file}. ${names}`;
    case 'no-such-file':
      return `${name === of ? `${code(of)} is a package: name a Markdown file of it.` : `The package ${code(of)} has no such Markdown file.`} ${names}`;
  }
}

/** A name without a scope that no package is installed for may be a path below `fragments` just as well. */
function helpOnName(name: string, miss: PackageMiss | undefined, otherwise: string, known: readonly string[] = []): string {
  if (!miss || known.some((other) => other.startsWith(`${miss.package}/`))) return otherwise;
  if (miss.reason !== 'not-installed' || name.startsWith('@')) return helpOnPackage(miss, name);
  return `${otherwise} A package ${code(miss.package)} is not installed.`;
}

const listOf = (known: readonly string[]): string =>
  known.length > 0
    ? `Fragments of this project: ${known.join(', ')}.`
    : 'This project has no fragments. Put them into a folder `fragments` beside the agents.';

export const COMPOSITION_RULES = {
  // Bases.
  'base-not-found': rule<{ name: string; near?: string | undefined; known: readonly string[]; miss?: PackageMiss | undefined }>({
    severity: 'error',
    message: ({ name }) => `There is nothing called ${code(name)} to extend`,
    label: ({ near }) => didYouMean(near),
    help: ({ name, miss }) => {
      const file = `${name.replace(/\.md$/, '').replace(/(?=[^/]*$)/, '_')}.md`;
      const otherwise = `Put ${code(file)} into the agent's folder or one above it, name another agent's file, or a file of a package.`;
      return helpOnName(name, miss, otherwise);
    },
  }),
  'extends-cycle': rule<{ chain: readonly string[] }>({
    severity: 'error',
    message: ({ chain }) =>
      chain.length === 2 ? `${chain[0]} extends itself` : `These files extend each other in a circle: ${chain.join(' → ')}`,
    help: ({ chain }) => (chain.length === 2 ? 'Name another file, or take `extends` out.' : 'Take one of these references out.'),
  }),
  'fragments-replaced': rule<{ lost: readonly string[]; base: string }>({
    severity: 'warning',
    message: ({ lost, base }) => `This list replaces the one of ${base}, so the agent does without ${lost.map(code).join(', ')}`,
    help: ({ lost }) =>
      `Name ${lost.length > 1 ? 'them' : 'it'} here too, or place ${lost.length > 1 ? 'them' : 'it'} in the text of the base with ${code(`<!-- @fragment ${lost[0]} -->`)}.`,
  }),
  'tools-beyond-base': rule<{ tools: readonly string[]; base: string }>({
    severity: 'info',
    message: ({ tools, base }) => `This grants more than ${base} does: ${tools.join(', ')}`,
    help: () => 'Nothing to do when that is meant: a list that is written out counts.',
  }),
  'super-without-base': rule<{ title?: string | undefined; extends: boolean }>({
    severity: 'error',
    message: ({ title, extends: inherits }) => {
      if (!inherits) return 'This file extends nothing, so `@super` stands for nothing';
      return title === undefined
        ? 'Nothing stands before the first heading of what this agent extends'
        : `What this agent extends has no section ${code(title)}`;
    },
    help: ({ extends: inherits }) =>
      inherits
        ? '`@super` puts the text of the same section of the base here. Correct the title, or remove the directive.'
        : 'Name a base with `extends`, or remove the directive.',
  }),
  'super-repeated': rule<object>({
    severity: 'error',
    message: () => "A second `@super` in one section: the base's text is there already",
    help: () => 'Remove one of them.',
  }),

  // Variants.
  'variant-invalid': rule<{ name: string; reason: string }>({
    severity: 'error',
    message: ({ name }) => `${code(name)} cannot be the name of a variant`,
    label: ({ reason }) => reason,
    help: () => 'The outputs of a variant go into a folder of its name, beside those of the targets.',
  }),
  'variant-unknown': rule<{ name: string; near?: string | undefined; known: readonly string[] }>({
    severity: 'error',
    message: ({ name }) => `There is no variant called ${code(name)}`,
    label: ({ near }) => didYouMean(near),
    help: ({ known }) => `Variants: ${known.join(', ')}. ${code('variants')} in the front matter or the config defines them.`,
  }),

  // Fragments and directives.
  'fragment-not-found': rule<{
    name: string;
    near?: string | undefined;
    known: readonly string[];
    miss?: PackageMiss | undefined;
    /** Folders that may have it, and cannot be read. */
    unseen?: readonly string[];
  }>({
    severity: 'error',
    message: ({ name, unseen }) =>
      unseen
        ? `No fragment called ${code(name)} can be seen: ${unseen.join(', ')} cannot be read`
        : `There is no fragment called ${code(name)}`,
    label: ({ near }) => didYouMean(near),
    help: ({ name, known, miss, unseen }) => {
      if (unseen) return `Make ${unseen.length > 1 ? 'these folders' : 'this folder'} readable.`;
      return /^[^,[\]{}]+(?:,[^,[\]{}]+)+$/.test(name)
        ? `${code('fragments')} is a list: ${code(`fragments: [${name}]`)}.`
        : helpOnName(name, miss, listOf(known), known);
    },
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
    help: ({ name }) =>
      `Give that text a heading, say ${code(`under: <section>`)} beside ${code(`use: ${name}`)}, or place the fragment with ${code(`<!-- @fragment ${name} -->`)} on a line of its own.`,
  }),
  'fragment-empty': rule<{ name: string }>({
    severity: 'warning',
    message: ({ name }) => `Nothing of the fragment ${code(name)} is left to merge`,
    help: () => 'Write its text, leave less of it out, or take this reference out.',
  }),
  'fragment-key-unknown': rule<{ key: string; near?: string | undefined; known: readonly string[] }>({
    severity: 'warning',
    message: ({ key }) => `${code(key)} means nothing in a fragment`,
    label: ({ near }) => didYouMean(near),
    help: ({ known }) => `Keys of a fragment: ${known.join(', ')}.`,
  }),
  'fragment-conflict': rule<{ name: string; parameters: readonly string[] }>({
    severity: 'error',
    message: ({ name, parameters }) => `The fragment ${code(name)} is used twice, with other values for ${parameters.map(code).join(', ')}`,
    help: () => 'A fragment is merged once. Give both uses the same values, or make two fragments of it.',
  }),
  'section-not-found': rule<{ title: string; near?: string | undefined; known: readonly string[] }>({
    severity: 'error',
    message: ({ title }) => `The agent has no section ${code(title)} to put the fragment under`,
    label: ({ near }) => didYouMean(near),
    help: ({ known }) =>
      known.length > 0 ? `Sections: ${known.join(', ')}.` : 'The agent has no sections: write this one, or take `under` out.',
  }),
  'omit-unmatched': rule<{ text: string; name: string; near?: string | undefined }>({
    severity: 'error',
    message: ({ text, name }) => `Nothing in the fragment ${code(name)} says ${code(text)}, so nothing is left out`,
    label: ({ near }) => didYouMean(near),
    help: () => 'Name an item by its words or by its lead in bold, a paragraph by its words, or a section by its title.',
  }),
  'parameter-missing': rule<{ name: string; parameter: string }>({
    severity: 'error',
    message: ({ name, parameter }) => `The fragment ${code(name)} needs a value for ${code(parameter)}`,
    help: ({ name, parameter }) => `Write ${code(`- { use: ${name}, with: { ${parameter}: … } }`)} in ${code('fragments')}.`,
  }),
  'parameter-unknown': rule<{ name: string; parameter: string; near?: string | undefined; known: readonly string[] }>({
    severity: 'error',
    message: ({ name, parameter }) => `The fragment ${code(name)} has no parameter ${code(parameter)}`,
    label: ({ near }) => didYouMean(near),
    help: ({ known }) =>
      known.length > 0 ? `Its parameters: ${known.join(', ')}.` : 'It declares none; `params` in its front matter does.',
  }),
  'parameter-invalid': rule<{ name: string; parameter: string; expected: string }>({
    severity: 'error',
    message: ({ name, parameter, expected }) => `The value of ${code(parameter)} for the fragment ${code(name)} must be ${expected}`,
    help: () => 'A value is filled in as it is written. The default in `params` of the fragment says what kind it has.',
  }),
  'parameter-undeclared': rule<{ parameter: string; near?: string | undefined }>({
    severity: 'error',
    message: ({ parameter }) => `This fragment declares no parameter ${code(parameter)}`,
    label: ({ near }) => didYouMean(near),
    help: ({ parameter }) =>
      `Add ${code(parameter)} to ${code('params')}. Braces that are meant as text are written ${code('\\{{')} in a fragment with parameters.`,
  }),
  'parameters-invalid': rule<{ reason: string }>({
    severity: 'error',
    message: ({ reason }) => `The parameters of this fragment cannot be filled in: ${reason}`,
    help: () => 'The text of a fragment with `params` is a Handlebars template. Braces that are meant as text are written `\\{{`.',
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
    help: () => 'Directives: @fragment, @super, @only, @except, @variant, @end.',
  }),
  'directive-invalid': rule<{ word: string; expected: string }>({
    severity: 'error',
    message: ({ word, expected }) => `${code(`@${word}`)} needs ${expected}`,
    help: ({ word }) =>
      word === 'fragment' || word === 'super'
        ? `Write ${code(word === 'super' ? '<!-- @super -->' : '<!-- @fragment name -->')}.`
        : `Write ${code(`<!-- @${word} ${word === 'variant' ? 'concise full' : 'claude-code cursor'} -->`)}.`,
  }),
  'directive-out-of-place': rule<{ word: string }>({
    severity: 'error',
    message: ({ word }) => `${code(`@${word}`)} does nothing in a fragment`,
    help: ({ word }) =>
      word === 'fragment' ? 'A fragment brings others along by `fragments` in its front matter.' : 'A fragment extends nothing. Remove it.',
  }),
  'directive-unbalanced': rule<{ word: string }>({
    severity: 'error',
    message: ({ word }) => (word === 'end' ? '`@end` closes nothing' : `${code(`@${word}`)} is never closed`),
    help: ({ word }) =>
      word === 'end'
        ? 'Remove it, or open a block with @only, @except or @variant.'
        : 'Put `<!-- @end -->` on a line of its own after the block.',
  }),
  'directive-misplaced': rule<{ word: string }>({
    severity: 'error',
    message: ({ word }) => `${code(`@${word}`)} is not on a line of its own at the top level of the document`,
    help: () => 'Move it out of the list, quote or paragraph, to the start of a line.',
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

  // Outlines.
  'section-missing': rule<{ title: string; fragments: readonly string[]; targets: readonly string[] }>({
    severity: 'warning',
    message: ({ title, targets }) =>
      `The agent has no section ${code(title)}, which the outline of the project asks for${targets.length > 0 ? ` (${targets.join(', ')})` : ''}`,
    help: ({ title, fragments }) =>
      fragments.length > 0
        ? `The fragment ${fragments.map(code).join(' or ')} has it: name it in ${code('fragments')}. Or write the section.`
        : `No fragment of this project has it. Write a section ${code(title)}.`,
  }),
  'outline-unmatched': rule<{ folder?: string; tag?: string }>({
    severity: 'warning',
    message: ({ folder, tag }) => {
      const where = folder === undefined ? '' : ` in the folder ${code(folder)}`;
      return `A rule of ${code('outline')} holds for no agent: there is none${where}${tag === undefined ? '' : ` with ${code(tag)} in its ${code('tags')}`}`;
    },
    help: () => 'Correct the rule, or take it out. A folder is relative to the config; `tags` is a key of front matter.',
  }),
} satisfies { [name: string]: Rule<never> };
