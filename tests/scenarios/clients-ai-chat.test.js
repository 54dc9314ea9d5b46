// The AI SDK with its OpenAI provider on Chat Completions behind the gateway, with every provider: rows of the matrix that docs/clients.md shows.
import { aiChat } from './support/clients/ai-sdk.js';
import { matrix } from './support/matrix/matrix.js';

matrix(aiChat);
