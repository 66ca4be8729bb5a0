#!/usr/bin/env node
import { runCommand } from "@ensam/core/command";
import { main } from "../dist/monitor/main.js";

await runCommand(main);
