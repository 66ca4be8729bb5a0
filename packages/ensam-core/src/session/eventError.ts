/**
 * An event that cannot be: it was refused and changed nothing. The message is for the user, `what: expected X, got Y`.
 */
export class EventError extends RangeError {
  override readonly name = "EventError";
  /** The number of the event, where it is one of a list that is played again. */
  readonly n?: number;

  constructor(message: string, n?: number) {
    super(message);
    if (n !== undefined) this.n = n;
  }
}

/** An error about one event of a list, with the event's number where it is a refusal. */
export function atEvent(error: unknown, n: number): unknown {
  return error instanceof EventError ? new EventError(error.message, n) : error;
}
