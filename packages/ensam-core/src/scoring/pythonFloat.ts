/**
 * A float as Python and pandas write it: the fewest digits that give the value back, always with a point or an
 * exponent; "" for NaN.
 */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return "";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [digits, power] = shortest(Math.abs(value)).split("e") as [string, string];
  const sign = value < 0 ? "-" : "";
  return sign + placed(digits.replace(".", ""), Number(power));
}

/** Digits, the first one standing for 10^exponent, with the point where Python puts it. */
function placed(digits: string, exponent: number): string {
  if (exponent < -4 || exponent >= 16) {
    const point = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const power = String(Math.abs(exponent)).padStart(2, "0");
    return `${digits[0]}${point}e${exponent < 0 ? "-" : "+"}${power}`;
  }
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${whole}.${digits.slice(exponent + 1) || "0"}`;
}

/**
 * The shortest digits in exponential form. Of two that are as short and exactly as near, JavaScript takes the larger
 * and Python the even one.
 */
function shortest(value: number): string {
  const text = value.toExponential();
  const [digits, power] = text.split("e") as [string, string];
  const decimals = Math.max(0, digits.length - 2);
  const exact = value.toExponential(100);
  const rest = exact.split("e")[0]!.slice(2 + decimals);
  if (!/^50*$/.test(rest) || Number(digits.at(-1)) % 2 === 0) return text;
  const lower = `${exact.slice(0, decimals === 0 ? 1 : 2 + decimals)}e${power}`;
  return Number(lower) === value ? lower : text;
}
