/** A line longer than this is no row. */
const longestLine = 1 << 26;

/** Takes bytes as they come and gives whole lines; a last line without its end waits for the rest. */
export function lineSplitter() {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  return {
    take(bytes: Buffer): string[] {
      const end = bytes.lastIndexOf(0x0a);
      if (end < 0) {
        begun.push(bytes);
        begunBytes += bytes.length;
        // What is left of it will not parse, and is counted as a line that is not a row.
        if (begunBytes > longestLine) [begun, begunBytes] = [[Buffer.from("?")], 1];
        return [];
      }
      const whole = Buffer.concat([...begun, bytes.subarray(0, end)]).toString("utf8");
      begun = [Buffer.from(bytes.subarray(end + 1))];
      begunBytes = begun[0]!.length;
      return whole.split("\n").filter((line) => line.trim() !== "");
    },
    /** The last line, if it has no end and none will come. */
    rest(): string[] {
      const line = Buffer.concat(begun).toString("utf8").trim();
      [begun, begunBytes] = [[], 0];
      return line === "" ? [] : [line];
    },
  };
}
