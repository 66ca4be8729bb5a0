import { defineCommand } from "@ensam/core/command";
import { type ServeOptions, serveOptions } from "./options.ts";

export const main = defineCommand<ServeOptions>({
  name: "ensam-serve",
  summary: "answers the viewers that people already use: clicks and boxes of 3D Slicer, napari and ITK-SNAP",
  description: [
    "One process and one port, on 127.0.0.1 unless told otherwise. Which viewer, which address to give it and what it can do: docs/viewers.md. Ctrl-C ends it.",
    "Images and masks are kept in memory, and are gone with their session or with the command.",
  ],
  examples: [
    { command: "ensam-serve --model runs/a", doc: "For viewers on this machine, at http://127.0.0.1:1527." },
    {
      command: "ENSAM_API_KEY=long-and-random ensam-serve --model runs/a --host 0.0.0.0",
      doc: "For a network, with a key: behind a proxy that speaks https, or the key can be read on the way.",
    },
  ],
  writes: [],
  options: serveOptions,
  run: async (context) => (await import("./serve.ts")).serve(context), // Not loaded for --help.
});
