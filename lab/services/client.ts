import { httpGet } from '../http.ts';
import { type Context, known, type Service } from '../service.ts';
import { addressName, type Placement, present, primaryOf, type Shape } from '../shapes/shape.ts';
import { nodeProgram } from './node-program.ts';

/** Writes orders without pause and keeps the ledger of what was acknowledged. */
export const client = (shape: Shape, { site }: Placement): Service => ({
  name: `${site}/client`,
  place: site,
  needs: present(shape, [`${site}/dns`, `${primaryOf(shape)}/application`, ...(shape.clientName ? [] : ['tables'])]),
  tools: [],
  ports: { client: 8091 },
  readyWithinMs: 30_000,
  programs: (context) => [nodeProgram(context, 'client', 'lab/client/main.ts', target(shape, context))],
  async observe({ host, ports }) {
    await httpGet({ url: `http://${host}:${known(ports, 'client')}/metrics` });
  },
});

/** A name where an application serves by one; otherwise the instances of the database. */
function target({ clientName, database }: Shape, { hosts }: Context): Record<string, string> {
  if (clientName !== null) return { LAB_CLIENT_NAME: clientName };
  const { name, secret } = database.users.application;
  const instances = database.instances.map((each) => `${each.name}=${known(hosts, addressName(each))}`);
  return {
    LAB_CLIENT_INSTANCES: instances.join(),
    LAB_DATABASE: database.name,
    LAB_DATABASE_USER: name,
    LAB_DATABASE_SECRET: secret,
  };
}
