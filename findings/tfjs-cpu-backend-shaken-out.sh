#!/usr/bin/env bash
# Bundling a Node program that imports TensorFlow.js' CPU backend for its effect leaves a program without that backend.
#
# A good guess: `import "@tensorflow/tfjs-backend-cpu"` is an import for its side effect, so a bundler keeps it.
# What happens: the package.json of @tensorflow/tfjs-backend-cpu 4.22.0 has a list of files with side effects that names the
#   ES modules (dist/index.js, dist/base.js, dist/register_all_kernels.js) but not its own `main`,
#   dist/tf-backend-cpu.node.js, which is what Node loads and a bundler for Node takes. rolldown 1.2.19 (platform "node")
#   believes the list and drops the file. Nothing is said: the bundle runs and finds no backend called cpu. With
#   treeshake: false the backend is there.
# Why it matters here: our bundle for GPU machines had a doctor that failed on every device, although the same program
#   passes unbundled.
# Source: package.json of @tensorflow/tfjs-backend-cpu 4.22.0, fields main and sideEffects.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
echo '{"type":"module","private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 rolldown@1.2.19
cat > program.js <<'JS'
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
console.log(tf.findBackendFactory("cpu") == null ? "no cpu backend" : "cpu backend");
JS
cat > bundle.js <<'JS'
import { rolldown } from "rolldown";
const [file, shaken] = process.argv.slice(2);
const build = await rolldown({ input: "program.js", platform: "node", logLevel: "silent", ...(shaken === "no" && { treeshake: false }) });
await build.write({ file, format: "esm" });
await build.close();
JS
expect() { [ "$2" = "$3" ] && echo "$1: $2" || { echo "$1: expected $3, got $2" >&2; exit 1; }; }
expect "as it is" "$(node program.js)" "cpu backend"
node bundle.js shaken.mjs yes; expect "bundled" "$(node shaken.mjs)" "no cpu backend"
node bundle.js whole.mjs no; expect "bundled without tree shaking" "$(node whole.mjs)" "cpu backend"
