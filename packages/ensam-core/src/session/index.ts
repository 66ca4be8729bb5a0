export { EventError } from "./eventError.ts";
export {
  type FlatRuns,
  type NumberedEvent,
  type SessionEvent,
  type Timeline,
  timelineOf,
} from "./events.ts";
export { flatRunsOf, labelRunsOf } from "./flatRuns.ts";
export {
  type ObjectReport,
  openSession,
  type Session,
  type SessionAnswer,
  type SessionOptions,
  type SessionReport,
} from "./session.ts";
export { largestLabel, type Prompt } from "./state.ts";
