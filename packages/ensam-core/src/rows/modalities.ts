/** The challenge's modalities, as rows and flags spell them. */
export const modalities = ["CT", "MR", "PET", "US", "Microscopy"] as const;

export type Modality = (typeof modalities)[number];
