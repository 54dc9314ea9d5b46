// The official clients of the Model Context Protocol: endpoints are tools, and a tool takes the last thing that the
// user said. One speaks the version without a handshake, the other the one before it.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { told } from './client.js';

// A client is connected when it is first asked.
const connect = (make) => ({ base, key }) => {
  const own = {};
  const address = new URL(base.replace(/\/v1$/, '/mcp'));
  const options = { requestInit: { headers: { authorization: `Bearer ${key}` } } };
  own.open = () => (own.opened ??= make(address, options));
  own.close = async () => (await own.opened?.catch(() => undefined))?.close();
  return own;
};

async function connected(client, transport) {
  await client.connect(transport);
  return client;
}

function argumentsOf(turns) {
  const { user } = turns.findLast((one) => one.user !== undefined);
  return user.startsWith('{') ? JSON.parse(user) : { input: user };
}

// `leaves`: giving up a call only tells the server that it was, by a number that other clients use as well; who wants it
// to end closes the client.
const common = (call, { leaves = false } = {}) => ({
  async ask(sdk, { model, turns, signal }) {
    const client = await sdk.open();
    if (leaves) signal?.addEventListener('abort', () => sdk.close());
    const result = await call(client, { name: model, arguments: argumentsOf(turns) }, { signal });
    const [{ text }] = result.content;
    if (result.isError) throw Object.assign(new Error(text), { tool: JSON.parse(text) });
    return told({ text, object: result.structuredContent });
  },
  async models(sdk) {
    const { tools } = await (await sdk.open()).listTools();
    return tools.map(({ name }) => name);
  },
  // A tool's own failure is a result, and for the model to read; what is wrong with the message is thrown.
  failure: ({ tool, code, message, data }) => ({
    type: tool ? 'result' : 'thrown',
    code: tool?.code ?? code,
    status: data?.status,
    requestId: tool?.request_id,
    message,
    again: tool?.details.retry_after,
  }),
  tools: true,
});

export const mcp = {
  ...common((client, params, options) => client.callTool(params, options)),
  name: '@modelcontextprotocol/client',
  package: '@modelcontextprotocol/client',
  connect: connect((address, options) => {
    const client = new Client({ name: 'matrix', version: '1.0.0' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    return connected(client, new StreamableHTTPClientTransport(address, options));
  }),
};

export const oldMcp = {
  ...common((client, params, options) => client.callTool(params, undefined, options), { leaves: true }),
  name: '@modelcontextprotocol/sdk',
  package: '@modelcontextprotocol/sdk',
  connect: connect((address, options) => connected(new OldClient({ name: 'matrix', version: '1.0.0' }), new OldTransport(address, options))),
};
