#!/usr/bin/env node
import "@ensam/cli-eval/bin/ensam-eval.js";
