// Reads images with @itk-wasm/image-io in a thread of its own: what ITK prints, its exit codes and its crashes stay in here.
// Job {id, path, reader} in; answer {id, image} or {id, problem} out.
import { parentPort } from "node:worker_threads";

// (Capturing through the Worker's own `stdout: true` would keep the process from ending.)
let printed = "";
const keep = (chunk) => {
  printed += String(chunk);
  return true;
};
process.stdout.write = keep;
process.stderr.write = keep;
for (const method of ["log", "info", "warn", "error", "debug"])
  console[method] = (...words) => keep(`${words.join(" ")}\n`);

let queue = Promise.resolve();
parentPort.on("message", (job) => {
  queue = queue.then(() => answer(job));
});

async function answer({ id, path, reader }) {
  printed = "";
  try {
    const library = await import("@itk-wasm/image-io");
    const { couldRead, image } = await library[reader](path);
    const hasImage = couldRead && image?.data != null;
    parentPort.postMessage(hasImage ? { id, image: plain(image) } : { id, problem: reason(undefined) });
  } catch (error) {
    parentPort.postMessage({ id, problem: reason(error) });
  }
}

function plain({ imageType, origin, spacing, direction, size, data }) {
  return {
    componentType: imageType.componentType,
    components: imageType.components,
    size: [...size],
    spacing: [...spacing],
    origin: [...origin],
    direction: [...direction],
    data,
    warnings: complaint(),
  };
}

/** The last line that ITK meant for people, or the error's own words where they are words. */
function reason(error) {
  const own = error instanceof Error ? error.message.split("\n")[0] : "";
  return (
    complaint() ?? (/[a-z]{3}/i.test(own) && !/undefined|Debug mode/.test(own) ? own : "an image that ITK cannot read")
  );
}

function complaint() {
  const lines = printed.split("\n").map((line) => line.trim());
  const words = lines.filter(
    (line) => line !== "" && !/^(stdout|stderr|Exception while|Build module|File:|Line:)/.test(line),
  );
  return words.findLast((line) => /error|warning|fail|unable|invalid|corrupt|not /i.test(line)) ?? words.at(-1);
}
