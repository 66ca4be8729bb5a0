import type { CommandDefinition } from "./commandSpec.ts";
import type { Shell } from "./commonOptions.ts";
import { optionGroups } from "./helpText.ts";
import type { NamedOption } from "./optionTable.ts";

/** A command that has others as its first word, such as `ensam` with `segment`. */
export interface CommandFamily {
  readonly name: string;
  readonly members: readonly { readonly word: string; readonly definition: CommandDefinition }[];
}

/** Returns a script that completes the command's flags, their choices, and files otherwise. */
export function completionScript(command: CommandDefinition, shell: Shell): string {
  const { name } = command;
  const options = optionsOf(command);
  if (shell === "bash") {
    const load = `# ${name}: bash completion; load with: source <(${name} --completion bash)\n`;
    return `${load}${bashFunction(name, options)}${bashDoor(name)}`;
  }
  if (shell === "zsh") return `${zshHead(name)}${zshFunction(name, options)}${zshDoor(name)}`;
  return `# load with: ${name} --completion fish | source\n${fishLines(`-c ${name}`, options)}`;
}

/** Returns a script that completes the members' words and, behind such a word, that member's flags. */
export function familyCompletionScript({ name, members }: CommandFamily, shell: Shell): string {
  const words = members.map(({ word }) => word);
  if (shell === "bash") {
    const functions = members.map(({ definition }) => bashFunction(definition.name, optionsOf(definition)));
    const cases = members.map(({ word, definition }) => `    ${word}) ${functionName(definition.name)} ;;\n`);
    return `# ${name}: bash completion; load with: source <(${name} --completion bash)
${functions.join("")}${functionName(name)}() {
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "${words.join(" ")} --help --version --completion" -- "\${COMP_WORDS[1]}"))
    return
  fi
  local member="\${COMP_WORDS[1]}"
  local COMP_WORDS=("\${COMP_WORDS[@]:1}") COMP_CWORD=$((COMP_CWORD - 1))
  case "$member" in
${cases.join("")}  esac
}
${bashDoor(name)}`;
  }
  if (shell === "zsh") {
    const functions = members.map(({ definition }) => zshFunction(definition.name, optionsOf(definition)));
    const described = members.map(({ word, definition }) => `    '${word}:${zshText(definition.summary)}'\n`);
    const cases = members.map(({ word, definition }) => `    ${word}) ${functionName(definition.name)} ;;\n`);
    return `${zshHead(name)}${functions.join("")}${functionName(name)}() {
  local -a members
  members=(
${described.join("")}  )
  if (( CURRENT == 2 )); then
    _describe command members
    return
  fi
  local member="$words[2]"
  shift words
  (( CURRENT -= 1 ))
  case "$member" in
${cases.join("")}  esac
}
${zshDoor(name)}`;
  }
  const first = members.map(
    ({ word, definition }) =>
      `complete -c ${name} -n __fish_use_subcommand -x -a ${word} -d '${fishText(definition.summary)}'\n`,
  );
  const rest = members.map(({ word, definition }) =>
    fishLines(`-c ${name} -n '__fish_seen_subcommand_from ${word}'`, optionsOf(definition)),
  );
  return `# load with: ${name} --completion fish | source\n${first.join("")}${rest.join("")}`;
}

function optionsOf(command: CommandDefinition): NamedOption[] {
  return optionGroups(command).flatMap((group) => group.options);
}

function functionName(name: string): string {
  return `_${name.replaceAll("-", "_")}`;
}

function bashFunction(name: string, options: readonly NamedOption[]): string {
  const cases = options
    .filter((named) => choicesOf(named).length > 0)
    .map(
      (named) =>
        `    --${named.flag}) COMPREPLY=($(compgen -W "${choicesOf(named).join(" ")}" -- "$word")); return ;;\n`,
    );
  // Readline takes --flag=value for three words.
  return `${functionName(name)}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  if [[ "$word" == = ]]; then word=""; elif [[ "$before" == = ]]; then before="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  case "$before" in
${cases.join("")}  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "${options.map(({ flag }) => `--${flag}`).join(" ")}" -- "$word"))
  fi
}
`;
}

function bashDoor(name: string): string {
  return `complete -o default -F ${functionName(name)} ${name}\n`;
}

function zshHead(name: string): string {
  return `#compdef ${name}\n# load with: source <(${name} --completion zsh), or save it as ${functionName(name)} in a folder of $fpath\n`;
}

function zshFunction(name: string, options: readonly NamedOption[]): string {
  const lines = options.map((named) => {
    const { flag, option } = named;
    const repeat = option.kind === "list" ? "*" : "";
    const choices = choicesOf(named);
    const values = choices.length > 0 ? `(${choices.join(" ")})` : "_files";
    const value = option.kind === "boolean" ? "" : `:${flag}:${values}`;
    return `    '${repeat}--${flag}[${zshText(option.doc)}]${value}' \\\n`;
  });
  return `${functionName(name)}() {\n  _arguments \\\n${lines.join("")}    '*:file:_files'\n}\n`;
}

/** As a file of $fpath it is called at once; sourced, it is registered. */
function zshDoor(name: string): string {
  const action = functionName(name);
  return `if [[ "$funcstack[1]" == ${action} ]]; then ${action} "$@"; else compdef ${action} ${name}; fi\n`;
}

function zshText(text: string): string {
  return text.replaceAll("'", "’").replaceAll(/[[\]:\\]/g, " ");
}

function fishLines(target: string, options: readonly NamedOption[]): string {
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
    return `complete ${target} -l ${flag}${short}${value} -d '${fishText(option.doc)}'\n`;
  });
  return lines.join("");
}

function fishText(text: string): string {
  return text.replaceAll("\\", " ").replaceAll("'", "’");
}

function choicesOf({ option }: NamedOption): readonly (string | number)[] {
  return "choices" in option && option.choices !== undefined ? option.choices : [];
}
