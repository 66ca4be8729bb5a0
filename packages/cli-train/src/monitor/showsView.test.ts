import type { Context } from "@ensam/core/command";
import { expect, test } from "vitest";
import { type SupervisedOptions, showsView } from "./showsView.ts";

test("the view is shown on a terminal only, and only if nobody asked for lines", () => {
  const context = (options: Partial<SupervisedOptions>, more: object = {}) =>
    ({
      options: { output: "run", plain: false, ...options },
      quiet: false,
      debug: false,
      streams: { error: process.stderr, env: {} },
      ...more,
    }) as unknown as Context<SupervisedOptions>;
  // Standard error of a test is no terminal.
  expect(showsView(context({}))).toBe(process.stderr.isTTY === true);
  expect(showsView(context({ plain: true }))).toBe(false);
  expect(showsView(context({ output: undefined }))).toBe(false);
  expect(showsView(context({}, { quiet: true }))).toBe(false);
  for (const env of [{ CI: "true" }, { TERM: "dumb" }, { ENSAM_INSIDE_VIEW: "1" }]) {
    expect(showsView(context({}, { streams: { error: process.stderr, env } }))).toBe(false);
  }
});
