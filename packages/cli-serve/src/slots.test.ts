import { expect, test } from "vitest";
import { openSlots, type SlotOwner } from "./slots.ts";

/** Slots under a clock that the test turns. */
function watched(limit: number, idle = 1000) {
  let time = 0;
  const closed: string[] = [];
  const slots = openSlots(limit, idle, () => time);
  const take = (name: string, more: Partial<SlotOwner> = {}) =>
    slots.take({ comesBack: false, isBusy: () => false, close: () => closed.push(name), ...more });
  return {
    slots,
    take,
    closed,
    wait(milliseconds: number) {
      time += milliseconds;
      slots.sweep();
    },
  };
}

test("a session is closed after its idle time, one without a sign of life sooner, one that answers never", () => {
  const { slots, take, closed, wait } = watched(9);
  let seen = 0;
  const used = take("used");
  take("idle");
  take("lost", { isLost: (now) => now - seen > 100 });
  take("busy", { isBusy: () => true });
  wait(90);
  seen = 90;
  wait(90);
  expect(closed).toEqual([]);
  wait(90);
  expect(closed).toEqual(["lost"]);
  used.touch();
  wait(800);
  expect(closed).toEqual(["lost", "idle"]);
  wait(1000);
  expect(closed).toEqual(["lost", "idle", "used"]);
  expect(slots.taken).toBe(1);
});

test("when all places are taken, the oldest whose client comes back makes room; else the newcomer is refused", () => {
  const { take, closed, slots } = watched(2);
  const first = take("first", { comesBack: true });
  take("second", { comesBack: true });
  first.touch();
  take("third");
  expect(closed).toEqual(["second"]);
  take("fourth");
  expect(closed).toEqual(["second", "first"]);
  expect(() => take("fifth", { comesBack: true })).toThrow("sessions: expected at most 2 at once");
  first.release();
  expect(closed).toEqual(["second", "first"]);
  slots.close();
  expect(closed).toEqual(["second", "first", "third", "fourth"]);
});
