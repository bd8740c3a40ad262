/** The look of a report on screen and on paper. */
export const STYLE = `
:root { color-scheme: light; --good: #17693a; --bad: #b3261e; --unsure: #8a5a00; --plain: #44546a; --line: #d5dae1; }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1b2430; background: #fff;
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.headline { font-size: 1.25rem; font-weight: 600; margin: .5rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
thead th { color: var(--plain); font-weight: 600; }
thead th, td span { overflow-wrap: normal; }
tbody th { font-weight: 500; min-width: 8rem; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; } .unsure { color: var(--unsure); }
.track { position: relative; width: 9rem; height: .8rem; margin-top: .25rem; background: #eef1f5; border-radius: 2px; }
.bar { position: absolute; top: 0; bottom: 0; min-width: 2px; border-radius: 2px; background: var(--plain); }
.bar.good { background: var(--good); } .bar.bad { background: var(--bad); } .bar.unsure { background: var(--unsure); }
@media print {
  body { margin: 0; max-width: none; font-size: 11px; }
  section, tr { break-inside: avoid; }
  .track, .bar { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
