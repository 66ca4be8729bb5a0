import type { Command } from "./commandSpec.ts";
import { exitCodeMeanings } from "./errors.ts";
import { flagWords, optionGroups, usageLine, valueWords } from "./helpText.ts";

/** Returns the page docs/commands/NAME.md of a command, from the same table as its help. */
export function renderDocs({ definition }: Command): string {
  const { name, summary, description = [], examples, positionals, reads = [], writes = [] } = definition;
  const sections = [
    `# ${name}`,
    sentence(summary),
    ...examples.map(({ command, doc }) => `${sentence(doc)}\n\n\`\`\`sh\n${command}\n\`\`\``),
    ...description,
    `## Usage\n\n\`${usageLine(definition)}\``,
    ...(positionals === undefined ? [] : [`\`${positionals.name}\`: ${positionals.doc}`]),
    ...(reads.length + writes.length === 0
      ? []
      : [`Reads ${rowWords(reads)}; writes ${rowWords(writes)}. \`${name} --schema\` prints their JSON Schemas.`]),
    ...optionGroups(definition).map(({ title, options }) => {
      const lines = options.map((named) => {
        const values = [valueWords(named), named.env && `\`${named.env}\``].filter((words) => words !== "").join("; ");
        return `| \`${cell(flagWords(named))}\` | ${cell(named.option.doc)} | ${cell(values)} |`;
      });
      return `## ${title}\n\n| option | what it does | values; environment variable |\n|---|---|---|\n${lines.join("\n")}`;
    }),
    `## Exit codes\n\n| code | meaning |\n|---|---|\n${exitCodeMeanings.map(([code, words]) => `| ${code} | ${words} |`).join("\n")}`,
  ];
  return `${sections.join("\n\n")}\n`;
}

function rowWords(types: readonly string[]): string {
  return types.length === 0 ? "no rows" : `${types.map((type) => `\`${type}\``).join(", ")} rows`;
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.:!?]$/.test(capital) ? capital : `${capital}.`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
