/** What a person sees of `polyagent watch`: a line for each build that stays, and below them what is wrong now and the state. */
import path from 'node:path';
import { formatPretty } from '../../diagnostics/format/pretty.js';
import { visible } from '../../diagnostics/format/visible.js';
import type { Diagnostic } from '../../diagnostics/report.js';
import type { BuildResult } from '../../project/update.js';
import { UsageError } from '../../project/usage-error.js';
import type { Update } from '../../project/watch/watch.js';
import { type Arguments, type Terminal, wantsColor } from '../command.js';
import { summaryLines } from '../commands/build.js';
import { colorsFor, counted, hasFailed, sizeOf } from '../project-arguments.js';
import { createScreen } from '../screen.js';
import { changesOf, type Teller } from './teller.js';

/** How many changed paths a line names. */
const NAMED = 2;
/** What a project is made of. Other files beside it are told of only when they were the reason for something. */
const IS_SOURCE = /\.(?:md|hbs|[cm]?[jt]s|json)$/;

/** Makes a view. On a terminal what is wrong goes when it is mended; elsewhere it is printed once, when it is new. */
export function createWatchView(args: Arguments, terminal: Terminal): Teller {
  const { stdout, stderr, env, cwd } = terminal;
  const { quiet, verbose } = { quiet: args.values.quiet === true, verbose: args.values.verbose === true };
  const isLive = stdout.isTTY === true && env.TERM !== 'dumb' && !quiet;
  const messages = isLive ? stdout : stderr;
  const screen = createScreen(stdout, isLive);
  const colors = colorsFor(stdout, env);
  /** What the last build said. */
  let said = new Set<string>();
  let wasWrong = false;
  let ofConfig = '';
  let ofBuild = '';
  /** What is watched, and what is wrong with it. */
  let state: readonly string[] = [];
  let hookRuns = false;

  const pretty = (diagnostics: readonly Diagnostic[]): string =>
    formatPretty(diagnostics, { color: wantsColor(messages, env), width: messages.columns ?? 120, verbose });
  const plain = ({ message, help }: UsageError): string => `${colors.red('error')}: ${message}\nhelp: ${help}\n`;

  /** Prints above the state. A command that runs may have left the cursor anywhere. */
  function keep(text: string): void {
    if (hookRuns) screen.newLine();
    screen.print(text);
  }

  /** Prints a line, or a text with an empty line behind it. */
  function print(text: string): void {
    if (text === '') return;
    if (isLive) keep(text);
    else stdout.write(text);
  }

  /** Says what is wrong where it cannot be shown for a while: in a pipe, and while a command writes to the terminal. */
  function say(text: string): void {
    if (text === '') return;
    if (!isLive) messages.write(`${text}\n`);
    else if (hookRuns) keep(`${text}\n`);
  }

  function show(): void {
    const wrongs = [ofConfig, ofBuild].filter((text) => text !== '').map((text) => `\n${text}`);
    const words = [...state, ...(ofConfig === '' ? [] : ['config not read'])];
    screen.show(hookRuns ? '' : [...wrongs, colors.dim(`${words.join(', ')}. Ctrl-C ends.`)].join('\n'));
  }

  /** Notes what a build says, and says what is new in it. */
  function hear(outcome: BuildResult | UsageError, first: boolean): void {
    if (outcome instanceof UsageError) {
      ofBuild = plain(outcome);
      if (!said.has(ofBuild)) say(ofBuild);
      said = new Set([ofBuild]);
      return;
    }
    const isError = ({ severity }: Diagnostic): boolean => severity === 'error';
    // Of a small build only what is different is looked at: there may be thousands of messages.
    const { come, gone } = outcome.recent ?? { come: outcome.diagnostics, gone: [] };
    const fresh = come.filter((one) => !said.has(keyOf(one)) && (isError(one) || !quiet));
    // The warnings of the first build are read once, and scroll away.
    const kept = first && isLive ? fresh.filter((one) => !isError(one)) : [];
    const keptText = pretty(kept);
    if (keptText !== '') keep(`${keptText}\n`);
    say(pretty(fresh.filter((one) => !kept.includes(one))));
    ofBuild = pretty([...outcome.errors, ...fresh.filter((one) => !isError(one) && !kept.includes(one))]);
    if (!outcome.recent) said = new Set();
    for (const one of gone) said.delete(keyOf(one));
    for (const one of come) said.add(keyOf(one));
  }

  /** What is wrong after a build, in words; and whether any of it is new, or is about what was changed. */
  function wrongsOf({ changed, outcome }: Update): { readonly isOwn: boolean; readonly words: readonly string[] } {
    if (outcome instanceof UsageError) return { isOwn: true, words: [] };
    if (!hasFailed(outcome, args)) return { isOwn: false, words: [] };
    const isTouched = touchedBy(changed, cwd);
    const isOwn = (one: Diagnostic): boolean => !said.has(keyOf(one)) || isTouched(one.file);
    const { errors, failed } = outcome;
    const own = errors.filter(isOwn).length;
    const left = errors.length - own;
    if (errors.length > 0) {
      const words = [
        ...(own > 0 ? [counted(own, 'error')] : []),
        ...(left > 0 ? [`${counted(left, 'error')} ${left === 1 ? 'remains' : 'remain'}`] : []),
      ];
      return { isOwn: own > 0 || failed.some(isTouched), words };
    }
    const isNew = failed.some(isTouched) || outcome.diagnostics.some((one) => one.severity === 'warning' && isOwn(one));
    return { isOwn: isNew, words: [isNew ? 'warnings' : 'warnings remain'] };
  }

  /** `10:32:05 ✔ agents/reviewer.md` */
  function startOf(changed: readonly string[], isWrong: boolean): string {
    const at = colors.dim(new Date().toTimeString().slice(0, 8));
    return `${at} ${isWrong ? colors.red('✖') : colors.green('✔')} ${namesOf(changed, cwd)}`;
  }

  /** `10:32:05 ✔ agents/reviewer.md → 12 files in 14 ms` */
  function lineOf(update: Update): string {
    const { changed, ms, outcome } = update;
    const { written, removed } = changesOf(update);
    const done = [
      ...(written.length > 0 ? [counted(written.length, 'file')] : []),
      ...(removed.length > 0 ? [`${removed.length} removed`] : []),
    ];
    const nothing = outcome instanceof UsageError ? 'nothing built' : 'nothing to write';
    const { isOwn, words } = wrongsOf(update);
    const mood = [...words, ...(wasWrong && !isOwn && words.length === 0 ? ['mended'] : [])].map((word) => `, ${word}`).join('');
    return `${startOf(changed, isOwn)} → ${done.join(', ') || nothing} in ${Math.round(ms)} ms${mood}\n`;
  }

  return {
    updated(update) {
      const { changed, first, reloaded, outcome } = update;
      if (reloaded) {
        wasWrong ||= ofConfig !== '';
        ofConfig = '';
      }
      const isWrong = outcome instanceof UsageError || hasFailed(outcome, args);
      const changes = changesOf(update);
      const didNothing = changes.written.length + changes.removed.length === 0 && isWrong === wasWrong && !saysMore(outcome, said);
      const isSilent = quiet || first || (didNothing && !changed.some((file) => IS_SOURCE.test(file)));
      if (!isSilent) print(lineOf(update));
      hear(outcome, first);
      if (first && !quiet && !(outcome instanceof UsageError)) print(summaryLines(outcome, args, terminal, update.ms));
      wasWrong = isWrong;
      state = stateOf(outcome, args);
      show();
    },
    configBroken(error, changed) {
      const text = `${plain(error)}The config as it was before stays in use.\n`;
      if (!quiet) print(`${startOf(changed, true)} → not read\n`);
      if (text !== ofConfig) say(text);
      ofConfig = text;
      show();
    },
    unseen(error) {
      if (isLive) keep(`${plain(error)}\n`);
      else say(plain(error));
      show();
    },
    waiting(line) {
      if (quiet) return;
      if (isLive) keep(line);
      else stderr.write(line);
      show();
    },
    hookStarting() {
      // The one before was ended.
      if (hookRuns) screen.newLine();
      hookRuns = true;
      show();
    },
    hookEnded(result) {
      screen.newLine();
      hookRuns = false;
      const text = `on-rebuild: ${typeof result === 'number' ? `exit code ${result}` : result}`;
      if (!quiet || result !== 0) print(`${result === 0 ? colors.dim(text) : colors.red(text)}\n`);
      show();
    },
    restarting: () => print('Packages were installed: polyagent starts anew.\n'),
    ended() {
      if (hookRuns) screen.newLine();
      screen.show('');
    },
  };
}

