import type { ResultTable } from "../resultTable.ts";

/** Returns text as it may stand in HTML, also in attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/**
 * Returns a table as HTML; with `stacked`, what is in brackets goes on a line of its own. On phones each row becomes a
 * card, so every cell carries its column's name, and a group's name that a table shows once is there in each row.
 */
export function htmlTable({ title, columns, words, rows, note }: ResultTable, { stacked = true } = {}): string {
  const head = columns.map((column, i) => {
    return `<th scope="col"${i < words ? ' class="word"' : ""}>${escapeHtml(column)}</th>`;
  });
  let group = "";
  const body = rows.map(({ cells, startsGroup, isStrong }, r) => {
    const isRepeat = cells[0] === "";
    if (!isRepeat) group = cells[0]!;
    const classes = [startsGroup && r > 0 ? "group" : "", isStrong ? "strong" : ""].filter((name) => name !== "");
    const row = [
      `<th scope="row" class="word${isRepeat ? " repeat" : ""}">${escapeHtml(group)}</th>`,
      ...cells.slice(1).map((cell, i) => cellHtml(cell, columns[i + 1]!, i + 1 < words)),
    ];
    return `<tr${classes.length === 0 ? "" : ` class="${classes.join(" ")}"`}>${row.join("")}</tr>`;
  });
  return [
    `<figure class="table${stacked ? " stacked" : ""}"><figcaption>${escapeHtml(title)}</figcaption><div class="scroll"><table>`,
    `<thead><tr>${head.join("")}</tr></thead>`,
    `<tbody>${body.join("\n")}</tbody></table></div>`,
    note === undefined ? "" : `<p class="note">${escapeHtml(note)}</p>`,
    "</figure>",
  ].join("\n");
}

function cellHtml(cell: string, column: string, isWord: boolean): string {
  if (isWord) return `<td class="word">${escapeHtml(cell)}</td>`;
  const [value, brackets] = cell.split(/ (?=[[(].*[\])]$)/);
  const text = `${escapeHtml(value!)}${brackets === undefined ? "" : ` <small>${escapeHtml(brackets)}</small>`}`;
  return `<td data-label="${escapeHtml(column)}">${text}</td>`;
}
