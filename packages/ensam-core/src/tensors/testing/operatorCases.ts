export { gaussian, type OperatorCase, operatorCases } from "../operatorCases.ts";
