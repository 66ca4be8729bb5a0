#!/usr/bin/env node
import "@ensam/cli-info/bin/ensam-info.js";
