// Builds stock.js: the gradients of TensorFlow.js' own operators. Its core registers none under Node, and the file that would is
// written for bundlers (imports without extensions); importing the union package instead brings 220 MB of layers, converter and
// WebGL. Registry and engine are global to the process, so what is bundled here registers with the one core that is loaded.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const require = createRequire(import.meta.url);
const bundle = await rolldown({
  input: require.resolve("@tensorflow/tfjs-core/dist/register_all_gradients.js"),
  platform: "node",
});
await bundle.write({ file: fileURLToPath(new URL("stock.js", import.meta.url)), format: "esm" });
await bundle.close();
