const millimetres: Readonly<Record<string, number | undefined>> = {
  m: 1000,
  meter: 1000,
  metre: 1000,
  dm: 100,
  cm: 10,
  centimeter: 10,
  centimetre: 10,
  mm: 1,
  millimeter: 1,
  millimetre: 1,
  um: 1e-3,
  µm: 1e-3,
  μm: 1e-3,
  micron: 1e-3,
  micrometer: 1e-3,
  micrometre: 1e-3,
  nm: 1e-6,
  nanometer: 1e-6,
  nanometre: 1e-6,
  pm: 1e-9,
  å: 1e-7,
  angstrom: 1e-7,
  in: 25.4,
  inch: 25.4,
};

/**
 * How many mm one of a unit of length is, by the names and signs that image files use ("um", "µm", "microns",
 * "Millimeter"); undefined for anything else, such as "pixel".
 */
export function mmOf(unit: string): number | undefined {
  const name = unit.normalize("NFC").trim().toLowerCase();
  return millimetres[name] ?? millimetres[name.replace(/e?s$/, "")];
}
