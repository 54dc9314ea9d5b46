// OpenAI's SDK as a client of a gateway's endpoints: its `model` is the slug that is called.
import OpenAI from 'openai';

export const gatewaySdk = ({ gateway, token }) => new OpenAI({
  apiKey: token,
  baseURL: gateway.url,
  maxRetries: 0,
  fetch: (url, { body, ...init }) => {
    const { model, ...rest } = JSON.parse(body);
    return fetch(`${gateway.url}/${model}`, { ...init, body: JSON.stringify(rest) });
  },
});
