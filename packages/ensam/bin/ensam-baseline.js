#!/usr/bin/env node
import "@ensam/cli-baseline/bin/ensam-baseline.js";
