import type { FastifyInstance } from 'fastify';

interface Update {
  status: string;
  body: string | null;
}

interface Incident {
  id: string;
  name: string;
  status: string;
  metadata: unknown;
  /** Newest first. */
  incident_updates: Update[];
}

interface Page {
  Params: { page: string; incident: string };
  Body: { incident: { name?: string; status: string; body: string; metadata?: unknown } };
}

/** Status pages in memory that speak as much of Statuspage's API as incidents need: https://developer.statuspage.io/ */
export class StatusPages {
  readonly #pages = new Map<string, Incident[]>();

  /** Adds the routes below a path. */
  serve(app: FastifyInstance, base: string): void {
    const incidents = `${base}/pages/:page/incidents`;
    app.get<Page>(`${incidents}/unresolved`, async ({ params }) =>
      this.#incidents(params.page).filter(({ status }) => status !== 'resolved'),
    );
    app.post<Page>(incidents, async ({ params, body: { incident } }, reply) => {
      const { name = '', metadata = {}, ...update } = incident;
      const page = this.#incidents(params.page);
      const made = {
        id: `incident-${page.length + 1}`,
        name,
        metadata,
        status: update.status,
        incident_updates: [update],
      };
      page.unshift(made);
      return reply.code(201).send(made);
    });
    app.patch<Page>(`${incidents}/:incident`, async ({ params, body: { incident: update } }, reply) => {
      const found = this.#incidents(params.page).find(({ id }) => id === params.incident);
      if (found === undefined) return reply.code(404).send({ error: 'not found' });
      found.status = update.status;
      found.incident_updates.unshift({ status: update.status, body: update.body });
      return found;
    });
  }

  #incidents(page: string): Incident[] {
    const known = this.#pages.get(page) ?? [];
    this.#pages.set(page, known);
    return known;
  }
}
