// OpenAI's SDK with Responses behind the gateway, with every provider: rows of the matrix that docs/clients.md shows.
import { responses } from './support/clients/openai.js';
import { matrix } from './support/matrix/matrix.js';

matrix(responses);
