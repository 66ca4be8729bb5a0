#!/usr/bin/env node
import "@ensam/cli-serve/bin/ensam-serve.js";
