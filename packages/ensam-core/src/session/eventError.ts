/**
 * An event that cannot be: it was refused and changed nothing. The message is for the user, `what: expected X, got Y`.
 */
export class EventError extends RangeError {
  override readonly name = "EventError";
}
