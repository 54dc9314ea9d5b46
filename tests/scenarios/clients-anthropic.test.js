// Anthropic's SDK behind the gateway, with every provider: rows of the matrix that docs/clients.md shows.
import { messages } from './support/clients/anthropic.js';
import { matrix } from './support/matrix/matrix.js';

matrix(messages);
