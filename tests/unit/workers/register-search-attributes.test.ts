import { registerSearchAttributes } from '../../../workers/register-search-attributes.ts';
import { SEARCH_ATTRIBUTES } from '../../../workflows/recovery/search-attributes.ts';

const PERMISSION_DENIED = Object.assign(new Error('not for you'), { code: 7 });
const ALREADY_EXISTS = Object.assign(new Error('it is there'), { code: 6 });
const NAMES = SEARCH_ATTRIBUTES.map(({ name }) => name);

/** A server that knows these attributes, and what it was asked to add. */
function server({
  list = null,
  add = null,
  there = [],
}: {
  list?: Error | null;
  add?: Error | null;
  there?: string[];
}) {
  const added: string[] = [];
  const operatorService = {
    async listSearchAttributes() {
      if (list) throw list;
      return { customAttributes: Object.fromEntries(there.map((name) => [name, 2])) };
    },
    async addSearchAttributes({ searchAttributes }: { searchAttributes: Record<string, number> }) {
      if (add) throw add;
      added.push(...Object.keys(searchAttributes));
    },
  };
  return { added, connection: { operatorService } as unknown as Parameters<typeof registerSearchAttributes>[0] };
}

test('adds those that are missing, and only those', async () => {
  const { added, connection } = server({ there: NAMES.slice(1) });
  await registerSearchAttributes(connection, 'default');
  expect(added).toEqual(NAMES.slice(0, 1));
});

test('a worker that may not look goes on: somebody has made them by hand', async () => {
  const { added, connection } = server({ list: PERMISSION_DENIED });
  await registerSearchAttributes(connection, 'default');
  expect(added).toEqual([]);
});

test('a worker that was not the quickest goes on', async () => {
  await registerSearchAttributes(server({ add: ALREADY_EXISTS }).connection, 'default');
});

test('a worker that may look and not add says what is missing, and what to do', async () => {
  const { connection } = server({ add: PERMISSION_DENIED, there: NAMES.slice(2) });
  await expect(registerSearchAttributes(connection, 'prod')).rejects.toThrow(
    `namespace prod lacks the search attributes ${NAMES.slice(0, 2).join(', ')}, and this worker may not add them`,
  );
});
