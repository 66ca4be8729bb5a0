/** What the exit codes of every command mean. */
export const exitCodes = {
  done: 0,
  someFailed: 1,
  usage: 2,
  input: 3,
  device: 4,
  memory: 5,
  unexpected: 70,
  interrupted: 75,
  stopped: 130,
} as const;

/** The same, in words, for help and documentation. */
export const exitCodeMeanings: readonly (readonly [code: number, meaning: string])[] = [
  [exitCodes.done, "done"],
  [exitCodes.someFailed, "some cases failed, the others are written"],
  [exitCodes.usage, "wrong usage or configuration"],
  [exitCodes.input, "no input or no case can be used, or the output cannot be written"],
  [exitCodes.device, "the asked device or dependency is missing"],
  [exitCodes.memory, "out of memory"],
  [exitCodes.unexpected, "a mistake in the program"],
  [exitCodes.interrupted, "stopped on request, progress saved: run again to go on"],
  [exitCodes.stopped, "stopped at once"],
];

/** An error with an exit code. Its message reads `where: expected X, got Y`. */
export class CommandError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.exitCode = exitCode;
  }
}

/** Wrong flags, configuration or combination of them. */
export class UsageError extends CommandError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, exitCodes.usage, options);
  }
}

/** Input that cannot be used at all, or an output that cannot be written. */
export class InputError extends CommandError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, exitCodes.input, options);
  }
}

/** Stopped on request after saving what is done. */
export class Interrupted extends CommandError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, exitCodes.interrupted, options);
  }
}

/** The reader of our output has had enough (`head`): the command ends quietly. */
export class ReaderLeft extends CommandError {
  constructor() {
    super("the reader of the output has left", exitCodes.done);
  }
}
