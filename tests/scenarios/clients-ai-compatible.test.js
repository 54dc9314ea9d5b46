// The AI SDK with its provider for compatible hosts behind the gateway, with every provider: rows of the matrix that docs/clients.md shows.
import { aiCompatible } from './support/clients/ai-sdk.js';
import { matrix } from './support/matrix/matrix.js';

matrix(aiCompatible);
