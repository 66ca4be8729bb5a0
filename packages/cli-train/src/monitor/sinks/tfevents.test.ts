import { expect, test } from "vitest";
import { crc32c, maskedCrc32c } from "./crc32c.ts";
import { scalarsEvent, tfRecord, versionEvent } from "./tfevents.ts";

test("CRC-32C gives the published check values, and the mask turns and adds", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283); // the catalogue's check value
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa); // RFC 3720, B.4: 32 bytes of zeroes
  // e3069283 turned right by 15 bits = 2507c60d; + a282ead8 = c78ab0e5
  expect(maskedCrc32c(Buffer.from("123456789"))).toBe(0xc78ab0e5);
});

test("the first event is wall time and version, in a record of length, checksum, data, checksum", () => {
  const event = versionEvent(1.5);
  // field 1, double 1.5 = 3ff8000000000000; field 3, 13 bytes of text
  expect(event.toString("hex")).toBe(`09000000000000f83f1a0d${Buffer.from("brain.Event:2").toString("hex")}`);
  const record = tfRecord(event).toString("hex");
  expect(record.slice(0, 16)).toBe("1800000000000000"); // 9 + 2 + 13 = 24 bytes
  // The two checksums come from a bit-by-bit implementation in Python.
  expect(record.slice(16, 24)).toBe("a37f4b22");
  expect(record.slice(-8)).toBe("2a28646c");
  expect(record.length / 2).toBe(8 + 4 + 24 + 4);
});

test("scalars are values with tag and float, the step a varint", () => {
  const event = scalarsEvent(2, 300, [["a", 0.5]]);
  expect(event.toString("hex")).toBe(
    "090000000000000040" + // field 1: double 2
      "10ac02" + // field 2: 300 = 2 * 128 + 44, so 44 + 128 and 2
      "2a0a" + // field 5: summary of 10 bytes
      "0a08" + // its field 1: a value of 8 bytes
      "0a0161" + // tag "a"
      "150000003f", // simple_value: float 0.5 = 3f000000
  );
});
