/**
 * The report's look: one column, light or dark as the reader's system is, from phone to desktop. No fonts are fetched.
 */
export const style = `
:root { color-scheme: light dark; --text: #1f2328; --soft: #59636e; --line: #d1d9e0; --back: #ffffff; --panel: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --soft: #9ea7b1; --line: #3a424b; --back: #12161b; --panel: #1b2128; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.1rem; margin: 1.75rem 0 .5rem; }
h4 { font-size: .95rem; margin: .75rem 0 .25rem; font-weight: 600; }
p { margin: .5rem 0; max-width: 75ch; }
.note, .lead { color: var(--soft); font-size: .9rem; }
nav { font-size: .9rem; } nav a { margin-right: 1rem; color: inherit; white-space: nowrap; }
figure { margin: 0 0 1.5rem; }
figcaption { font-weight: 600; margin-bottom: .35rem; overflow-wrap: anywhere; }
.case > figcaption { font-weight: 400; font-size: .92rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; min-width: 100%; }
th, td { padding: .3rem .6rem; text-align: right; vertical-align: top; white-space: nowrap; font-weight: 400; }
thead th { border-bottom: 2px solid var(--line); font-weight: 600; }
tbody tr:last-child > * { border-bottom: 2px solid var(--line); }
.word { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 6.5em; }
.repeat { color: transparent; }
tr.group > * { border-top: 1px solid var(--line); }
tr.strong > * { font-weight: 600; background: var(--panel); }
td small { color: var(--soft); font-weight: 400; font-size: .8rem; }
.stacked td small { display: block; }
.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 500px), 1fr)); gap: 1rem; }
.curve { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: .75rem; margin: 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 220px), 1fr)); gap: .5rem; }
.pair svg { width: 100%; height: auto; display: block; max-width: 340px; margin: 0 auto; }
.pair svg text { font-family: inherit; }
.key { list-style: none; display: flex; flex-wrap: wrap; gap: .35rem 1.1rem; padding: 0; margin: .5rem 0 .75rem; font-size: .9rem; }
.key li { display: flex; align-items: center; gap: .4rem; overflow-wrap: anywhere; }
.key span { flex: none; width: 14px; height: 14px; border-radius: 3px; }
.key .fill { background: var(--c); } .key .dot { background: var(--c); border-radius: 50%; }
.key .ring { border: 2px dashed var(--c); border-radius: 50%; } .key .line { height: 0; border-top: 3px solid var(--c); border-radius: 0; width: 18px; }
.key .fine { border-top-width: 2px; } .key .dashes { height: 14px; width: 20px; border: 1.5px dashed var(--c); border-radius: 0; background: #333; }
details > summary { cursor: pointer; color: var(--soft); }
.defs { position: absolute; width: 0; height: 0; }
.case { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: .75rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(130px, 1fr)); gap: .5rem; align-items: end; }
.tiles.row { grid-template-columns: repeat(var(--n), minmax(0, 1fr)); max-width: calc(var(--n) * 260px); margin-bottom: .5rem; }
.case .model { margin: .25rem 0; font-size: .85rem; color: var(--soft); }
.tile svg { width: 100%; height: auto; display: block; background: #000; border-radius: 4px; }
.tile image, .tile use { image-rendering: pixelated; }
symbol image { image-rendering: pixelated; }
.tile .label { margin: .2rem 0 0; font-size: .82rem; line-height: 1.3; }
.tile.none { align-self: stretch; display: flex; flex-direction: column; } .tile.none p:first-child { flex: 1; display: grid; place-items: center; margin: 0; border: 1px dashed var(--line); border-radius: 4px; color: var(--soft); font-size: .85rem; }
.scale { fill: #fff; stroke: #000; stroke-width: 3px; paint-order: stroke; font: 600 14px system-ui, "DejaVu Sans", sans-serif; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .5rem 1rem; }
dt { font-weight: 600; } dd { margin: 0; max-width: 75ch; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: .75rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
@media (max-width: 700px) {
  body { font-size: 15px; }
  .table table, .table tbody { display: block; }
  .table thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .table tr { display: grid; grid-template-columns: repeat(6, 1fr); gap: .1rem .5rem; padding: .45rem .25rem; border-top: 1px solid var(--line); }
  .table tr > * { grid-column: span 2; padding: 0 .25rem; text-align: left; border: 0 !important; }
  .table tr > .word { grid-column: span 3; font-weight: 600; color: inherit; }
  .table td[data-label]::before { content: attr(data-label); display: block; color: var(--soft); font-weight: 400; font-size: .75rem; line-height: 1.2; margin-top: .15rem; }
  .table tbody { border-bottom: 1px solid var(--line); }
  .table td small { display: block; font-size: .75rem; }
  .tiles.row { grid-template-columns: repeat(3, 1fr); }
  .pair svg { max-width: none; }
  dl { grid-template-columns: 1fr; gap: .1rem; } dd { margin-bottom: .6rem; }
}
@media print { .case, .curve, .table { break-inside: avoid; } }
`;
