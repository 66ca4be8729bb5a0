/**
 * The coreset track of the CVPR 2025 challenge on its hidden test set: DSC AUC, NSD AUC, final DSC, final NSD of each team, from the
 * paper's comparison (arXiv 2509.15874). Teams for which only the first is known to us have that alone.
 */
export const publishedResults: readonly { readonly team: string; readonly values: readonly (number | undefined)[] }[] =
  [
    { team: "aim (iMedSTAM)", values: [3.104, 3.232, 0.801, 0.838] },
    { team: "norateam (nnInteractive)", values: [2.911, 2.97, 0.754, 0.775] },
    { team: "yiooo", values: [2.896, 2.898, 0.745, 0.749] },
    { team: "lexor (SegVol)", values: [2.501, 2.572, 0.625, 0.643] },
    { team: "ENSAM (the paper)", values: [2.404, 2.266, 0.627, 0.597] },
    { team: "hanglok (VISTA3D)", values: [2.12, 2.012, 0.553, 0.533] },
    { team: "cemrg", values: [1.885] },
    { team: "sail", values: [1.654] },
    { team: "dtftech (SegVol + GRU)", values: [1.591, 1.079, 0.417, 0.284] },
    { team: "owwwen", values: [0.956] },
  ];
