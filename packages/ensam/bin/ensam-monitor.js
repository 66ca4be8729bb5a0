#!/usr/bin/env node
import "@ensam/cli-train/bin/ensam-monitor.js";
