import { expect, test } from "vitest";
import { type GraphicsFacts, graphicsFacts, whyNoAdapter } from "./whyNoAdapter.ts";

const machine: GraphicsFacts = {
  platform: "linux",
  hasLoader: true,
  drivers: ["nvidia_icd.json"],
  hasNvidia: true,
  hasGpu: true,
  containerCapabilities: undefined,
};

test.each<[string, Partial<GraphicsFacts>, RegExp]>([
  ["the loader", { hasLoader: false }, /no Vulkan loader \(libvulkan\.so\.1\): install libvulkan1/],
  ["every driver", { drivers: [], hasNvidia: false, hasGpu: false }, /no Vulkan driver/],
  ["the NVIDIA driver", { drivers: ["lvp_icd.json"] }, /an NVIDIA GPU without its Vulkan driver: .*full driver/],
  [
    "the graphics capability of a container",
    { drivers: [], containerCapabilities: "compute,utility" },
    /\(NVIDIA_DRIVER_CAPABILITIES=compute,utility\): in a container set .*graphics/,
  ],
  ["a GPU", { drivers: ["lvp_icd.json"], hasNvidia: false, hasGpu: false }, /cannot use \(lvp_icd\.json\) and no GPU/],
  ["anything on a Mac", { platform: "darwin" }, /update the graphics driver/],
])("says that %s is missing", (_, missing, expected) => {
  expect(whyNoAdapter({ ...machine, ...missing })).toMatch(expected);
});

test("looks around without failing", () => {
  expect(graphicsFacts({ VK_DRIVER_FILES: "/no/such/file.json" })).toMatchObject({ drivers: [] });
});
