import { type Lab, targetsOf } from '../lab.ts';
import { UnknownName } from '../registry.ts';
import { type Instance, instanceService, servingSites } from '../shapes/shape.ts';

/** Something that can be done to a lab on purpose. */
export interface Fault {
  /** Its parameters, as they are typed after the verb. */
  parameters: readonly string[];
  /** What it does, in one line. */
  effect: string;
  /** The verb that takes it back, with the same parameters but those that only this one needs. */
  undo?: string;
  /** Answers one sentence on what was done. */
  act(lab: Lab, ...parameters: string[]): Promise<string>;
}

/** The sites that serve, by letters. */
export function lettersOf({ shape }: Lab): Record<string, string> {
  return Object.fromEntries(servingSites(shape).map((site, index) => [`region-${'abcdef'[index]}`, site]));
}

/** The site or service that a parameter means; throws, naming what is known, when it means none. */
export function targetNamed(lab: Lab, given: string): string {
  const target = lettersOf(lab)[given] ?? given;
  targetsOf(lab.shape, target);
  return target;
}

export function instanceNamed({ shape }: Lab, name: string): Instance {
  const { instances } = shape.database;
  const instance = instances.find((each) => each.name === name || instanceService(each) === name);
  if (instance !== undefined) return instance;
  throw new UnknownName(
    `there is no instance "${name}" of the database; known are: ${instances.map((each) => each.name).join(', ')}`,
  );
}
