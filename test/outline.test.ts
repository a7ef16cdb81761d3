/** Sections that a project wants its agents to have: `outline` of the config. */
import { describe, expect, it } from 'vitest';
import { type CompileOptions, compile, type Sources } from '../src/compile.js';
import { TARGETS } from '../src/targets/index.js';

const targets = TARGETS.filter(({ name }) => name === 'claude-code' || name === 'codex');
const agent = (path: string, body: string, keys = ''): { path: string; content: string } => ({
  path,
  content: `---\nname: ${/([\w-]+)\.md$/.exec(path)?.[1]}\ndescription: "Use for tests."\n${keys}---\n${body}`,
});

/** What is missing, as `file: title (targets) <fragments>`. */
function missing(sources: Sources, outline: CompileOptions['outline'], root = ''): string[] {
  const { diagnostics } = compile(sources, targets, { outline: outline ?? [], root });
  return diagnostics
    .filter(({ code }) => code === 'section-missing')
    .map(({ file, data }) => `${file}: ${data.title} (${[data.targets].flat().join(' ')}) <${[data.fragments].flat().join(' ')}>`);
}

describe('an outline', () => {
  const sources: Sources = {
    agents: [
      agent('agents/a.md', 'Text.\n\n## 1. Workflow!\n\nSteps.\n', 'tags: [service, core]\n'),
      agent('agents/web/b.md', 'Text.\n', 'tags: page, core\n'),
      agent('agents/website.md', 'Text.\n'),
    ],
    fragments: [
      { name: 'flow', path: 'agents/fragments/flow.md', content: '## Workflow\n\n- One step\n' },
      { name: 'steps', path: 'agents/fragments/steps.md', content: '---\nalso-known-as: Workflow\n---\n## Steps\n\n- One step\n' },
      { name: 'tone', path: 'agents/fragments/tone.md', content: '## Tone\n\n- Kind\n' },
    ],
  };

  it('for all agents names those that lack a section, and the fragments that have it', () => {
    expect(missing(sources, [{ sections: ['Workflow'] }])).toEqual([
      'agents/web/b.md: Workflow () <flow steps>',
      'agents/website.md: Workflow () <flow steps>',
    ]);
  });

  it('knows the title of a fragment by its text, however it is written', () => {
    const fragments = [
      { name: 'link', path: 'agents/fragments/link.md', content: '## [Safety](http://x.example/a)\n\n- One\n' },
      { name: 'under', path: 'agents/fragments/under.md', content: 'Safety\n---\n\n- One\n' },
      { name: 'entity', path: 'agents/fragments/entity.md', content: '## S&#97;fety\n\n- One\n' },
    ];
    expect(missing({ ...sources, agents: sources.agents.slice(2), fragments }, [{ sections: ['Safety'] }])).toEqual([
      'agents/website.md: Safety () <link under entity>',
    ]);
  });

  it('for a folder holds for what is in it and below, and not beside it', () => {
    expect(missing(sources, [{ sections: ['Tone'], folder: 'agents/web/' }])).toEqual(['agents/web/b.md: Tone () <tone>']);
    expect(missing(sources, [{ sections: ['Tone'], folder: '.' }])).toHaveLength(3);
    expect(missing(sources, [{ sections: ['Tone'], folder: './web' }], 'agents')).toEqual(['agents/web/b.md: Tone () <tone>']);
  });

  it('for a tag holds for agents with it, as a list or as words', () => {
    expect(missing(sources, [{ sections: ['Tone'], tag: 'core' }])).toHaveLength(2);
    expect(missing(sources, [{ sections: ['Tone'], tag: 'cor' }])).toEqual([]);
  });

  it('counts what fragments and bases bring, and sections below others', () => {
    const brought: Sources = {
      ...sources,
      agents: [
        agent('agents/by-fragment.md', 'Text.\n', 'fragments: [flow]\n'),
        agent('agents/by-base.md', 'Text.\n', 'extends: engineer\n'),
        agent('agents/nested.md', 'Text.\n\n## Work\n\n### Workflow\n\nSteps.\n'),
        agent('agents/in-code.md', 'Text.\n\n```md\n## Workflow\n```\n'),
      ],
      bases: [{ path: 'agents/_engineer.md', content: '## Workflow\n\nSteps.\n' }],
    };
    expect(missing(brought, [{ sections: ['Workflow'] }])).toEqual(['agents/in-code.md: Workflow () <flow steps>']);
  });

  it('names the targets that lack a section which others have', () => {
    const limited: Sources = { agents: [agent('agents/a.md', 'Text.\n\n<!-- @only codex -->\n## Tone\n\nKind.\n<!-- @end -->\n')] };
    expect(missing(limited, [{ sections: ['Tone'] }])).toEqual(['agents/a.md: Tone (claude-code) <>']);
  });

  it('tells of a rule that holds for no agent, unless the agent may be one that is not there', () => {
    const rules = [{ sections: ['Steps'], tag: 'none' }];
    const told = (more: CompileOptions, agents = sources.agents): number =>
      compile({ ...sources, agents }, targets, { outline: rules, ...more }).diagnostics.filter(({ code }) => code === 'outline-unmatched')
        .length;
    expect(told({})).toBe(1);
    expect(told({ partial: true })).toBe(0);
    expect(told({ onlyVariants: ['default'] })).toBe(0);
    expect(told({}, [...sources.agents, { path: 'agents/broken.md', content: 'Text.\n' }])).toBe(0);
  });
});
