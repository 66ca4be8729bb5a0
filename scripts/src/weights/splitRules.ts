import { groupBy } from "@ensam/core/command";

/** What a case of the collections is used for. `unused` says why in `why`. */
export type Role = "train" | "validation" | "test" | "unused";

/** How a label came about: drawn by people, by people and an algorithm, by a network, by a simple algorithm. */
export type LabelQuality = "EXPERT" | "SEMI" | "MODEL" | "WEAK";

/** A row of `cases.ndjson` or `labelmaps.ndjson` in one of the two collections. */
export interface CollectedCase {
  readonly type: "source" | "labelmap";
  readonly case: string;
  readonly dataset: string;
  readonly modality?: string;
  readonly image?: string;
  readonly label: string;
  readonly licence: string;
  readonly label_quality?: LabelQuality;
}

export interface Placed {
  readonly role: Role;
  readonly subject: string;
  readonly quality: LabelQuality;
  readonly why: string;
}

/** Licences under which weights may be trained that ship under Apache-2.0. */
export const permissive: readonly string[] = [
  "3D Slicer License (BSD style)",
  "Apache-2.0",
  "BSD-3-Clause",
  "CC BY (version not stated)",
  "CC BY 3.0",
  "CC BY 4.0",
  "CC0-1.0",
  "MIT",
];

/** Quality of labels that rows do not state, from the collection's description; all others are drawn by people. */
const statedElsewhere: Readonly<Record<string, LabelQuality>> = {
  CT_TotalSegmentator: "MODEL",
  MR_TotalSegmentator: "MODEL",
  MR_voxelmorph: "SEMI",
};

/** Datasets that are tested on as a whole, so that nothing like them is trained on: their modality has others. */
const testDatasets: readonly string[] = [
  "CT_dcmqi",
  "MR_SpinalCord",
  "MR_pyradiomics",
  "MR_voxelmorph",
  "Microscopy_StarDist",
];

/** Datasets whose licence lets them be tested on and no more. */
const testByLicence: readonly string[] = ["MR_MSD-Hippocampus", "US_Echo"];

/** Datasets that are split by subject, since their modality, or its only drawn labels, has no other. */
const bySubject: readonly string[] = ["STS", "ProstateDeepReg"];

/** Every fourth subject is tested on; of the others every eighth is validated on. */
const testEvery = 4;
const validationEvery = 8;

/**
 * Where every case goes. Subjects of a split dataset are ordered by the hash of their names, so that neither the order
 * of the rows nor anybody's choice decides; those with the same modalities are shared out together, so that each
 * modality is tested.
 *
 * @param hash  of a name, as text of a fixed length
 */
export function placeCases(cases: readonly CollectedCase[], hash: (name: string) => string): Map<string, Placed> {
  const subjects = rolesOfSubjects(cases, hash);
  return new Map(cases.map((row) => [row.case, place(row, subjects)]));
}

/** The person or specimen behind a case: its CT, MR and PET, its contrasts and its stacks are one. */
export function subjectOf({ case: name, dataset, image, label }: CollectedCase): string {
  const found = /STS_\d+|case\d{6}|patient\d+|UCSF-BR-\d+|0522c\d+/.exec(name)?.[0];
  const family = familyOf(dataset);
  if (found !== undefined) return `${family}_${found}`;
  return ["SpinalCord", "FetalMIAL"].includes(family) ? family : (image ?? label);
}

/** `PET_STS` and `CT_STS` are one study. */
function familyOf(dataset: string): string {
  return dataset.replace(/^[A-Za-z]+_/, "");
}

function place(row: CollectedCase, subjects: ReadonlyMap<string, Role>): Placed {
  const { case: name, dataset, licence } = row;
  const quality = qualityOf(row);
  const at = { subject: subjectOf(row), quality };
  const isDrawn = quality === "EXPERT" || quality === "SEMI";
  if (testByLicence.includes(dataset)) {
    if (!isDrawn) return { ...at, role: "unused", why: `label: ${quality}; licence: not for training` };
    return { ...at, role: "test", why: "licence: tested on, never trained on" };
  }
  if (!permissive.includes(licence)) return { ...at, role: "unused", why: `licence: ${licence}` };
  if (name === "CT_TotalSegmentator_example_ct_dicom") return { ...at, role: "unused", why: "twenty slices of a scan" };
  if (testDatasets.includes(dataset)) {
    if (!isDrawn) return { ...at, role: "unused", why: `label: ${quality}, of a dataset that is tested on` };
    return { ...at, role: "test", why: "a whole dataset" };
  }
  const role = subjects.get(at.subject);
  return role === undefined ? { ...at, role: "train", why: "permissive" } : { ...at, role, why: "by subject" };
}

function qualityOf({ case: name, dataset, label_quality }: CollectedCase): LabelQuality {
  if (label_quality !== undefined) return label_quality;
  if (name.includes("_weak")) return "WEAK";
  if (name === "MR_SpinalCord_t2s_cord") return "MODEL";
  return statedElsewhere[dataset] ?? "EXPERT";
}

function rolesOfSubjects(cases: readonly CollectedCase[], hash: (name: string) => string): Map<string, Role> {
  const kinds = new Map<string, Set<string>>();
  for (const row of cases) {
    if (!bySubject.includes(familyOf(row.dataset))) continue;
    const subject = subjectOf(row);
    kinds.set(subject, (kinds.get(subject) ?? new Set()).add(row.dataset));
  }
  const groups = groupBy([...kinds.keys()], (subject) => {
    const datasets = [...kinds.get(subject)!].sort();
    return [familyOf(datasets[0]!), ...datasets].join();
  });
  const roles = new Map<string, Role>();
  for (const subjects of groups.values()) {
    const ordered = subjects.toSorted((a, b) => (hash(a) < hash(b) ? -1 : 1));
    ordered.forEach((subject, i) => {
      const role = i % testEvery === 0 ? "test" : i % validationEvery === 1 ? "validation" : "train";
      roles.set(subject, role);
    });
  }
  return roles;
}
