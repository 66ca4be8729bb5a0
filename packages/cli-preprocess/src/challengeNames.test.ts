import { readFileSync } from "node:fs";
import { missing, sharedPath } from "@ensam/core/files/testing";
import { expect, test } from "vitest";
import { originOfName } from "./challengeNames.ts";

test.each([
  ["CT_AMOS_amos_0018", "CT", "CT_AMOS"],
  ["npz_CT_Lesion_PANORAMA_100002_00001", "CT", "CT_PancreasTumor"],
  ["MR_Spider_190_t1", "MR", "MR_Spider_IVD"],
  ["MR_Spider_208_t2_spi", "MR", "MR_Spider_Spine"],
  ["urocell_002_lyso", "Microscopy", "Microscopy_urocell_Endolysosomes"],
  ["cremi_000_sc", "Microscopy", "Microscopy_cremi"],
  ["US_Low-limb-Leg44", "US", "US_Low-limb-Leg"],
  ["CT_AMOS_amos_0018 (1)", "CT", "CT_AMOS"],
  ["PET_Phantom_003", "PET", "PET_Phantom"],
])("%s is %s of %s", (name, modality, dataset) => {
  expect(originOfName(name)).toEqual({ modality, dataset });
});

test("a name that does not start with a modality says nothing", () => {
  expect(originOfName("case_001")).toBeUndefined();
  expect(originOfName("constructor_001")).toBeUndefined();
});

test.skipIf(missing("golden", "names").isMissing)(
  "the rule agrees with every known name of the challenge, but for the kidney cases that two folders share",
  () => {
    const list = sharedPath("golden", "names", "cases.ndjson");
    const rows = readFileSync(list, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, string>);
    const wrong = rows.filter(({ case: name, modality, dataset }) => {
      const got = originOfName(name!);
      return got?.modality !== modality || got?.dataset !== dataset;
    });
    expect(rows.length).toBeGreaterThan(25_000);
    expect(new Set(wrong.map(({ dataset }) => dataset))).toEqual(new Set(["CT_KidneyTumor"]));
    expect(wrong.every(({ case: name }) => name!.startsWith("CT_AbdTumor_case_"))).toBe(true);
    expect(wrong).toHaveLength(97); // 49 of the random tenth, which the full list has as CT_KidneyLesion, and 48 of validation
  },
);
