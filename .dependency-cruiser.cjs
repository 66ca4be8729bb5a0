// The rooms and who may call whom (docs/architecture.md). `make check` runs this.
const core = "^packages/ensam-core/src/";
const rooms = {
  geometry: [],
  voxels: ["geometry"],
  files: ["geometry", "voxels"],
  prompts: ["geometry", "voxels"],
  scoring: ["voxels"],
  synthesis: ["voxels"],
  tensors: ["geometry"],
  model: ["geometry", "tensors"],
  optim: ["tensors"],
  samples: ["geometry", "voxels", "prompts"],
  training: ["geometry", "voxels", "prompts", "scoring", "samples", "tensors", "model", "optim"],
  inference: ["geometry", "voxels", "prompts", "tensors", "model"],
  session: ["geometry", "voxels", "prompts", "inference"],
  sessionThread: ["geometry", "voxels", "files", "tensors", "inference", "session", "command"],
  runs: ["geometry", "files"],
  threads: [],
  rows: [],
  command: ["geometry", "rows"],
};
const notTest = { pathNot: "\\.test\\.tsx?$|/testing/" };

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-calls-only-its-neighbours`,
  comment: `${room} may call: ${allowed.join(", ") || "nothing of ours"}`,
  severity: "error",
  from: { path: `${core}${room}/`, ...notTest },
  to: { path: core, pathNot: [room, ...allowed].map((name) => `${core}${name}/`) },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: "rooms-are-entered-by-their-index",
      severity: "error",
      from: { path: `${core}([^/]+)/`, ...notTest },
      to: { path: `${core}([^/]+)/(?!index\\.ts)`, pathNot: `${core}$1/` },
    },
    {
      name: "only-tensors-knows-tensorflow",
      severity: "error",
      from: { path: "^(packages|scripts)/", pathNot: `${core}tensors/` },
      to: { path: "@tensorflow" },
    },
    {
      name: "commands-do-not-call-each-other",
      severity: "error",
      from: { path: "^packages/(cli-[^/]+)/" },
      to: { path: "^packages/cli-", pathNot: "^packages/$1/" },
    },
    {
      name: "the-trainer-does-not-know-its-watcher",
      comment: "they meet in the run folder, by the room runs; main.ts starts either",
      severity: "error",
      from: { path: "^packages/cli-train/src/", pathNot: "/monitor/|/main\\.ts$|\\.test\\.tsx?$" },
      to: { path: "^packages/cli-train/src/monitor/" },
    },
    {
      name: "the-watcher-does-not-know-the-trainer",
      severity: "error",
      from: { path: "^packages/cli-train/src/monitor/", ...notTest },
      to: { path: "^packages/cli-train/src/", pathNot: "/monitor/|/curves\\.ts$" },
    },
    {
      name: "nothing-imports-scripts",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^scripts/" },
    },
    {
      name: "the-inner-rooms-stay-free-of-node",
      comment:
        "geometry, model, optim, voxels, prompts, scoring, synthesis, samples, training and inference run in a browser too",
      severity: "error",
      from: {
        path: `${core}(geometry|voxels|prompts|scoring|synthesis|model|optim|samples|training|inference|session)/`,
        ...notTest,
      },
      to: { dependencyTypes: ["core"] },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      comment: "a file that nothing calls",
      severity: "error",
      from: {
        orphan: true,
        pathNot: "(index|main)\\.ts$|\\.test\\.ts$|\\.d\\.ts$|^scripts/|/bin/|/workers/|vite\\.config\\.js$",
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: "node_modules|/dist/" },
    exclude: { path: "/dist/|/assembly/|/wasm/.*\\.wasm" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.test.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["ensam-source", "import", "default"] },
  },
};
