import {
  clickCropOption,
  type DeviceChoice,
  deviceOptions,
  modelOption,
  type OptionTable,
  predictionSizeOption,
} from "@ensam/core/command";

export interface ServeOptions extends DeviceChoice {
  model?: string;
  maxVoxels?: number;
  cropWithoutBox: number;
  host: string;
  port: number;
  protocols?: readonly string[];
  apiKey?: string;
  sessions: number;
  idle: number;
  maxImage: number;
}

const server = "Server";
const limits = "Limits";

export const serveOptions: OptionTable<ServeOptions> = {
  model: modelOption,
  ...deviceOptions,
  maxVoxels: predictionSizeOption,
  cropWithoutBox: {
    ...clickCropOption,
    doc: "An object without box is looked for up to N voxels away from its first click on each side; clicks further away bring their surroundings.",
  },
  host: {
    kind: "string",
    default: "127.0.0.1",
    placeholder: "ADDRESS",
    group: server,
    doc: "Address to listen on. Any other than a loopback one lets everybody in who can reach it, but for what --api-key guards.",
  },
  port: {
    kind: "integer",
    min: 0,
    max: 65535,
    default: 1527,
    placeholder: "N",
    group: server,
    doc: "Port for all protocols; 0 takes a free one.",
  },
  protocols: {
    kind: "list",
    of: "string",
    choices: protocolNames(),
    placeholder: "NAME",
    group: server,
    defaultWords: "all; with --api-key nninteractive alone",
    doc: "Protocols to speak, with commas.",
  },
  apiKey: {
    kind: "string",
    placeholder: "KEY",
    group: server,
    accepts: (text) => /^[\x21-\x7e]+$/.test(text),
    expected: "letters, digits and signs without blanks",
    doc: "Key that clients have to send; only those of nninteractive can. Better in the environment, where other users do not see it.",
  },
  sessions: {
    kind: "integer",
    env: "ENSAM_SERVE_SESSIONS",
    min: 1,
    max: 1000,
    default: 4,
    placeholder: "N",
    group: limits,
    doc: "Most sessions at once, each with one image in memory.",
  },
  idle: {
    kind: "integer",
    min: 1,
    unit: "s",
    default: 1800,
    placeholder: "N",
    group: limits,
    doc: "A session that was not used for so long is closed.",
  },
  maxImage: {
    kind: "integer",
    min: 1,
    max: 16384,
    unit: "MiB",
    default: 1024,
    placeholder: "MIB",
    group: limits,
    doc: "Largest image, unpacked, in the type that it is sent in.",
  },
};

/** Every protocol by the name of its program. */
export function protocolNames(): readonly string[] {
  return ["nninteractive", "monailabel", "itksnap", "slicer0"];
}
