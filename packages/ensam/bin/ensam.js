#!/usr/bin/env node
import { runCommand } from "@ensam/core/command";
import { main } from "../dist/main.js";

await runCommand(main);
