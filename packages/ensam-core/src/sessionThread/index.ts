export { type LoggedSession, openLoggedSession } from "./loggedSession.ts";
export {
  eventRefused,
  expectSameImage,
  openSessionLog,
  readSessionLog,
  type SessionHeader,
  type SessionLog,
} from "./sessionLog.ts";
export {
  type SessionThread,
  startSessionThread,
  type ThreadSession,
} from "./sessionThread.ts";
export type { SessionImage, ThreadSettings } from "./threadMessages.ts";
