// Runs ensam-train from its sources as a process of its own, for tests of signals: node --import registerTypeScript.mjs runSource.mjs
import { runCommand } from "@ensam/core/command";

const { main } = await import("../main.ts");
await runCommand(main);
