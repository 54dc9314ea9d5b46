// Python's clients behind the gateway, with every provider. tools/matrix-python runs this: it needs a package index.
import { python } from './support/clients/python.js';
import { matrix } from './support/matrix/matrix.js';

matrix(...python);
