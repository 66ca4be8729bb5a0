import { describe, expect, it } from "vitest";
import { readJsonFixture } from "../voxels/testing/fixtures.ts";
import { type ChallengeRow, challengeColumns, challengeCsv } from "./challengeCsv.ts";
import { pythonFloat } from "./pythonFloat.ts";

const row: ChallengeRow = {
  caseName: "CT_a.npz",
  seconds: [0, 1, 1, 1, 1, 1.5],
  dsc: [0, 0.1, 0.2, 0.3, 0.4, 0.5],
  nsd: [0, 1, 1, 1, 1, 1],
  dscAuc: 1.2,
  nsdAuc: 4,
  dscFinal: 0.5,
  nsdFinal: 1,
  classCount: 3,
  hasBox: false,
};
const cells = (csv: string, line: number) => csv.split("\n")[line]!.split(",");

describe("the challenge's table", () => {
  it("has 26 columns and a line for each case", () => {
    expect(challengeColumns.length).toBe(26);
    const csv = challengeCsv([row, row]);
    expect(csv.split("\n").map((line) => (line === "" ? 0 : line.split(",").length))).toEqual([26, 26, 26, 0]);
    expect(cells(csv, 1).slice(-2)).toEqual(["3", "270"]);
    expect(cells(csv, 1)[1]).toBe("5.5");
  });

  it("writes the missing box as a whole number only where no case has one", () => {
    const [time, dsc, nsd] = [2, 12, 18];
    const alone = cells(challengeCsv([row]), 1);
    expect([alone[time], alone[dsc], alone[nsd], alone[dsc + 1]]).toEqual(["0", "0", "0", "0.1"]);
    const mixed = cells(challengeCsv([row, { ...row, hasBox: true }]), 1);
    expect([mixed[time], mixed[dsc], mixed[nsd]]).toEqual(["0.0", "0.0", "0.0"]);
  });

  it("quotes a name that holds a comma or a quote", () => {
    expect(
      challengeCsv([{ ...row, caseName: 'a,"b".npz' }])
        .split("\n")[1]!
        .startsWith('"a,""b"".npz",5.5,'),
    ).toBe(true);
  });
});

describe("a float in text", () => {
  it("is what Python prints", () => {
    const { floats } = readJsonFixture<{ floats: { value: number; text: string }[] }>(
      new URL("./fixtures/statistics.json", import.meta.url),
    );
    for (const { value, text } of floats) expect(pythonFloat(value)).toBe(text);
  });

  it("is empty for what is not a number, as pandas leaves it", () => {
    expect([Number.NaN, Infinity, -Infinity, -0].map(pythonFloat)).toEqual(["", "inf", "-inf", "-0.0"]);
  });
});
