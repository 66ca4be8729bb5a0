#!/usr/bin/env node
import { runCommand } from "@ensam/core/command";
import { main } from "./phantoms/command.ts";

await runCommand(main);
