/** What another thread has read and looked at counts as if this one had. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createInputs, type InputRecord } from '../../src/project/cache/inputs.js';
import { createLooks, looksTheSame } from '../../src/project/cache/looks.js';

const SCRATCH = mkdtempSync(path.join(tmpdir(), 'polyagent-seen-'));
afterAll(() => rmSync(SCRATCH, { recursive: true, force: true }));

describe('inputs', () => {
  const record = (hash: string): InputRecord => ({ stamp: [1, 2, 3, 4], hash });

  it('are known that somebody else has read', () => {
    const inputs = createInputs(new Map());
    inputs.take(new Map([['/a', record('a')]]));
    expect([...inputs.records]).toEqual([['/a', record('a')]]);
  });

  it('are taken for changed when two read different bytes', () => {
    const inputs = createInputs(new Map());
    inputs.take(new Map([['/a', record('one')]]));
    inputs.take(new Map([['/a', record('one')]]));
    expect(inputs.records.get('/a')).toEqual(record('one'));
    inputs.take(new Map([['/a', record('another')]]));
    expect(inputs.records.get('/a')).toEqual({ stamp: undefined, hash: '' });
  });
});

describe('a file that changes while a build runs', () => {
  const file = path.join(SCRATCH, 'fragment.md');
  const CHANGED: InputRecord = { stamp: undefined, hash: '' };

  it('is taken for changed when it was read before and after', () => {
    writeFileSync(file, 'one');
    const first = createInputs(new Map());
    first.read(file);
    const inputs = createInputs(first.records);
    inputs.open(file);
    writeFileSync(file, 'another');
    inputs.read(file);
    inputs.read(file);
    expect(inputs.records.get(file)).toEqual(CHANGED);
  });

  it.each(['before', 'after'])('is taken for changed when another thread read it %s', (when) => {
    writeFileSync(file, 'one');
    const [inputs, others] = [createInputs(new Map()), createInputs(new Map())];
    (when === 'before' ? others : inputs).read(file);
    writeFileSync(file, 'another');
    if (when === 'before') {
      inputs.take(others.records);
      inputs.read(file);
    } else {
      others.read(file);
      inputs.take(others.records);
    }
    expect(inputs.records.get(file)).toEqual(CHANGED);
  });
});

describe('looks', () => {
  it('are as wide as those of both', () => {
    const [own, others] = [createLooks(), createLooks()];
    mkdirSync(path.join(SCRATCH, 'folder'));
    others.namesIn(path.join(SCRATCH, 'folder'), '.md');
    others.kindOf(path.join(SCRATCH, 'nothing'));
    own.take(others);
    expect(looksTheSame(own)).toBe(true);
    writeFileSync(path.join(SCRATCH, 'folder/a.md'), '');
    expect(looksTheSame(own)).toBe(false);
    rmSync(path.join(SCRATCH, 'folder/a.md'));
    expect(looksTheSame(own)).toBe(true);
    mkdirSync(path.join(SCRATCH, 'nothing'));
    expect(looksTheSame(own)).toBe(false);
  });
});
