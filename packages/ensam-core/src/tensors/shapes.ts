import type { tf } from "./tf.ts";

/** A tensor of a shape that an operator cannot take. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/**
 * Checks a tensor's shape against a pattern: a number must be met, a letter stands for any length but the same one
 * wherever it appears. Returns the length of each letter.
 *
 * @param where    the operator, the first word of the error
 * @param tensors  each tensor by its argument's name, with its pattern
 */
export function expectShapes<Letter extends string>(
  where: string,
  tensors: Record<string, readonly [tensor: tf.Tensor, pattern: readonly (number | Letter)[]] | undefined>,
): Record<Letter, number> {
  const lengths = new Map<Letter, number>();
  for (const [name, entry] of Object.entries(tensors)) {
    if (entry === undefined) continue;
    const [tensor, pattern] = entry;
    const matches =
      tensor.rank === pattern.length &&
      pattern.every((wanted, axis) => {
        const length = tensor.shape[axis]!;
        if (typeof wanted === "number") return length === wanted;
        if (!lengths.has(wanted)) lengths.set(wanted, length);
        return lengths.get(wanted) === length;
      });
    if (!matches) fail(where, name, tensor, pattern, lengths);
  }
  return Object.fromEntries(lengths) as Record<Letter, number>;
}

function fail<Letter extends string>(
  where: string,
  name: string,
  tensor: tf.Tensor,
  pattern: readonly (number | Letter)[],
  lengths: ReadonlyMap<Letter, number>,
): never {
  const known = pattern.filter((wanted) => typeof wanted !== "number" && lengths.has(wanted)) as Letter[];
  const legend = tensor.rank === pattern.length ? known.map((letter) => `${letter} = ${lengths.get(letter)}`) : [];
  const note = legend.length > 0 ? ` with ${[...new Set(legend)].join(", ")}` : "";
  throw new ShapeError(`${where}: ${name}: expected [${pattern.join(", ")}]${note}, got [${tensor.shape.join(", ")}]`);
}
