#!/usr/bin/env node
import "@ensam/cli-segment/bin/ensam-segment.js";
