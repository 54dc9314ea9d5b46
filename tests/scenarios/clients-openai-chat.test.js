// OpenAI's SDK with Chat Completions behind the gateway, with every provider: rows of the matrix that docs/clients.md shows.
import { chat } from './support/clients/openai.js';
import { matrix } from './support/matrix/matrix.js';

matrix(chat);
