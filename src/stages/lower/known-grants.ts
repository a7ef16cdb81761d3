/** Grants are computed once for agents whose policies say the same: a project has a few policies, and many agents. */
import type { Capability, ToolPolicy, ToolRef } from '../../ir.js';
import type { Target } from '../../targets/target.js';
import { type Grant, grant } from './grant.js';

type ByTarget = Map<Target, Grant>;

/** The most policies that are kept in mind: a process that watches sees new ones for ever. */
const MOST = 500;

const bySaying = new Map<string, ByTarget>();
const byPolicy = new WeakMap<ToolPolicy, ByTarget>();

/** What `grant` computes. It is not looked up where other fields of the agent have a part in it. */
export function knownGrant(policy: ToolPolicy, target: Target, brought: readonly Capability[], servers: readonly string[]): Grant {
  if (brought.length > 0 || servers.length > 0) return grant(policy, target, brought, servers);
  const ofPolicy = grantsOf(policy);
  const known = ofPolicy.get(target);
  if (known) return known;
  const granted = grant(policy, target);
  ofPolicy.set(target, granted);
  return granted;
}

function grantsOf(policy: ToolPolicy): ByTarget {
  const known = byPolicy.get(policy);
  if (known) return known;
  const saying = sayingOf(policy);
  const grants: ByTarget = bySaying.get(saying) ?? new Map();
  byPolicy.set(policy, grants);
  if (bySaying.size >= MOST) bySaying.clear();
  bySaying.set(saying, grants);
  return grants;
}

/** All that a policy says, wherever it is written. */
const sayingOf = ({ allow, deny, ask, mixed, verbatim }: ToolPolicy): string =>
  JSON.stringify([allow === 'all' ? allow : allow.map(wordsOf), deny.map(wordsOf), ask?.map(wordsOf), mixed, verbatim]);

function wordsOf(ref: ToolRef): readonly (string | boolean | undefined)[] {
  switch (ref.kind) {
    case 'capability':
      return [ref.kind, ref.word.value, ref.name, ref.pattern];
    case 'mcp':
      return [ref.kind, ref.word.value, ref.server, ref.tool];
    case 'native':
      return [ref.kind, ref.word.value, ref.target, ref.name, ref.rule];
  }
}
