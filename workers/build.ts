import { type Flavour, workflowBundle } from './bundle.ts';

/** `npm run build`: the workflows' bundle; with `--all` also those for workers that encrypt or trace. */
const all: Flavour[] = [{}, { encrypted: true }, { traced: true }, { encrypted: true, traced: true }];
for (const flavour of process.argv.includes('--all') ? all : [{}]) {
  const started = Date.now();
  const bundle = await workflowBundle(flavour);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${'codePath' in bundle ? bundle.codePath : ''} is up to date (${seconds} s)`);
}
