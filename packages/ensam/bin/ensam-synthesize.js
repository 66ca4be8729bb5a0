#!/usr/bin/env node
import "@ensam/cli-synthesize/bin/ensam-synthesize.js";
