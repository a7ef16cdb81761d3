/**
 * Every diagnostic: its permanent code, its severity, and its text. The texts of polyagent stand in this table, those about
 * reading a source in source-rules.ts, about putting an agent together in composition-rules.ts, and nowhere else.
 *
 * A message says what is wrong, a label (under the caret) says what is wrong with this value, help says what to do next.
 * Names stand in backticks; positions are not repeated, they are printed beside the message.
 */
import { groupBy } from '../group-by.js';
import { COMPOSITION_RULES } from './composition-rules.js';
import { code, didYouMean, perTarget, type Rule, rule, type Severity } from './rule.js';
import { SOURCE_RULES } from './source-rules.js';

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
  ...SOURCE_RULES,
  ...COMPOSITION_RULES,

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
  'name-unusable': rule<{ name: string; rules: readonly { readonly target: string; readonly takes?: string | undefined }[] }>({
    severity: 'error',
    message: ({ name, rules }) => `${rules.map(({ target }) => target).join(', ')} cannot have an agent called ${code(name)}`,
    help: ({ rules }) => {
      const known = [...groupBy(rules, ({ takes }) => takes ?? '')].filter(([takes]) => takes !== '');
      const said = known.map(([takes, same]) => `${same.map(({ target }) => target).join(', ')}: ${takes}. `);
      return `${said.join('')}Rename the agent, or set ${code(`targets: { ${rules[0]?.target}: { name: … } }`)}.`;
    },
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
  'name-shadows': rule<{ name: string; targets: readonly string[] }>({
    severity: 'warning',
    message: ({ name, targets }) => `An agent of ${targets.join(', ')} itself is called ${code(name)}, and this one takes its place there`,
    help: ({ targets }) => `Nothing to do when that is meant. Otherwise set ${code(`targets: { ${targets[0]}: { name: … } }`)}.`,
  }),
  'listed-twice': rule<{ names: { readonly [target: string]: readonly string[] } }>({
    severity: 'warning',
    message: ({ names }) => `Some assistants read other assistants' files too, and list this agent under two names (${perTarget(names)})`,
    help: () => 'Give it one name everywhere, of lower-case letters, digits and hyphens, or leave one of these targets out.',
  }),
  'tools-always-on': rule<{ gained: { readonly [target: string]: readonly string[] } }>({
    severity: 'info',
    message: ({ gained }) => `Some targets give these to every agent (${perTarget(gained)})`,
    help: () => 'No agent file can take them away there.',
  }),

  'target-unknown': rule<{ name: string; near?: string | undefined; known: readonly string[] }>({
    severity: 'error',
    message: ({ name }) => `There is no target called ${code(name)}`,
    label: ({ near }) => didYouMean(near),
    help: ({ known }) => `Targets: ${known.join(', ')}.`,
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
    help: ({ effect, field, target }) =>
      field === 'body'
        ? `${effect} Shorten it, or cut it for this target with @except.`
        : `${effect} Shorten it, or set ${code(`targets: { ${target}: { ${field}: … } }`)}.`,
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
  'output-foreign': rule<{ path: string; gone: boolean; part?: string | undefined }>({
    severity: 'error',
    message: ({ path, part }) =>
      part === undefined ? `${code(path)} exists and was not written by polyagent` : `${code(part)} in ${code(path)} is not polyagent's`,
    help: ({ part }) =>
      part === undefined
        ? 'Move the file away, or run `polyagent build --force` to replace it.'
        : `Take ${code(part)} out of the file, rename the agent, or run ${code('polyagent build --force')} to replace it.`,
  }),
  'output-hidden': rule<{ path: string; key: string }>({
    severity: 'warning',
    message: ({ path, key }) => `${code(path)} has the key ${code(key)}, so the program does not look for the agents that are written`,
    help: ({ key }) => `Take ${code(key)} out of it, or see that it names the agents' files.`,
  }),
  'output-edited': rule<{ path: string; gone: boolean; part?: string | undefined }>({
    severity: 'error',
    message: ({ path, gone, part }) =>
      `${part === undefined ? code(path) : `${code(part)} in ${code(path)}`} was edited after polyagent wrote it${gone ? ', and is not made any more' : ''}`,
    help: ({ gone, part }) => {
      if (!gone) return 'Carry the edit over into the source, or run `polyagent build --force` to replace it.';
      return part === undefined
        ? 'Save the edit elsewhere and delete the file, or run `polyagent build --force` to delete it.'
        : `Save the edit elsewhere and take ${code(part)} out of the file, or run ${code('polyagent build --force')} to take it out.`;
    },
  }),
  'output-is-source': rule<{ path: string; twin?: string | undefined }>({
    severity: 'error',
    message: ({ path, twin }) =>
      twin === undefined
        ? `${code(path)} is one of the sources`
        : `${code(path)} would be a second agent of one name beside its source ${code(twin)}`,
    help: ({ path, twin }) =>
      twin === undefined
        ? 'Give the target another `outDir` in the config, or choose another folder for all of them with --out.'
        : `Rename ${code(twin)} to ${code(path)}, or change its \`name\` so that both agree; or give the target another \`outDir\` in the config.`,
  }),
  'output-left': rule<{ path: string; part?: string | undefined; why: 'replacement' | 'adopted' }>({
    severity: 'warning',
    message: ({ path, part, why }) => {
      const what = part === undefined ? code(path) : `${code(part)} in ${code(path)}`;
      return why === 'adopted'
        ? `Nothing is made into ${what} any more, and it stays: it was there before polyagent`
        : `${what} is left over, and stays until the output that takes its place is written`;
    },
    help: ({ why }) =>
      why === 'adopted' ? 'Delete it, if it is to go with its source.' : 'Mend what keeps that from being written, and build again.',
  }),
  'output-outside': rule<{ path: string; link: string; leads: string; shared?: true | undefined }>({
    severity: 'error',
    message: ({ path, link, leads }) =>
      path === link
        ? `${code(path)} is a symbolic link to ${code(leads)}`
        : `${code(path)} lies behind ${code(link)}, a symbolic link to ${code(leads)}`,
    help: ({ path, link, leads, shared }) => {
      if (shared && path === link)
        return `polyagent writes through no link. Make ${code(path)} the file and ${code(leads)} a link to it, or put a copy in its place.`;
      return path === link
        ? 'polyagent writes through no link. Delete it, and run again.'
        : `polyagent writes only into its output folder. Put a folder in the place of ${code(link)}.`;
    },
  }),
  'outputs-elsewhere': rule({
    severity: 'warning',
    message: () => 'This lists files of an earlier build, in a place where the config has none any more',
    help: () =>
      'They stay: without a config, or with one that reads the environment or imports files, they may be wanted. Delete what the list names, and the list; or set `outputs-elsewhere` to `off` in `rules`.',
  }),
  'output-blocked': rule<{ path: string; reason: string; shared?: true | undefined; meanwhile?: true | undefined }>({
    severity: 'error',
    message: ({ path, reason }) => `${code(path)} cannot be written: ${reason}`,
    help: ({ shared, meanwhile }) => {
      if (meanwhile) return 'Look at the file and run the build again: it is judged by what it is then.';
      return shared
        ? 'Mend the file, or move it away, and run again.'
        : 'Clear the way (permissions, disk space, a folder of that name) and run again.';
    },
  }),
} satisfies { [name: string]: Rule<never> };

/** The permanent name of a kind of diagnostic. */
export type Code = keyof typeof RULES;

/** The data that a diagnostic of this code carries. */
export type DataOf<C extends Code> = C extends Code ? OrNothing<Parameters<(typeof RULES)[C]['message']>[0]> : never;

// A rule without holes is inferred as one with impossible data.
type OrNothing<Data> = [Data] extends [never] ? Record<never, never> : Data;
