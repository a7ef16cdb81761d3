/** Wrong use or a wrong config: the command ends with code 2 and this message. */
export class UsageError extends Error {
  /** The next thing to do. */
  readonly help: string;

  constructor(message: string, help: string) {
    super(message);
    this.help = help;
  }
}
