/**
 * A page with its marked parts replaced: what stands between `<!-- ablation: NAME -->` and `<!-- /ablation -->`. The
 * text around them is a person's and stays.
 *
 * @throws Error when the page has no such part
 */
export function fillPage(page: string, parts: Readonly<Record<string, string>>): string {
  let filled = page;
  for (const [name, text] of Object.entries(parts)) {
    const begin = `<!-- ablation: ${name} -->\n`;
    const from = filled.indexOf(begin);
    const to = filled.indexOf("<!-- /ablation -->", from);
    if (from < 0 || to < 0) throw new Error(`page: expected a part "${begin.trim()}" to fill, got none`);
    filled = `${filled.slice(0, from)}${begin}\n${text}\n${filled.slice(to)}`;
  }
  return filled;
}
