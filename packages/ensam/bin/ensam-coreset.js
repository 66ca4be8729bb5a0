#!/usr/bin/env node
import "@ensam/cli-coreset/bin/ensam-coreset.js";
