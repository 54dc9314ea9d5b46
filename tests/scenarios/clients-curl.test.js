// curl behind the gateway, with every provider: rows of the matrix that docs/clients.md shows.
import { shell } from './support/clients/curl.js';
import { matrix } from './support/matrix/matrix.js';

matrix(shell);
