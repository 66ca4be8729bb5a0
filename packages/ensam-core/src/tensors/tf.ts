import * as tf from "@tensorflow/tfjs";

// The union package is imported, not tfjs-core alone: only it registers the gradients of the stock operators.
if (tf.getGradient("Conv3D") == null) {
  throw new Error("tensors: @tensorflow/tfjs: expected the gradient of Conv3D to be registered, got none");
}

// Under Node the stock CPU backend prints an advertisement on its first write, unless it believes itself elsewhere.
tf.env().set("IS_NODE", false);

export { tf };
