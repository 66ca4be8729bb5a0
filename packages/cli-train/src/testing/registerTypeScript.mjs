// Lets a worker thread of a test run our TypeScript sources: types are removed on loading, packages resolve to src.
import { register } from "node:module";

register("./typeScriptLoader.mjs", import.meta.url);
