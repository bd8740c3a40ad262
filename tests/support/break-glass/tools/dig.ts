import { Resolver } from 'node:dns/promises';

/** Stands in for dig: `dig +short NAME TYPE @SERVER -p PORT`. */
const [, name = '', type = '', server = '', , port] = process.argv.slice(2);
const resolver = new Resolver({ timeout: 1_000, tries: 2 });
resolver.setServers([`${server.slice(1)}:${port}`]);
console.log(String(await resolver.resolve(name, type)));
