// LangChain with Responses behind the gateway, with every provider: rows of the matrix that docs/clients.md shows.
import { langchainResponses } from './support/clients/langchain.js';
import { matrix } from './support/matrix/matrix.js';

matrix(langchainResponses);
