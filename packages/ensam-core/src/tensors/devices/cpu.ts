import { tf } from "../tf.ts";
import type { Device } from "./device.ts";

/** The stock TensorFlow.js backend in plain JavaScript, on one thread: the reference for all others, and slow. */
export async function openCpu(): Promise<Device> {
  await tf.setBackend("cpu");
  return { name: "cpu", description: "cpu: plain JavaScript on one thread", threads: 1, dispose: () => {} };
}
