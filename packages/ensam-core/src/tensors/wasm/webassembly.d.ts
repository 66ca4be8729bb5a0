// The part of the WebAssembly interface that the engine uses; TypeScript has it only together with the browser's types.
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: SharedArrayBuffer;
    grow(pages: number): number;
  }
  const Memory: new (descriptor: { initial: number; maximum: number; shared: boolean }) => Memory;
  interface Module {
    readonly [compiled]: true;
  }
  const compiled: unique symbol;
  const Module: { exports(module: Module): { name: string; kind: string }[] };
  type Exports = Record<string, unknown>;
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
  function instantiate(
    module: Module,
    imports: Record<string, Record<string, unknown>>,
  ): Promise<{ readonly exports: Exports }>;
}
