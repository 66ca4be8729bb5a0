import type { CommandDefinition } from "./commandSpec.ts";
import { optionGroups } from "./helpText.ts";
import type { NamedOption } from "./optionTable.ts";

/** Returns a script that completes the command's flags, their choices, and files otherwise. */
export function completionScript(command: CommandDefinition, shell: "bash" | "zsh" | "fish"): string {
  const options = optionGroups(command).flatMap((group) => group.options);
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](command.name, options);
}

function bashScript(name: string, options: readonly NamedOption[]): string {
  const cases = options
    .filter((named) => choicesOf(named).length > 0)
    .map(
      (named) =>
        `    --${named.flag}) COMPREPLY=($(compgen -W "${choicesOf(named).join(" ")}" -- "$word")); return ;;\n`,
    );
  const action = `_${name.replaceAll("-", "_")}`;
  return `# ${name}: bash completion; load with: source <(${name} --completion bash)
${action}() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
${cases.join("")}  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "${options.map(({ flag }) => `--${flag}`).join(" ")}" -- "$word"))
  fi
}
complete -o default -F ${action} ${name}
`;
}

function zshScript(name: string, options: readonly NamedOption[]): string {
  const lines = options.map((named) => {
    const { flag, option } = named;
    const repeat = option.kind === "list" ? "*" : "";
    const choices = choicesOf(named);
    const values = choices.length > 0 ? `(${choices.join(" ")})` : "_files";
    const value = option.kind === "boolean" ? "" : `:${flag}:${values}`;
    return `  '${repeat}--${flag}[${option.doc.replaceAll("'", "’").replaceAll(/[[\]:]/g, " ")}]${value}' \\\n`;
  });
  return `#compdef ${name}\n# load with: source <(${name} --completion zsh)\n_arguments \\\n${lines.join("")}  '*:file:_files'\n`;
}

function fishScript(name: string, options: readonly NamedOption[]): string {
  const lines = options.map((named) => {
    const { flag, option } = named;
    const short = option.alias === undefined ? "" : ` -s ${option.alias}`;
    const value =
      option.kind === "boolean"
        ? ""
        : choicesOf(named).length > 0
          ? ` -x -a '${choicesOf(named).join(" ")}'`
          : option.kind === "path"
            ? " -r"
            : " -x";
    return `complete -c ${name} -l ${flag}${short}${value} -d '${option.doc.replaceAll("'", "’")}'\n`;
  });
  return `# load with: ${name} --completion fish | source\n${lines.join("")}`;
}

function choicesOf({ option }: NamedOption): readonly (string | number)[] {
  return "choices" in option && option.choices !== undefined ? option.choices : [];
}
