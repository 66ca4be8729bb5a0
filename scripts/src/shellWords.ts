/** Returns the words of each `ensam-*` call in a line of shell (also `npx ensam-x` and `ensam x`), without redirections. */
export function callsOf(line: string): string[][] {
  return simpleCommands(line)
    .map((words) => words.filter((_, i) => !isRedirection(words, i)))
    .map((words) => words.slice([...words, "ensam"].findIndex((word) => /^ensam(-[a-z]+)?$/.test(word))))
    .filter((words) => words.length > 0)
    .map(([name, ...rest]) => (name === "ensam" ? [`ensam-${rest[0]}`, ...rest.slice(1)] : [name!, ...rest]));
}

const isRedirection = (words: readonly string[], i: number) =>
  /^(\d?>>?|<)/.test(words[i]!) || /^(\d?>>?|<)$/.test(words[i - 1] ?? "");

/** Splits at pipes, semicolons, && and ends of lines; quotes keep words together. */
function simpleCommands(line: string): string[][] {
  const commands: string[][] = [[]];
  const words = /'([^']*)'|"([^"]*)"|([|;\n]+|&&)|((?:[^\s'"|;&]|&(?!&))+)/g;
  let end = -1;
  for (const match of line.matchAll(words)) {
    const [whole, single, double, operator, plain] = match;
    if (operator !== undefined) commands.push([]);
    else {
      const text = single ?? double ?? plain!;
      const current = commands.at(-1)!;
      // Quoted and unquoted pieces without a blank between are one word.
      if (match.index === end && current.length > 0) current[current.length - 1] += text;
      else current.push(text);
      end = match.index + whole.length;
    }
  }
  return commands;
}
