import { execFile, spawn } from "node:child_process";
import { cp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeNifti } from "@ensam/core/files";
import { sliceElements, writeDicom } from "../../../packages/ensam-core/src/files/dicom/testing/writeDicom.ts";
import { root } from "../documentedCommands.ts";

const run = promisify(execFile);

/** Values that make every command small, where it does not give the flag itself. */
const smallness = {
  ENSAM_DEVICE: "wasm",
  ENSAM_THREADS: "1",
  ENSAM_MAX_VOXELS: "4096",
  ENSAM_PRESET: "tiny",
  ENSAM_EPOCHS: "1",
  ENSAM_HALVE_AT: "1",
  ENSAM_ACCUMULATE: "1",
  ENSAM_SIZE: "16",
  ENSAM_NO_OPEN: "1",
  ENSAM_PORT: "0",
};

const environment = { ...process.env, ...smallness, PATH: `${root}node_modules/.bin:${process.env.PATH}` };

type Shape = readonly [number, number, number];
/** Voxels to millimetres (right, front, up): the same corner for all, so that one point in millimetres lies in each. */
const affine = (mm: number, mmUp: number) =>
  [mm, 0, 0, -170, 0, mm, 0, -180, 0, 0, mmUp, -400, 0, 0, 0, 1] as unknown as Parameters<typeof writeNifti>[2];

/** A bright ball in the middle, on uneven ground. */
function ball(shape: Shape, seed = 0): { image: Int16Array; label: Uint8Array } {
  const [depth, height, width] = shape;
  const image = new Int16Array(depth * height * width);
  const label = new Uint8Array(image.length);
  for (let z = 0, i = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const isInside = Math.hypot(z / depth - 0.5, y / height - 0.5, x / width - 0.5) < 0.3;
        label[i] = isInside ? 1 : 0;
        image[i] = ((i * (7919 + seed)) % 37) + (isInside ? 160 : 20) + seed;
      }
    }
  }
  return { image, label };
}

async function writeBall(folder: string, image: string, shape: Shape, mm: number, mmUp: number, label?: string) {
  // Names in order of c01, c02, ... give images of their own.
  const made = ball(shape, Number(/\d+/.exec(image)?.[0] ?? 0));
  await writeNifti(join(folder, image), { data: made.image, shape }, affine(mm, mmUp));
  if (label !== undefined) await writeNifti(join(folder, label), { data: made.label, shape }, affine(mm, mmUp));
}

/** A label map on the grid of ct.nii.gz: 1 is its ball, 3 a block where the text clicks. */
async function writeOrgans(folder: string, name: string, shape: Shape): Promise<void> {
  const { label } = ball(shape);
  for (let z = 36; z < 45; z++) {
    for (let y = 190; y < 206; y++) {
      const row = (z * shape[1] + y) * shape[2];
      label.fill(3, row + 172, row + 188);
    }
  }
  await writeNifti(join(folder, name), { data: label, shape }, affine(1.5, 2));
}

function writeSeries(folder: string, [depth, height, width]: Shape): void {
  const { image } = ball([depth, height, width]);
  for (let z = 0; z < depth; z++) {
    const values = [...image.subarray(z * height * width, (z + 1) * height * width)];
    writeDicom(join(folder, `${z}.dcm`), sliceElements(values, [height, width], [0, 0, 2 * z]));
  }
}

