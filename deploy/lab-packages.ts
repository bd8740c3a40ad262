import { installPackages } from '../lab/setup/install-packages.ts';
import { PACKAGES } from '../lab/setup/packages.ts';

/** Installs the lab's Debian packages while its image is built, so that a container starts with them. */
await installPackages(Object.keys(PACKAGES));
