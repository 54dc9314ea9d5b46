// The AI SDK with its OpenAI provider, which speaks Responses, behind the gateway, with every provider: rows of the matrix that docs/clients.md shows.
import { aiResponses } from './support/clients/ai-sdk.js';
import { matrix } from './support/matrix/matrix.js';

matrix(aiResponses);
