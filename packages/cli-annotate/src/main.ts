import { defineCommand } from "@ensam/core/command";
import { type AnnotateOptions, annotateOptions } from "./options.ts";

export const main = defineCommand<AnnotateOptions>({
  name: "ensam-annotate",
  summary: "opens images in the browser: segment objects by clicks, boxes and a brush, and export their masks",
  description: [
    "The page is served on 127.0.0.1 only, on a free port and below a random token; the address is on standard error, with the ssh line that brings it to another machine. Ctrl-C ends it.",
    "Left click: inside the object; right or Alt click: outside. Every event is in the log beside the image (NAME.session.ndjson) before it is answered, so nothing is lost whatever ends the command; opened again, an image goes on where it was left. The image itself is never written.",
    "A folder stands for the images in it; a folder without images is read as a DICOM series.",
  ],
  examples: [
    { command: "ensam-annotate ct.nii.gz", doc: "One image in the browser, with the weights in the box." },
    {
      command: "ensam-annotate scans/ --model runs/a --sessions logs/ --no-open",
      doc: "All images of a folder, on a server without a screen.",
    },
    {
      command: "ensam-annotate --replay ct.session.ndjson --model runs/a -o mask.nii.gz > events.ndjson",
      doc: "A session again, event by event.",
    },
  ],
  positionals: {
    name: "IMAGE",
    doc: "Images as ensam-segment reads them, DICOM series, or folders of images.",
    many: true,
  },
  writes: ["annotation"],
  options: annotateOptions,
  run: async (context) => (await import("./annotate.ts")).annotate(context), // Not loaded for --help.
});
