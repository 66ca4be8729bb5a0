#!/usr/bin/env node
import "@ensam/cli-annotate/bin/ensam-annotate.js";
