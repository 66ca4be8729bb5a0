import { writeFileSync } from "node:fs";
import { writePhantom } from "/work/main/packages/cli-train/src/testing/phantom.ts";

const rows = [];
for (let i = 0; i < 4; i++) rows.push(await writePhantom("/tmp/wt/data", "CT_ball_" + i, [20 + i, 24, 22]));
writeFileSync("/tmp/wt/data/cases.ndjson", rows.map((r) => JSON.stringify(r) + "\n").join(""));
