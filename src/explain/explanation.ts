/** What became of an agent, as data: the form of `polyagent explain --json`. Lines count from 1. */
import type { FateKind, OriginKind } from '../ir.js';
import type { Grant } from '../stages/lower/grant.js';
import type { Contribution } from '../stages/merge/contribution.js';

/** One agent, in one variant. */
export interface Explanation {
  /** The agent's id. */
  readonly agent: string;
  readonly name: string;
  /** The path of the source. */
  readonly path: string;
  /** Absent for the plain build. */
  readonly variant?: string;
  /** The files that it inherits from, the nearest first. */
  readonly bases: readonly string[];
  /** The fragments in it. */
  readonly fragments: readonly { readonly name: string; readonly path: string }[];
  readonly targets: readonly Outcome[];
  /** The prompts, each once: most targets get the same one. That of most targets comes first. */
  readonly prompts: readonly Prompt[];
}

/** What became of it in one target. */
export interface Outcome {
  readonly target: string;
  /** From the root of a project of the assistant's. Absent when nothing was written. */
  readonly file?: string;
  readonly size?: Size;
  /** The line of the file on which the prompt begins. Absent when it is not there letter by letter. */
  readonly promptLine?: number;
  /** Where the bytes of the file came from. Their sum is the file's. */
  readonly shares?: readonly Share[];
  readonly fields: readonly { readonly field: string; readonly fate: FateKind; readonly note?: string }[];
  /** Absent when the target cannot have the agent at all. */
  readonly tools?: Tools;
  /** The limits that are exceeded, or nearly. */
  readonly limits: readonly NearLimit[];
}

/** Tokens are an estimate: a quarter of the bytes. */
export interface Size {
  readonly bytes: number;
  readonly tokens: number;
}

/** What came from one place. */
export interface Share extends Size {
  /** `header`: a value of front matter, or its copy. The others are text of the prompt, but for `template`: the layout. */
  readonly kind: OriginKind | 'header';
  readonly path: string;
}

/** What was asked for, and what the assistant grants. */
export interface Tools extends Omit<Grant, 'entries'> {
  /** The words of the author's list; `all` without one. */
  readonly asked: 'all' | readonly string[];
  readonly denied: readonly string[];
}

export interface NearLimit {
  readonly field: 'description' | 'body';
  readonly characters: number;
  readonly limit: number;
  /** What the assistant does with more. */
  readonly effect: string;
}

/** One prompt, and the targets that get it. */
export interface Prompt extends Size {
  readonly targets: readonly string[];
  readonly sections: readonly Section[];
  /** Sections of fragments and bases of which nothing is there. */
  readonly unused: readonly Unused[];
}

/** A section of a prompt. Text before the first heading is a section without a title. */
export interface Section extends Size {
  readonly title?: string;
  /** 1 to 6; 0 for what stands before the first heading. */
  readonly depth: number;
  /** The lines of the prompt up to the next heading. Size and sources are those of these lines. */
  readonly lines: Lines;
  readonly from: readonly Source[];
  readonly parameters: readonly Parameter[];
  /** The sections below it. */
  readonly sections: readonly Section[];
}

/** The first and the last of some lines. */
export interface Lines {
  readonly first: number;
  readonly last: number;
}

/** A file that a section has text from. */
export interface Source {
  readonly kind: OriginKind;
  readonly path: string;
  /** Absent lines: the text of the file is not at hand. */
  readonly lines: readonly Lines[];
  /** What the file's sections came to which begin here. */
  readonly brought: readonly Brought[];
}

export interface Brought extends Pick<Contribution, 'how' | 'title' | 'into' | 'total' | 'present'> {
  readonly lines?: Lines;
}

/** A section of a fragment or base that brought nothing. */
export interface Unused extends Brought {
  readonly kind: OriginKind;
  readonly path: string;
}

/** A value that was put in for a name in a fragment. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
  /** Where the value is given. */
  readonly path: string;
  readonly line?: number;
}
