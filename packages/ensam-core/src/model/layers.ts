import type { tf } from "../tensors/index.ts";
import type { ModelConfig } from "./config.ts";
import type { Parameters } from "./parameters.ts";

/** Tokens [N, C] and what `positionTable` says of their positions. */
export interface PlacedTokens {
  readonly tokens: tf.Tensor;
  readonly positions: tf.Tensor;
}

/** The layers that an interaction block is made of; `name` is the layer's prefix among the parameters. */
export interface InteractionLayers {
  /** Image tokens as the blocks take them, [N, C] -> [N, C]. */
  enter(tokens: tf.Tensor): tf.Tensor;
  /** Image tokens as the decoder takes them, [N, C] -> [N, C]. */
  leave(tokens: tf.Tensor): tf.Tensor;
  /** The tokens `to` after reading from `from`. */
  attention(parameters: Parameters, config: ModelConfig, name: string, to: PlacedTokens, from: PlacedTokens): tf.Tensor;
  mlp(parameters: Parameters, config: ModelConfig, name: string, tokens: tf.Tensor): tf.Tensor;
}
