// What the row schemas use of zod.
export { array, boolean, enum, int, literal, looseObject, number, record, string, tuple, union, unknown } from "zod";
