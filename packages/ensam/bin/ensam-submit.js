#!/usr/bin/env node
import "@ensam/cli-submit/bin/ensam-submit.js";
