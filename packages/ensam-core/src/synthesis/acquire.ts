import { type Grid, percentiles, type RandomStream } from "../voxels/index.ts";
import { blur } from "./blur.ts";
import { smoothField } from "./smoothField.ts";
import type { Style } from "./style.ts";

/** The image that a scanner of this style makes of a signal: blurred, biased, noisy, in 256 grey levels. Changes `signal`. */
export function acquire(signal: Grid<Float32Array>, style: Style, random: RandomStream): Grid<Uint8Array> {
  const { data, shape } = signal;
  if (style.noise === "speckle") addSpeckle(data, style.noiseLevel, random);
  blur(data, shape, [style.blurZ, style.blur, style.blur]);
  addBias(signal, style.bias, random);
  addNoise(data, style, random);
  return { data: toGreyLevels(data, style), shape };
}

function addBias({ data, shape }: Grid<Float32Array>, strength: number, random: RandomStream): void {
  if (strength < 0.01) return;
  const field = smoothField(random);
  const scale = random.uniform(0.7, 1.8) / Math.max(...shape);
  let index = 0;
  for (let z = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      for (let x = 0; x < shape[2]; x++, index++) {
        data[index]! *= Math.exp(strength * field(z * scale, y * scale, x * scale));
      }
    }
  }
}

/** Interference of unresolved scatterers: the amplitude varies as much as it is high (Rayleigh where `level` is about 0.5). */
function addSpeckle(data: Float32Array, level: number, random: RandomStream): void {
  for (let i = 0; i < data.length; i++) {
    const real = 1 + level * random.normal();
    const imaginary = level * random.normal();
    data[i] = Math.max(0, data[i]!) * Math.sqrt(real * real + imaginary * imaginary);
  }
}

function addNoise(data: Float32Array, { noise, noiseLevel, isCutOut }: Style, random: RandomStream): void {
  for (let i = 0; i < data.length; i++) {
    const signal = data[i]!;
    if (isCutOut && signal === 0) continue;
    const drawn = noiseLevel * random.normal();
    switch (noise) {
      case "gaussian":
        data[i] = signal + drawn;
        break;
      case "rician":
        data[i] = Math.hypot(signal + drawn, noiseLevel * random.normal());
        break;
      case "poisson": // Its variance grows with the signal.
        data[i] = signal + drawn * Math.sqrt(Math.max(0.05, signal));
        break;
      case "speckle":
        data[i] = signal + 0.1 * drawn;
        break;
    }
  }
}

function toGreyLevels(data: Float32Array, { clip, isInverted, isCutOut, gamma }: Style): Uint8Array {
  const [low, high] = percentiles(data, [100 * clip[0], 100 * (1 - clip[1])]) as [number, number];
  const floor = isCutOut ? Math.min(0, low) : low;
  const range = Math.max(1e-6, high - floor);
  const out = new Uint8Array(data.length);
  for (let i = 0; i < out.length; i++) {
    if (isCutOut && data[i] === 0) continue;
    const part = Math.min(1, Math.max(0, (data[i]! - floor) / range)) ** gamma;
    out[i] = Math.round(255 * (isInverted ? 1 - part : part));
  }
  return out;
}
