import { expect, test } from "vitest";
import {
  checkpointCandidates,
  ensamModelFromCheckpoint,
  findModel,
  trainedMaxVoxels,
  trainedOnClicksAlone,
} from "./checkpoint.ts";
import { minuteConfig, minuteModel } from "./testing/index.ts";

const metadata = { config: JSON.stringify(minuteConfig) };

test("a run folder means its best checkpoint, else its last; a file means itself", () => {
  expect(checkpointCandidates("runs/a/")).toEqual([
    "runs/a/checkpoints/best.safetensors",
    "runs/a/checkpoints/last.safetensors",
    "runs/a/",
  ]);
  expect(checkpointCandidates("a.safetensors")).toEqual(["a.safetensors"]);
});

test("the parameters are taken by name, and optimizer state is left out", () => {
  const tensors = { ...minuteModel(), "optimizer.step": { shape: [1], data: new Float32Array(1) } };
  const model = ensamModelFromCheckpoint({ tensors, metadata });
  expect(model.config).toEqual(minuteConfig);
  expect(model.values).toEqual(minuteModel());
});

test("averaged weights are preferred when all of them are there", () => {
  const average = Object.entries(minuteModel(3)).map(([name, value]) => [`ema.${name}`, value]);
  const both = ensamModelFromCheckpoint({ tensors: { ...minuteModel(0), ...Object.fromEntries(average) }, metadata });
  expect(both.values["decoder.head.bias"]!.data).toEqual(new Float32Array([3]));
  const some = ensamModelFromCheckpoint({
    tensors: { ...minuteModel(0), ...Object.fromEntries(average.slice(1)) },
    metadata,
  });
  expect(some.values["decoder.head.bias"]!.data).toEqual(new Float32Array([0]));
});

test("a tensor that is missing or has another shape is named", () => {
  const { "decoder.head.bias": _, ...without } = minuteModel();
  expect(() => ensamModelFromCheckpoint({ tensors: without, metadata })).toThrow(
    "decoder.head.bias: expected a tensor [1], got none",
  );
  const wrong = { ...minuteModel(), "decoder.head.bias": { shape: [2], data: new Float32Array(2) } };
  expect(() => ensamModelFromCheckpoint({ tensors: wrong, metadata })).toThrow(
    "decoder.head.bias: expected shape [1], got [2]",
  );
});

test("a file without our configuration is refused", () => {
  const tensors = minuteModel();
  const refused = (config: string) => () => ensamModelFromCheckpoint({ tensors, metadata: { config } });
  expect(() => ensamModelFromCheckpoint({ tensors, metadata: {} })).toThrow("metadata.config: expected");
  expect(refused("{")).toThrow("metadata.config: expected JSON");
  expect(refused('{"layers": 3}')).toThrow("expected a model's configuration with filters");
  expect(refused(JSON.stringify({ ...minuteConfig, heads: 3 }))).toThrow("metadata.config: generatorSize: expected");
});

test("the search says what was looked for", () => {
  expect(() => findModel("runs/b", () => undefined)).toThrow("runs/b: expected a .safetensors file, a run folder");
  const found = findModel("runs/b", (path) =>
    path.endsWith("last.safetensors") ? { tensors: minuteModel(), metadata } : undefined,
  );
  expect(found.path).toBe("runs/b/checkpoints/last.safetensors");
});

test("the grid a model was trained on is read from the training settings", () => {
  expect(trainedMaxVoxels({ settings: '{"maxVoxels": 32768}' })).toBe(32_768);
  expect(trainedMaxVoxels({})).toBeUndefined();
  expect(trainedMaxVoxels({ settings: "[" })).toBeUndefined();
});

test("a checkpoint says whether its model saw clicks alone", () => {
  expect(trainedOnClicksAlone({ settings: '{"noBox": 0.2, "clicks": 5}' })).toBe(true);
  expect(trainedOnClicksAlone({ settings: '{"noBox": 0, "clicks": 5}' })).toBe(false);
  expect(trainedOnClicksAlone({ settings: '{"noBox": 0.2, "clicks": 0}' })).toBe(false);
  for (const settings of ["{}", "null"]) expect(trainedOnClicksAlone({ settings })).toBeUndefined();
  expect(trainedOnClicksAlone({})).toBeUndefined();
});
