import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
// Core registers no gradients under Node; the union package does, with 220 MB that nothing here needs. Built by `make
// setup`.
import "../../gradients/stock.js";

if (tf.getGradient("Conv3D") == null) {
  throw new Error("tensors: gradients/stock.js: expected the gradient of Conv3D to be registered, got none");
}

// Under Node the stock CPU backend prints an advertisement on its first write, unless it believes itself elsewhere.
tf.env().set("IS_NODE", false);

export { tf };
