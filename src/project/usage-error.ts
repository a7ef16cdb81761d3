/** Wrong use or a wrong config: the command ends with code 2 and this message. */
export class UsageError extends Error {
  /** The next thing to do. */
  readonly help: string;
  /** Absolute paths of files that may be to blame. */
  readonly files: readonly string[];

  constructor(message: string, help: string, files: readonly string[] = []) {
    super(message);
    this.help = help;
    this.files = files;
  }
}