const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Makes, in an empty folder, what the documented commands read that need no model, under the names that the text uses. */
export async function makeInputs(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of ["node_modules", "scripts"]) await symlink(join(root, name), join(folder, name));
  for (const name of [
    "scans",
    "masks",
    "ct",
    "ct_series",
    "study",
    "Dataset042_Liver/imagesTr",
    "Dataset042_Liver/labelsTr",
  ]) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await writeBall(folder, "ct.nii.gz", [112, 244, 232], 1.5, 2, "mask.nii.gz");
  await writeOrgans(folder, "organs.nii.gz", [112, 244, 232]);
  await writeBall(folder, "mr.nii.gz", [48, 208, 200], 1.5, 2);
  await writeBall(folder, "image.nii.gz", [96, 128, 120], 1.5, 2);
  await writeBall(folder, "pet.nii.gz", [32, 64, 64], 5.5, 7);
  await writeBall(folder, "a.nii.gz", [16, 16, 16], 2, 2, "b.nii.gz");
  const sources: object[] = [
    {
      type: "source",
      case: "a",
      modality: "CT",
      dataset: "CT_series",
      image: "ct_series",
      label: "ct_series_mask.nii.gz",
    },
  ];
  for (let n = 1; n <= 11; n++) {
    const name = `c${String(n).padStart(2, "0")}`;
    await writeBall(folder, `scans/${name}.nii.gz`, [16, 16, 16], 2, 2, `masks/${name}.nii.gz`);
    sources.push({
      type: "source",
      case: name,
      modality: n % 2 ? "CT" : "MR",
      dataset: `D${n % 3}`,
      image: `scans/${name}.nii.gz`,
      label: `masks/${name}.nii.gz`,
    });
  }
  await writeBall(
    folder,
    "Dataset042_Liver/imagesTr/liver_1_0000.nii.gz",
    [16, 16, 16],
    2,
    2,
    "Dataset042_Liver/labelsTr/liver_1.nii.gz",
  );
  const dataset = {
    channel_names: { 0: "CT" },
    labels: { background: 0, liver: 1 },
    numTraining: 1,
    file_ending: ".nii.gz",
  };
  await writeFile(join(folder, "Dataset042_Liver/dataset.json"), JSON.stringify(dataset));
  for (const name of ["ct", "ct_series", "study"]) writeSeries(join(folder, name), [12, 16, 16]);
  const shape = [12, 16, 16] as const;
  const { label } = ball(shape);
  // DICOM counts to the left and back: the same place in the directions of NIfTI, 1.5 and 2 mm from column to column
  // and row to row.
  const turned = [-1.5, 0, 0, 0, 0, -2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1] as unknown as Parameters<typeof writeNifti>[2];
  await writeNifti(join(folder, "ct_series_mask.nii.gz"), { data: label, shape }, turned);
  await writeFile(join(folder, "sources.ndjson"), lines(sources));
  const maps = ["c01", "c02"].map((name) => ({
    type: "labelmap",
    case: name,
    dataset: "D",
    label: `masks/${name}.nii.gz`,
  }));
  await writeFile(join(folder, "labelmaps.ndjson"), lines(maps));
  const box = [
    [40, 60, 50],
    [80, 120, 110],
  ];
  await writeFile(
    join(folder, "requests.ndjson"),
    lines([{ type: "request", image: "image.nii.gz", objects: [{ name: "liver", box }] }]),
  );
  // Right -62.5, front 14, up -310, which Slicer's files write to the left and back.
  const at = [62.5, -14, -310];
  const points = {
    markups: [
      {
        type: "Fiducial",
        coordinateSystem: "LPS",
        controlPoints: [{ id: "1", label: "F-1", position: at, positionStatus: "defined" }],
      },
    ],
  };
  await writeFile(join(folder, "F.mrk.json"), JSON.stringify(points));
  await writeFile(
    join(folder, "R.mrk.json"),
    JSON.stringify({ markups: [{ type: "ROI", coordinateSystem: "LPS", center: at, size: [60, 60, 60] }] }),
  );
  const fcsv = [
    "# Markups fiducial file version = 4.11",
    "# CoordinateSystem = LPS",
    "# columns = id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID",
  ];
  await writeFile(join(folder, "F.fcsv"), `${[...fcsv, `1,${at.join(",")},0,0,0,1,1,1,0,F-1,,`].join("\n")}\n`);
  const job = { type: "job", job: "look", shards: 2, command: "ensam-info ct.nii.gz --json > look-{rank}.ndjson" };
  await writeFile(join(folder, "jobs.ndjson"), lines([job]));
  await writeFile(join(folder, "predict.sh"), "exec ensam-baseline box\n");
  await inShell(
    folder,
    "ensam-preprocess sources.ndjson -o data > cases.ndjson && for name in coreset test validation; do cp cases.ndjson $name.ndjson; done && head -5 cases.ndjson > five.ndjson",
  );
}

/** Adds what takes a model: a run, its predictions, a challenge's folders. */
export async function makeModels(folder: string): Promise<void> {
  await inShell(
    folder,
    `set -e
     ensam-train cases.ndjson -o runs/a > runs-a.ndjson
     cp -r runs/a runs/b && cp -r runs/a runs/mine && cp runs/a/checkpoints/last.safetensors net.safetensors
     ensam-simulate cases.ndjson --model runs/a --name runs/a -o predictions > predictions.ndjson
     cp predictions.ndjson a.ndjson && sed 's#"model":"runs/a"#"model":"runs/b"#' predictions.ndjson > b.ndjson
     cp -r data gts && cp -r predictions outputs
     mkdir inputs validation
     for name in data/*.npz; do cp "$name" "validation/CT_\${name#data/}"; done
     ensam-simulate cases.ndjson --shard 2/12 --boxes made -o made \\
       --predictor 'cp -n inputs/*.npz $OLDPWD/inputs/; ensam-baseline box' > made.ndjson
     ensam-segment ct --click 6,8,8 --model runs/a -o liver.seg.nrrd`,
  );
}

async function inShell(folder: string, script: string): Promise<void> {
  await run("bash", ["-c", script], { cwd: folder, env: environment, maxBuffer: 2 ** 26 });
}

/** Runs a command in a copy of the sandbox, without the output that it is to make; returns its exit code and its words. */
export async function tryCommand(
  sandbox: string,
  copy: string,
  command: string,
): Promise<{ code: number; said: string }> {
  await rm(copy, { recursive: true, force: true });
  await cp(sandbox, copy, { recursive: true, verbatimSymlinks: true });
  for (const [, output] of command.matchAll(/ -o (\S+)/g))
    await rm(join(copy, output!), { recursive: true, force: true });
  return new Promise((resolve) => {
    const small = command.replace(/--epochs \d+ --halve-at \S+/, "--epochs 1 --halve-at 1");
    const words = ["-c", `set -o pipefail\n${small}`];
    // One case of twelve is enough of what calls a program six times for each.
    const env = command.includes("ensam-simulate") ? { ...environment, ENSAM_SHARD: "1/12" } : environment;
    execFile("bash", words, { cwd: copy, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({
        code: error === null ? 0 : Number(error.code ?? 1),
        said: `${stdout.slice(-500)}${stderr.slice(-2000)}`,
      });
    });
  });
}

/** Starts a server, waits for its address, and ends it as Ctrl-C does; returns its exit code and its words. */
export async function tryServer(
  sandbox: string,
  copy: string,
  command: string,
): Promise<{ code: number | null; said: string }> {
  await rm(copy, { recursive: true, force: true });
  await cp(sandbox, copy, { recursive: true, verbatimSymlinks: true });
  const child = spawn("bash", ["-c", `exec ${command.replace(/^npx /, "").replace(/^(\w+=\S+) /, "env $1 ")}`], {
    cwd: copy,
    env: environment,
  });
  let said = "";
  const take = (chunk: Buffer) => {
    said += chunk;
    if (/http:\/\/\S+:\d+/.test(said)) child.kill("SIGINT");
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, said })));
}
