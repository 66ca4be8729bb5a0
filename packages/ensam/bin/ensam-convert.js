#!/usr/bin/env node
import "@ensam/cli-convert/bin/ensam-convert.js";
