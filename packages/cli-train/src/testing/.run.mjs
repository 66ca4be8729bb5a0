import { runCommand } from "@ensam/core/command";
import { main } from "/work/main/packages/cli-train/src/main.ts";

await runCommand(main);
