// The older SDK of the Model Context Protocol behind the gateway, with every provider: rows of the matrix that docs/clients.md shows.
import { oldMcp } from './support/clients/mcp.js';
import { matrix } from './support/matrix/matrix.js';

matrix(oldMcp);
