export { missing, sharedPath } from "./shared.ts";
