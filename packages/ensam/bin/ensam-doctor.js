#!/usr/bin/env node
import "@ensam/cli-doctor/bin/ensam-doctor.js";
