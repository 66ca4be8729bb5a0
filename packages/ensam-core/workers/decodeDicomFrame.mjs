// Decodes frames of the JPEG family with dcmjs-codecs, an optional package, in a thread of its own: what it prints and its crashes stay in here.
// Job {id, decoder, frame, packed} in; answer {id, pixels}, {id, problem} or {id, isMissing} out.
import { parentPort } from "node:worker_threads";

const decoders = {
  jpeg: "decodeJpeg",
  "jpeg-ls": "decodeJpegLs",
  "jpeg-2000": "decodeJpeg2000",
  htj2k: "decodeHtJpeg2000",
};

for (const stream of [process.stdout, process.stderr]) stream.write = () => true;
for (const method of ["log", "info", "warn", "error", "debug", "trace"]) console[method] = () => {};

let library;
async function open() {
  const loaded = (await import("dcmjs-codecs")).default;
  await loaded.NativeCodecs.initializeAsync();
  return loaded;
}

let queue = Promise.resolve();
parentPort.on("message", (job) => {
  queue = queue.then(() => answer(job));
});

async function answer({ id, decoder, frame, packed }) {
  try {
    library ??= await open();
    const context = new library.Context({
      width: frame.columns,
      height: frame.rows,
      bitsAllocated: frame.allocated,
      bitsStored: frame.stored,
      samplesPerPixel: 1,
      pixelRepresentation: frame.signed ? 1 : 0,
      planarConfiguration: 0,
      photometricInterpretation: "MONOCHROME2",
      encodedBuffer: packed,
    });
    const decoded = library.NativeCodecs[decoders[decoder]](context, {}).getDecodedBuffer();
    parentPort.postMessage({ id, pixels: new Uint8Array(decoded) });
  } catch (error) {
    const isMissing = library === undefined && /MODULE_NOT_FOUND/.test(error?.code ?? "");
    parentPort.postMessage({
      id,
      isMissing,
      problem: error instanceof Error ? error.message.split("\n")[0] : String(error),
    });
  }
}
