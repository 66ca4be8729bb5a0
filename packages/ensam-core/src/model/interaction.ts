import { tf } from "../tensors/index.ts";
import type { ModelConfig } from "./config.ts";
import type { InteractionLayers, PlacedTokens } from "./layers.ts";
import { ngptLayers } from "./ngpt.ts";
import type { Parameters, Trace } from "./parameters.ts";
import { standardLayers } from "./standard.ts";

/** The layers of the configured kind of attention. */
export function interactionLayers(config: ModelConfig): InteractionLayers {
  return config.attention === "ngpt" ? ngptLayers : standardLayers;
}

/**
 * Image and prompts in conversation (ENSAM §2.2.3). In each block the prompts attend to one another, then to the image,
 * pass an MLP, and the image attends to the prompts.
 *
 * @returns  the image tokens [N, C] after the last block; those of the prompts are no longer needed
 */
export function interact(
  parameters: Parameters,
  config: ModelConfig,
  image: PlacedTokens,
  prompts: PlacedTokens,
  trace?: Trace,
): tf.Tensor {
  const { attention, mlp } = interactionLayers(config);
  return tf.tidy(() => {
    let x = image;
    let p = prompts;
    for (let b = 0; b < config.depth; b++) {
      const name = `interaction.blocks.${b}`;
      p = { ...p, tokens: attention(parameters, config, `${name}.self_attention`, p, p) };
      trace?.(`blocks.${b}.step1.prompt`, p.tokens);
      p = { ...p, tokens: attention(parameters, config, `${name}.prompt_to_image`, p, x) };
      trace?.(`blocks.${b}.step2.prompt`, p.tokens);
      p = { ...p, tokens: mlp(parameters, config, `${name}.mlp`, p.tokens) };
      trace?.(`blocks.${b}.step3.prompt`, p.tokens);
      x = { ...x, tokens: attention(parameters, config, `${name}.image_to_prompt`, x, p) };
      trace?.(`blocks.${b}.step4.image`, x.tokens);
    }
    return x.tokens;
  });
}
