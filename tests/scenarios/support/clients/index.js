// The clients of the matrix. What each is asked for: client.js.
import { aiChat, aiCompatible, aiResponses } from './ai-sdk.js';
import { messages } from './anthropic.js';
import { shell } from './curl.js';
import { langchain, langchainResponses } from './langchain.js';
import { mcp, oldMcp } from './mcp.js';
import { chat, responses } from './openai.js';

export const clients = [chat, responses, aiResponses, aiChat, aiCompatible, langchain, langchainResponses, messages, shell, mcp, oldMcp];