/** A message as text, to know it again. */
const keyOf = ({ code, file, place, reason }: Diagnostic): string => JSON.stringify([code, file, place, reason]);

const saysMore = (outcome: BuildResult | UsageError, said: ReadonlySet<string>): boolean =>
  !(outcome instanceof UsageError) && (outcome.recent?.come ?? outcome.diagnostics).some((one) => !said.has(keyOf(one)));

/** Tells whether a file, by its path in messages, is among changed ones or below one. */
function touchedBy(changed: readonly string[], cwd: string): (file: string) => boolean {
  const touched = new Set(changed);
  return (file) => {
    let at = path.resolve(cwd, file);
    while (!touched.has(at) && path.dirname(at) !== at) at = path.dirname(at);
    return touched.has(at);
  };
}

/** `Watching 5 agents × 22 targets in agents`, `1 source not built` */
function stateOf(outcome: BuildResult | UsageError, args: Arguments): string[] {
  if (outcome instanceof UsageError) return ['Watching'];
  const { failed, folders } = outcome;
  const errors = outcome.errors.length;
  return [
    `Watching ${sizeOf(outcome, args)}${placeOf(folders)}`,
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(failed.length > 0 ? [`${counted(failed.length, 'source')} not built`] : []),
  ];
}

/** Where the sources are. */
function placeOf(folders: readonly string[]): string {
  const [first, ...others] = folders.map((folder) => visible(folder || '.'));
  return first === undefined || first === '.' || others.length > 0 ? '' : ` in ${first}`;
}

/** The changed paths, as many as a line has room for; without what editors write beside sources, and what lies in a folder that is named. */
function namesOf(changed: readonly string[], cwd: string): string {
  if (changed.length === 0) return 'looked again';
  const sources = changed.filter((file) => IS_SOURCE.test(file) || !path.extname(file));
  const named = sources.length > 0 ? sources : changed;
  const outermost = named.filter((file) => !named.some((other) => file.startsWith(`${other}${path.sep}`)));
  const more = outermost.length - NAMED;
  const names = outermost.slice(0, NAMED).map((file) => visible(path.relative(cwd, file) || '.'));
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
