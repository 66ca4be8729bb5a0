import { join } from "node:path";
import { groupBy } from "@ensam/core/command";
import { missing, sharedPath } from "@ensam/core/files/testing";
import { expect, test } from "vitest";
import { nameHash, readCollection, readSplit, sha256Of } from "./splitFile.ts";
import { permissive, placeCases } from "./splitRules.ts";

const split = readSplit();
const ofRole = (role: string) => split.filter((row) => row.role === role);

test("no subject is on two sides, in any modality or contrast", () => {
  const sides = groupBy(
    split.filter(({ role }) => role !== "unused"),
    ({ subject }) => subject,
  );
  for (const [subject, rows] of sides) expect([...new Set(rows.map(({ role }) => role))], subject).toHaveLength(1);
});

test("no image or label map is on two sides under another name", () => {
  const sides = new Map<string, string>();
  for (const { case: name, role, imageSha256, labelSha256 } of split) {
    if (role === "unused") continue;
    for (const hash of [imageSha256, labelSha256]) {
      if (hash === undefined) continue;
      expect(sides.get(hash) ?? role, name).toBe(role);
      sides.set(hash, role);
    }
  }
});

test("what is trained or validated on has a permissive licence", () => {
  for (const { case: name, licence } of [...ofRole("train"), ...ofRole("validation")]) {
    expect(permissive, name).toContain(licence);
  }
});

test("what is tested on has labels of people, and each modality has some", () => {
  for (const { case: name, quality } of ofRole("test")) expect(["EXPERT", "SEMI"], name).toContain(quality);
  const modalities = new Set(ofRole("test").map(({ modality }) => modality));
  expect([...modalities].sort()).toEqual(["CT", "MR", "Microscopy", "PET", "US"]);
});

test("datasets on both sides are those split by subject; of 4 subjects with the same images one is tested on", () => {
  const trained = new Set(ofRole("train").map(({ dataset }) => dataset));
  const both = new Set(
    ofRole("test")
      .map(({ dataset }) => dataset)
      .filter((dataset) => trained.has(dataset)),
  );
  expect([...both].sort()).toEqual(["CT_STS", "MR_ProstateDeepReg", "MR_STS", "PET_STS", "US_ProstateDeepReg"]);
  const tested = new Set(
    ofRole("test")
      .filter(({ dataset }) => dataset === "US_ProstateDeepReg")
      .map((r) => r.subject),
  );
  expect(tested.size).toBe(7); // 25 patients: the first, fifth, ... twenty-fifth in the order of their hashes
});

test("the file is what its rules give and its hashes are those of the data", (context) => {
  const { isMissing, reason } = missing("samples2");
  if (isMissing) return context.skip(reason);
  const folders = { samples: sharedPath("samples"), samples2: sharedPath("samples2") };
  const collected = [...readCollection(folders.samples), ...readCollection(folders.samples2)];
  const places = placeCases(collected, nameHash);
  expect(split.map((row) => row.case)).toEqual(collected.map((row) => row.case));
  for (const [i, row] of collected.entries()) {
    expect(split[i]).toMatchObject(places.get(row.case)!);
    const path = join(folders[split[i]!.collection], row.label);
    expect(sha256Of(path), row.case).toBe(split[i]!.labelSha256);
  }
});
