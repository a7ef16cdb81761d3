/** This repository's own agents: each compiles without a warning about its text, and backend-specialist has its five variants. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../src/compile.js';
import { FORMATS } from '../src/formats/index.js';
import { TARGETS } from '../src/targets/index.js';
import { filesBelow } from './project-files.js';

const FOLDER = path.join(import.meta.dirname, '../agents');
const read = (file: string): { path: string; content: Buffer } => ({
  path: `agents/${file}`,
  content: readFileSync(path.join(FOLDER, file)),
});
const names = filesBelow(FOLDER);
const { files, diagnostics, failed, variants } = compile(
  {
    agents: names.filter((file) => !file.startsWith('fragments/')).map(read),
    fragments: names
      .filter((file) => file.startsWith('fragments/'))
      .map((file) => ({ name: file.slice('fragments/'.length, -'.md'.length), ...read(file) })),
  },
  TARGETS,
);

/** What a reader of Claude Code's file sees: the header, and the titles of its top sections. */
function seen(variant: string): { header: { readonly [key: string]: unknown }; sections: string[]; body: string } {
  const file = files.find((one) => one.agent === 'backend-specialist' && one.target === 'claude-code' && one.variant === variant);
  const { header, body = '' } = FORMATS.yaml.read(file?.content ?? '');
  const prose = body.replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, '');
  return { header, body, sections: [...prose.matchAll(/^## (.+)$/gm)].map(([, title]) => title ?? '') };
}

const ALL_OUR_TOOLS = ['Read', 'Grep', 'Glob', 'Edit', 'Write', 'Bash', 'TodoWrite'];
const toolsIn = (tools: unknown): string[] => String(tools).split(', ');

describe('the agents of this repository', () => {
  it('compile for every target', () => {
    expect(failed).toEqual([]);
    expect(diagnostics.filter(({ code }) => /^(?:fragment|directive|parameter|omit|section|variant|base)/.test(code))).toEqual([]);
  });

  it('have five variants of one source', () => {
    expect(variants).toEqual(['default', 'standards', 'concise', 'collaborative', 'framework-aware', 'deep-dive']);
    for (const variant of variants.slice(1)) {
      const made = files.filter((file) => file.variant === variant);
      expect(new Set(made.map(({ source }) => source))).toEqual(new Set(['agents/backend-specialist.md']));
      expect(made.length).toBe(TARGETS.length);
    }
  });
});

describe('backend-specialist', () => {
  it('as `standards` follows written standards and looks things up', () => {
    const { header, sections, body } = seen('standards');
    expect(header).toMatchObject({ name: 'backend-specialist', model: 'inherit', color: 'yellow' });
    expect(header).not.toHaveProperty('tools');
    expect(sections).toEqual([
      'Core expertise',
      'Implementation workflow',
      'Technology patterns',
      'Research tools',
      'Standards compliance',
    ]);
    expect(body).toContain('docs/standards/');
    expect(body).toMatch(/^### 4\. Security first$/m);
  });

  it('as `concise` is short and ends with a numbered list of deliverables', () => {
    const { header, sections, body } = seen('concise');
    expect(header.model).toBe('inherit');
    expect(header).not.toHaveProperty('color');
    expect(toolsIn(header.tools).sort()).toEqual(['Bash', 'Edit', 'Glob', 'Grep', 'Read', 'Write']);
    expect(sections).toEqual([
      ...['Technical expertise', 'Development approach', 'Code standards', 'Performance', 'Best practices', 'Deliverables'],
    ]);
    expect(body).toMatch(/\n10\. \*\*Open points\*\*.*\n?$/);
    expect(body).toContain('85%');
    expect(Buffer.byteLength(body)).toBeLessThan(4500);
  });

  it('as `collaborative` has guidelines and says how to work with each colleague', () => {
    const { header, sections, body } = seen('collaborative');
    expect(Object.keys(header).sort()).toEqual(['description', 'name', 'tools']);
    expect(toolsIn(header.tools).sort()).toEqual(['Bash', 'Read', 'Write']);
    expect(sections).toEqual([
      ...['Communication guidelines', 'Technical expertise', 'Development workflow', 'Security best practices', 'Database management'],
      ...['API design principles', 'Performance optimization', 'Error handling and monitoring', 'Collaboration patterns'],
    ]);
    expect([...body.matchAll(/^### With /gm)]).toHaveLength(5);
    expect(body).not.toMatch(/^### Queries$/m);
  });

  it('as `framework-aware` has triggers, detects the framework, and reports in a fixed form', () => {
    const { header, sections, body } = seen('framework-aware');
    expect(header.model).toBe('sonnet');
    expect(header).not.toHaveProperty('color');
    expect(toolsIn(header.tools)).toEqual(expect.arrayContaining([...ALL_OUR_TOOLS, 'mcp__context7__get-library-docs']));
    expect(sections).toEqual([
      ...['Purpose', 'Universal rules', 'Available tools', 'Core responsibilities', 'Framework detection', 'Workflow'],
      ...['Authentication patterns', 'Performance optimization', 'Output format', 'Success metrics'],
    ]);
    expect(body).toMatch(/^### Auto-invocation triggers$/m);
    expect(body).toMatch(/^- ✅ /m);
    expect(body).toMatch(/\n---\n\n\*\*Key principle\*\*.*\n?$/);
  });

  it('as `deep-dive` has a budget, code for each subject, and a checklist', () => {
    const { header, sections, body } = seen('deep-dive');
    expect(header).toMatchObject({ model: 'sonnet', color: 'green' });
    expect(header).not.toHaveProperty('tools');
    expect(String(header.description).match(/<example>/g)).toHaveLength(2);
    expect(sections).toEqual([
      ...['Context self-assessment', 'Core mandate', 'Engineering standards', 'Node.js and Express', 'Database patterns'],
      ...['Python and FastAPI', 'Message queues and events', 'Error handling', 'Testing strategy', 'Monitoring and observability'],
      ...['Security best practices', 'Framework rules', 'Deliverables checklist'],
    ]);
    expect([...body.matchAll(/^- \[ \] /gm)]).toHaveLength(15);
    expect([...body.matchAll(/^```(?:typescript|python|sql)$/gm)].length).toBeGreaterThan(12);
  });
});
