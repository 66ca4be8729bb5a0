export { describeOnWebgpu } from "./software.ts";
