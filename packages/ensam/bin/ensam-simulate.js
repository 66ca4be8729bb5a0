#!/usr/bin/env node
import "@ensam/cli-simulate/bin/ensam-simulate.js";
