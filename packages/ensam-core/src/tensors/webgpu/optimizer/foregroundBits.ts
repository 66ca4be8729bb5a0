import type { Program } from "../runtime/program.ts";
import { register, sizeOf } from "../runtime/register.ts";

export function registerForegroundBits(): void {
  register("EnsamForegroundBits", (backend, { logits, loss }) => {
    const count = sizeOf(logits!.shape);
    const words = Math.ceil(count / 32);
    const bits = backend.output([3 + words], "int32");
    // What is not there is bound to something that is, and not read.
    const buffers = { logits: logits!, loss: loss ?? logits!, bits };
    const parameters = { count, words, hasLoss: loss === undefined ? 0 : 1 };
    backend.run(program, buffers, parameters, Math.ceil(Math.max(3, words) / program.threads));
    return bits;
  });
}

/** The three numbers of the loss as they are, then a bit for each voxel. */
const program: Program = {
  key: "foregroundBits",
  reads: { logits: "f32", loss: "f32" },
  writes: { bits: "u32" },
  parameters: { count: "u32", words: "u32", hasLoss: "u32" },
  threads: 64,
  body: `
    if (index < 3u) {
      var number = 0.0;
      if (p.hasLoss == 1u) { number = loss[index]; }
      bits[index] = bitcast<u32>(number);
    }
    if (index >= p.words) { return; }
    var word = 0u;
    for (var i = 0u; i < 32u; i++) {
      let at = index * 32u + i;
      if (at < p.count) { if (logits[at] > 0.0) { word |= 1u << i; } }
    }
    bits[3u + index] = word;`,
};
