// LangChain with Chat Completions behind the gateway, with every provider: rows of the matrix that docs/clients.md shows.
import { langchain } from './support/clients/langchain.js';
import { matrix } from './support/matrix/matrix.js';

matrix(langchain);
