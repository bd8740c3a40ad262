import { actionOf } from '../actions/index.ts';
import { seconds } from '../duration.ts';
import { criticalPath } from '../graph.ts';
import type { Phase } from '../schema.ts';

/** Text within a Mermaid label. */
const label = (text: string) => text.replaceAll('"', '#quot;');

function shape({ name, action, budget, pointOfNoReturn }: Phase): string {
  if (actionOf(action).does === 'decide') return `{{"${label(name)}<br/>people decide"}}`;
  const time = budget === undefined ? '' : `<br/>${seconds(budget)} s`;
  return `["${label(name)}${time}${pointOfNoReturn ? '<br/>point of no return' : ''}"]`;
}

/** A flowchart of the phases: an arrow is a need, the critical path is drawn thick. */
export function mermaid(phases: readonly Phase[]): string {
  const id = (name: string) => `p${phases.findIndex((phase) => phase.name === name)}`;
  const path = criticalPath(phases).names;
  const follows = (from: string, to: string) => path.includes(from) && path[path.indexOf(from) + 1] === to;
  const nodes = phases.map((phase) => `  ${id(phase.name)}${shape(phase)}`);
  const arrows = phases.flatMap(({ name, needs }) =>
    needs.map((need) => `  ${id(need)} ${follows(need, name) ? '==>' : '-->'} ${id(name)}`),
  );
  const marked = phases.filter(({ pointOfNoReturn }) => pointOfNoReturn).map(({ name }) => id(name));
  const style =
    marked.length === 0 ? [] : ['  classDef final stroke:#b00,stroke-width:3px', `  class ${marked.join(',')} final`];
  return ['```mermaid', 'flowchart LR', ...nodes, ...arrows, ...style, '```'].join('\n');
}
