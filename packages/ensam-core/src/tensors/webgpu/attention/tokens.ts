import { unitEpsilon } from "../../constants.ts";
import { columnSums, plainSum } from "../norm/columnSums.ts";
import type { TensorInfo } from "../runtime/backend.ts";
import type { Program } from "../runtime/program.ts";
import { type Kernel, register } from "../runtime/register.ts";

export function registerTokens(): void {
  register("EnsamUnit", (backend, { x }) => {
    const [rows, channels] = x!.shape as [number, number];
    const y = backend.output(x!.shape);
    backend.run(unit, { x: x!, y }, { rows, channels }, rows);
    return y;
  });
  register("EnsamUnitGradient", (backend, { dy, x }) => {
    const [rows, channels] = x!.shape as [number, number];
    const dx = backend.output(x!.shape);
    backend.run(unitGradient, { dy: dy!, x: x!, dx }, { rows, channels }, rows);
    return dx;
  });
  register("EnsamStepOnSphere", (backend, { state, proposal, rate }) => {
    const [rows, channels] = state!.shape as [number, number];
    const y = backend.output(state!.shape);
    const buffers = { state: state!, proposal: proposal!, rate: rate!, y };
    backend.run(step, buffers, { rows, channels }, rows);
    return y;
  });
  register("EnsamStepOnSphereGradient", stepGradient);
}

const stepGradient: Kernel = (backend, inputs) => {
  const { dy, state, proposal, rate } = inputs as Record<"dy" | "state" | "proposal" | "rate", TensorInfo>;
  const [rows, channels] = state.shape as [number, number];
  const dState = backend.output(state.shape);
  const dProposal = backend.output(state.shape);
  const dRate = backend.output([channels]);
  backend.borrow(rows * channels, (shares) => {
    const buffers = { dy, state, proposal, rate, dState, dProposal, shares };
    backend.run(stepBack, buffers, { rows, channels }, rows);
    columnSums(backend, plainSum, { x: shares }, rows, channels, dRate);
  });
  return [dState, dProposal, dRate];
};

/** The sum of a workgroup's 64 values, told to all of its threads; all of them must call it. */
export const rowTotal = `
  var<workgroup> shared_: array<f32, 64>;
  fn total(value: f32, local: u32) -> f32 {
    workgroupBarrier();
    shared_[local] = value;
    workgroupBarrier();
    for (var half = 32u; half > 0u; half /= 2u) {
      if (local < half) { shared_[local] += shared_[local + half]; }
      workgroupBarrier();
    }
    return shared_[0];
  }`;

const parameters = { rows: "u32", channels: "u32" } as const;

/** The row of this workgroup; there may be a few workgroups too many. */
const rowOfGroup = `
  let row = group.y * groups.x + group.x;
  if (row >= p.rows) { return; }
  let first = row * p.channels;`;

const unit: Program = {
  key: "unit",
  reads: { x: "f32" },
  writes: { y: "f32" },
  parameters,
  threads: 64,
  declarations: rowTotal,
  body: `
    ${rowOfGroup}
    var squares = 0.0;
    for (var c = local; c < p.channels; c += 64u) { squares += x[first + c] * x[first + c]; }
    let size = max(sqrt(total(squares, local)), ${unitEpsilon});
    for (var c = local; c < p.channels; c += 64u) { y[first + c] = x[first + c] / size; }`,
};

const unitGradient: Program = {
  key: "unitGradient",
  reads: { dy: "f32", x: "f32" },
  writes: { dx: "f32" },
  parameters,
  threads: 64,
  declarations: rowTotal,
  body: `
    ${rowOfGroup}
    var squares = 0.0;
    var along = 0.0;
    for (var c = local; c < p.channels; c += 64u) {
      squares += x[first + c] * x[first + c];
      along += x[first + c] * dy[first + c];
    }
    let size = sqrt(total(squares, local));
    let inner = total(along, local);
    let turn = select(0, inner / (size * size), size > ${unitEpsilon});
    for (var c = local; c < p.channels; c += 64u) {
      dx[first + c] = (dy[first + c] - x[first + c] * turn) / max(size, ${unitEpsilon});
    }`,
};

/** Length of the proposal and, by `moved`, what the state becomes before it is brought to unit length. */
const stepDeclarations = `
  ${rowTotal}
  fn moved(at: u32, c: u32, size: f32) -> f32 {
    return state[at] + abs(rate[c]) * (proposal[at] / size - state[at]);
  }`;
const stepLengths = `
  var squares = 0.0;
  for (var c = local; c < p.channels; c += 64u) { squares += proposal[first + c] * proposal[first + c]; }
  let size = max(sqrt(total(squares, local)), ${unitEpsilon});
  squares = 0;
  for (var c = local; c < p.channels; c += 64u) {
    let value = moved(first + c, c, size);
    squares += value * value;
  }
  let movedSize = max(sqrt(total(squares, local)), ${unitEpsilon});`;

const step: Program = {
  key: "stepOnSphere",
  reads: { state: "f32", proposal: "f32", rate: "f32" },
  writes: { y: "f32" },
  parameters,
  threads: 64,
  declarations: stepDeclarations,
  body: `
    ${rowOfGroup}
    ${stepLengths}
    for (var c = local; c < p.channels; c += 64u) { y[first + c] = moved(first + c, c, size) / movedSize; }`,
};

const stepBack: Program = {
  key: "stepOnSphereGradient",
  reads: { dy: "f32", state: "f32", proposal: "f32", rate: "f32" },
  writes: { dState: "f32", dProposal: "f32", shares: "f32" },
  parameters,
  threads: 64,
  declarations: stepDeclarations,
  body: `
    ${rowOfGroup}
    ${stepLengths}
    var along = 0.0;
    for (var c = local; c < p.channels; c += 64u) { along += dy[first + c] * moved(first + c, c, size) / movedSize; }
    along = select(0, total(along, local), movedSize > ${unitEpsilon});
    // The gradient of what is behind the step, kept in dState between the loops.
    var turn = 0.0;
    for (var c = local; c < p.channels; c += 64u) {
      let at = first + c;
      let back = (dy[at] - along * moved(at, c, size) / movedSize) / movedSize;
      dState[at] = back;
      turn += abs(rate[c]) * back * proposal[at] / size;
    }
    turn = select(0, total(turn, local), size > ${unitEpsilon});
    for (var c = local; c < p.channels; c += 64u) {
      let at = first + c;
      let back = dState[at];
      let goal = proposal[at] / size;
      dProposal[at] = (abs(rate[c]) * back - goal * turn) / size;
      shares[at] = sign(rate[c]) * back * (goal - state[at]);
      dState[at] = (1 - abs(rate[c])) * back;
    }`,
};
