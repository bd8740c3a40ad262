import { haPair } from './ha-pair.ts';
import type { Shape } from './shape.ts';
import { single } from './single.ts';
import { twoSites } from './two-sites.ts';

/** Every shape that a lab can have, the usual one first. */
export const SHAPES: readonly [Shape, ...Shape[]] = [twoSites, haPair, single];
export const USUAL_SHAPE = SHAPES[0].name;

export function shapeNamed(name: string): Shape {
  const shape = SHAPES.find((candidate) => candidate.name === name);
  if (shape) return shape;
  throw new Error(`there is no shape "${name}"; there are: ${SHAPES.map((candidate) => candidate.name).join(', ')}`);
}
