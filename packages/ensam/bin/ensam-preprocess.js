#!/usr/bin/env node
import "@ensam/cli-preprocess/bin/ensam-preprocess.js";
