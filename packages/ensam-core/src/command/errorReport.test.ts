import { expect, test } from "vitest";
import { describeError, errorText, exitCodeOf, isExpected } from "./errorReport.ts";
import { InputError } from "./errors.ts";

function named(name: string, message = "x: expected a, got b"): Error {
  return Object.assign(new Error(message), { name });
}

test.each([
  [new InputError("a"), 3],
  [named("FileError"), 3],
  [named("CheckpointError"), 3],
  [named("DeviceUnavailable"), 4],
  [Object.assign(new Error("no such file"), { code: "ENOENT" }), 3],
  [Object.assign(new Error("no such package"), { code: "ERR_MODULE_NOT_FOUND" }), 4],
  [new RangeError("Array buffer allocation failed"), 5],
])("%s is expected and ends with code %i", (error, code) => {
  expect(exitCodeOf(error)).toBe(code);
  expect(isExpected(error)).toBe(true);
});

test("any other error is a mistake in the program, code 70: never 1, which make lets pass", () => {
  expect(exitCodeOf(new TypeError("x is undefined"))).toBe(70);
  expect(isExpected(new TypeError("x is undefined"))).toBe(false);
});

test("an expected error is said plainly, a mistake as one with where to look; the stack only for --debug", () => {
  const [input, mistake] = [new InputError("a: expected b, got c"), new TypeError("x is undefined")];
  expect(errorText("ensam-a", input, false)).toBe("ensam-a: a: expected b, got c\n");
  expect(errorText("ensam-a", mistake, false)).toBe(
    "ensam-a: unexpected error: x is undefined (--debug shows where)\n",
  );
  expect(errorText("ensam-a", mistake, true)).toMatch(/^ensam-a: unexpected error: x is undefined\nTypeError: .*\n/);
});

test("the description is one line", () => {
  expect(describeError(named("FileError", "a.npz: expected b,\n  got c"))).toBe("a.npz: expected b, got c");
});
