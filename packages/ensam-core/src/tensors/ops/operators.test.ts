import { expect, test } from "vitest";
import { splitGradient, tf } from "../index.ts";
import { checkGradient } from "../testing/checkGradient.ts";
import { describeOnDevices } from "../testing/devices.ts";
import { expectAllClose } from "../testing/expectAllClose.ts";
import { noLeaks } from "../testing/noLeaks.ts";
import { gaussian, operatorCases } from "../testing/operatorCases.ts";

describeOnDevices("operators", () => {
  test.each(operatorCases)("$name: its gradient agrees with differences", ({ operator, inputs }) => {
    noLeaks(() =>
      tf.tidy(() => {
        const x = inputs();
        const weights = gaussian(operator(...x).shape, 9);
        // Normalised vectors bend within a step of 1e-2; random weights make every output count differently.
        checkGradient((...given) => tf.sum(tf.mul(operator(...given), weights)), x, { step: 3e-3, rtol: 2e-2 });
      }),
    );
  });

  test.each(operatorCases)("$name: the device agrees with stock operators, gradients too", (example) => {
    noLeaks(() =>
      tf.tidy(() => {
        const x = example.inputs();
        const both = [example.operator, example.composed].map((operator) => {
          const { outputs, backward } = splitGradient(() => [operator(...x)], x);
          return [outputs[0]!, ...backward([gaussian(outputs[0]!.shape, 9)])];
        });
        both[0]!.forEach((tensor, i) => {
          const expected = both[1]![i]!.dataSync();
          expect(tensor.shape).toEqual(both[1]![i]!.shape);
          const largest = Math.max(...expected.map(Math.abs));
          expectAllClose(tensor.dataSync(), expected, { rtol: 0, atol: 1e-5 * Math.max(largest, 1e-2) });
        });
      }),
    );
  });

  test.each(operatorCases)("$name: nothing is left behind without a gradient", ({ operator, inputs }) => {
    const x = inputs();
    tf.dispose(noLeaks(() => operator(...x), 1));
    tf.dispose(x);
  });
});
