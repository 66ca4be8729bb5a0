import type { Modality } from "@ensam/core/command";

/** What a case name says: the training set's folders are named so. */
export interface NamedOrigin {
  readonly modality: Modality;
  readonly dataset: string;
}

/** Spellings of folders and file names for the modalities; capitals do not matter. */
const modalitySpellings: ReadonlyMap<string, Modality> = new Map([
  ["ct", "CT"],
  ["mr", "MR"],
  ["mri", "MR"],
  ["pet", "PET"],
  ["us", "US"],
  ["us3d", "US"],
  ["microscopy", "Microscopy"],
]);

/**
 * Starts of case names whose dataset is not the text up to the second underscore; the first that fits counts.
 * `CT_AbdTumor_case` belongs to two folders with the same cases: CT_KidneyLesion in the full training set, and
 * CT_KidneyTumor in the random tenth and in the validation set. The name alone gives the first.
 */
const datasetByStart: readonly (readonly [start: string, dataset: string])[] = [
  ["CT_AbdTumor_Adrenal", "CT_AdrenalTumor"],
  ["CT_AbdTumor_colon", "CT_ColonTumor"],
  ["CT_AbdTumor_HCC", "CT_LiverTumor"],
  ["CT_AbdTumor_hepaticvessel", "CT_LiverTumor"],
  ["CT_AbdTumor_liver", "CT_LiverTumor"],
  ["CT_AbdTumorWAWTACELesion", "CT_LiverTumor"],
  ["CT_AbdTumor_pancreas", "CT_PancreasTumor"],
  ["CT_AbdTumor_case", "CT_KidneyLesion"],
  ["CT_AbdTumor_PETCT", "CT_WholeBodyTumor"],
  ["CT_LIDC-IDRI_", "CT_LungLesion"],
  ["CT_LungLesions_", "CT_LungLesion"],
  ["CT_LungMasks_", "CT_Lungs"],
  ["CT_GTVp", "CT_SegRap_HeadNeckTumor"],
  ["CT_LNQ_", "CT_LymphNode"],
  ["CT_Lesion_NIH-LYMPH-", "CT_LymphNode"],
  ["CT_Lesion_PANORAMA_", "CT_PancreasTumor"],
  ["CT_TCIA-LCTSC_", "CT_ThoracicOrgans-TCIA-LCTSC"],
  ["CT_totalseg-vertebrae_", "CT_TotalSeg-vertebrae"],
  ["CT_TotalSeg_cardiac_", "CT_TotalSeg_cardiac"],
  ["CT_TotalSeg_muscles_", "CT_TotalSeg_muscles"],
  ["CT_TotalSeg_organs_", "CT_TotalSeg_organs"],
  ["CT_COVID-19-20-", "CT_COVID19-Infection"],
  ["CT_COVID19-CT-Seg-Bench_", "CT_COVID19-Infection"],
  ["CT_Vessel_Aorta_", "CT_Aorta"],
  ["CT_Vessel_AirwayTree_", "CT_AirwayTree"],
  ["MR_AMOSMR_", "MR_AMOS"],
  ["MR_Head_HNTSMRG", "MR_HNTS-MRG_HeadTumor"],
  ["MR_MR_HVSMR_", "MR_HVSMR"],
  ["MR_heart-ACDC_", "MR_Heart_ACDC"],
  ["MR_MRE_IBD_", "MR_IBD"],
  ["MR_ISLES2022_ADC_", "MR_ISLES_ADC"],
  ["MR_ISLES2022_DWI_", "MR_ISLES_DWI"],
  ["MR_Heart_la_", "MR_LeftAtrium"],
  ["MR_QIN-PROSTATE-Prostate_", "MR_ProstateT2"],
  ["MR_BrainTumor_Case", "MR_RESECT"],
  ["MR_crossmoda_", "MR_T1c_crossMoDA_Tumor_Cochlea"],
  ["MR_totalseg_mr_", "MR_TotalSeg"],
  ["MR_WMH_FLAIR_", "MR_WMH_FLAIR"],
  ["MR_WMH_T1_", "MR_WMH_T1"],
  ["Microscopy_SELMA3D_patchvolume_ADplaques_", "Microscopy_SELMA3D_ADplaques"],
  ["Microscopy_SELMA3D_patchvolume_cfos_", "Microscopy_SELMA3D_neural_activity_marker"],
  ["Microscopy_SELMA3D_patchvolume_nuclei_", "Microscopy_SELMA3D_nuceus"], // spelt so in the data
  ["Microscopy_SELMA3D_patchvolume_vessel_", "Microscopy_SELMA3D_vessel"],
  ["Microscopy_nnuncmm_", "Microscopy_nnucmm"],
  ["US_BrainTumor_Case", "US_RESECT"],
  ["US_Low-limb-Leg", "US_Low-limb-Leg"],
];

/** Datasets that several share one start of the name and are told apart by its end. */
const datasetByEnd: readonly (readonly [start: string, end: string, dataset: string])[] = [
  ["MR_Spider_", "_vet", "MR_Spider_Vertebrae"],
  ["MR_Spider_", "_spi", "MR_Spider_Spine"],
  ["MR_Spider_", "", "MR_Spider_IVD"],
  ["Microscopy_urocell_", "_lyso", "Microscopy_urocell_Endolysosomes"],
  ["Microscopy_urocell_", "_mito", "Microscopy_urocell_Mitochondria"],
];

/** Starts of names of an early upload, which lack the modality. */
const withoutModality = ["urocell_", "cremi_", "nnuncmm_"];

/**
 * Returns modality and dataset of a case of the challenge by its name (the file name without .npz), or undefined when
 * the name does not start with a modality. Names that no rule is about give the text up to the second underscore.
 */
export function originOfName(name: string): NamedOrigin | undefined {
  const plain = plainName(name);
  const modality = modalityOf(plain.split("_")[0]!);
  if (modality === undefined) return undefined;
  const byStart = datasetByStart.find(([start]) => plain.startsWith(start))?.[1];
  const byEnd = datasetByEnd.find(([start, end]) => plain.startsWith(start) && plain.endsWith(end))?.[2];
  return { modality, dataset: byStart ?? byEnd ?? plain.split("_", 2).join("_") };
}

/** Returns the modality that a folder or the start of a name means. */
export function modalityOf(word: string): Modality | undefined {
  return modalitySpellings.get(word.toLowerCase());
}

function plainName(name: string): string {
  const whole = name.replace(/^npz_/, "").replace(/ ?\(\d+\)$/, ""); // "(1)" is left by repeated downloads
  return withoutModality.some((start) => whole.startsWith(start)) ? `Microscopy_${whole}` : whole;
}
