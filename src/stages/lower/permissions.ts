/** A policy as a map from tools to permissions. */
import type { Capability, Json, ToolPolicy } from '../../ir.js';
import type { PermissionMap, Target, ToolRule } from '../../targets/target.js';
import { idOf } from '../normalize/names.js';
import type { Asked } from './asked.js';
import { sayDenials, sayServers, spell } from './mcp-tools.js';
import { idsOf, isBlocked, isNative, noPatterns, ownNatives, type Tally, tallyUp } from './tally.js';

export function sayAsPermissions(
  asked: Asked,
  policy: ToolPolicy,
  rule: ToolRule,
  map: PermissionMap,
  target: Target,
  tally: Tally,
): [key: string, value: Json][] {
  const open = policy.allow === 'all';
  // Names come from authors: a plain object would take `__proto__` for its own.
  const permission = new Map<string, Json>(open ? [] : [['*', 'deny']]);
  for (const capability of asked.denied) {
    for (const id of idsOf(rule, capability)) if (open) permission.set(id, 'deny');
  }
  for (const [capability, patterns] of asked.capabilities) {
    const ids = idsOf(rule, capability);
    const exceptions = asked.exceptions.get(capability) ?? [];
    const style = map.patterns[capability];
    if (ids.length === 0) continue;
    if (isBlocked(asked, capability, rule, (other) => !map.patterns[other])) {
      tally.whyLost.add(`${target.title} has one key for several of these, and one of them is denied or limited.`);
      if (open) for (const id of ids) permission.set(id, 'deny');
      continue;
    }
    // An object of JavaScript puts keys that look like numbers first, and here the order decides.
    const unsayable = [...patterns, ...exceptions].some((pattern) => patternKeys(pattern, style, 'allow').some((key) => /^\d+$/.test(key)));
    if (patterns.length + exceptions.length > 0 && (!style || unsayable)) {
      tally.whyLost.add(noPatterns(target));
      if (open) for (const id of ids) permission.set(id, 'deny');
      continue;
    }
    for (const id of ids) {
      if (patterns.length + exceptions.length > 0) {
        // The last match wins, so the rest comes first.
        const action = (pattern?: string): Json => (isAsked(policy, capability, pattern) ? 'ask' : 'allow');
        const rules = new Map<string, Json>([['*', patterns.length > 0 ? 'deny' : action()]]);
        for (const pattern of patterns) for (const key of patternKeys(pattern, style, 'allow')) rules.set(key, action(pattern));
        for (const pattern of exceptions) for (const key of patternKeys(pattern, style, 'deny')) rules.set(key, 'deny');
        permission.set(id, Object.fromEntries(rules));
      } else if (isAsked(policy, capability)) permission.set(id, 'ask');
      else if (!open && !permission.has(id)) {
        const guards = map.guards?.[capability];
        permission.set(id, guards ? { '*': 'allow', ...guards } : 'allow');
      }
      tallyUp(tally, rule, id, capability, patterns.length + exceptions.length > 0);
    }
  }
  if (!open) for (const id of sayServers(asked, rule.mcp, true, target, tally)) permission.set(id, 'allow');
  for (const ref of policy.ask ?? []) if (ref.kind === 'mcp') for (const id of spell(rule.mcp, ref)) permission.set(id, 'ask');
  for (const id of sayDenials(asked, rule.mcp, open, tally)) permission.set(id, 'deny');
  for (const ref of ownNatives(asked, target, tally)) {
    permission.set(ref.name, policy.ask?.some((one) => one.kind === 'native' && one.name === ref.name) ? 'ask' : 'allow');
  }
  for (const ref of asked.nativesDenied) if (isNative(ref, target)) permission.set(ref.name, 'deny');
  return permission.size > 0 ? [[map.key, Object.fromEntries(permission)]] : [];
}

/**
 * A pattern in the words of a permission map. `git diff:*` is Claude Code's older spelling for `git diff` with or without
 * more words; a denial of it is taken as widely as it can be read. `Agent(a, b)` names two agents, by their files.
 */
function patternKeys(pattern: string, style: 'glob' | 'names' | undefined, action: 'allow' | 'deny'): string[] {
  if (style === 'names') return pattern.split(',').flatMap((name) => fileNames(name.trim()));
  const [, start] = /^(.*):\*$/s.exec(pattern) ?? [];
  if (start === undefined) return [pattern];
  return action === 'deny' ? [`${start}*`] : [start, `${start} *`];
}

/** What an agent's file is called. A pattern over names stays one, and a name that no file can have stays as it is. */
function fileNames(name: string): string[] {
  return name === '' ? [] : [/[*?]/.test(name) ? name : idOf(name) || name];
}

/** Whether a person is asked about a capability: in some of its uses, or in all. */
function isAsked({ ask }: ToolPolicy, capability: Capability, pattern?: string): boolean {
  return (
    ask?.some((ref) => ref.kind === 'capability' && ref.name === capability && (ref.pattern === undefined || ref.pattern === pattern)) ===
    true
  );
}
