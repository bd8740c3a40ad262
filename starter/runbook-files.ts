import { join } from 'node:path';

/** Where plans are, unless `LIFEBOAT_RUNBOOKS` or the caller says otherwise: a folder per system. */
export const RUNBOOKS = process.env['LIFEBOAT_RUNBOOKS'] ?? join(import.meta.dirname, '..', 'runbooks');

export const planFile = (folder: string, system: string) => join(folder, system, 'plan.yaml');

export const environmentFile = (folder: string, system: string, environment: string) =>
  join(folder, system, 'environments', `${environment}.yaml`);
