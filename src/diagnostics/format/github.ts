/** Messages as commands of GitHub Actions, which shows them beside the lines that they are about. */
import type { Diagnostic } from '../report.js';

/** What a message is about. Lines and columns count from 1. */
export interface Annotation {
  readonly severity: Diagnostic['severity'];
  readonly title: string;
  readonly message: string;
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

const COMMANDS = { error: 'error', warning: 'warning', info: 'notice' } as const;

/** One line for each annotation. https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
export function formatGithub(annotations: readonly Annotation[]): string {
  return annotations
    .map(({ severity, title, message, file, line, column, endLine, endColumn }) => {
      const properties = { file, line, endLine, col: column, endColumn: line === endLine ? endColumn : undefined, title };
      const said = Object.entries(properties).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${property(String(value))}`]));
      return `::${COMMANDS[severity]} ${said.join(',')}::${data(message)}\n`;
    })
    .join('');
}

/** A diagnostic as an annotation. */
export function toAnnotation({ severity, code, reason, help, file, place }: Diagnostic): Annotation {
  const range = place && ('start' in place ? place : { start: place, end: place });
  return {
    severity,
    title: `polyagent ${code}`,
    message: `${reason}\n${help}`,
    file,
    ...(range && {
      line: range.start.line,
      column: range.start.column,
      endLine: range.end.line,
      endColumn: range.end.column,
    }),
  };
}

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
