// What a packed package.json says otherwise than the one in the repository.
const { execFileSync } = require("node:child_process");
const { relative } = require("node:path");

/** The address that this clone came from, if it has one. */
function origin(folder) {
  try {
    const words = ["-C", folder, "config", "--get", "remote.origin.url"];
    return execFileSync("git", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

/** The entries without the condition that leads to sources, which are not packed. */
function withoutSources(entries) {
  if (typeof entries !== "object") return entries;
  const kept = Object.entries(entries).filter(([condition]) => condition !== "ensam-source");
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutSources(value)]));
}

module.exports = {
  hooks: {
    beforePacking(manifest, folder) {
      const { devDependencies: _, exports, ...packed } = manifest;
      if (exports !== undefined) packed.exports = withoutSources(exports);
      const url = origin(folder);
      const directory = relative(__dirname, folder);
      // Only public addresses: a path or a host with a password is nobody's way to the sources.
      const isPublic = url !== undefined && /^(https:\/\/[^@]+|git@[^:]+:.+)$/.test(url);
      return isPublic ? { ...packed, repository: { type: "git", url, directory } } : packed;
    },
  },
};
