/** The weights in this package: the path of a half-float safetensors file, and the SHA-256 it was scored with. */
export declare function builtinWeights(): { readonly path: string; readonly sha256: string };
