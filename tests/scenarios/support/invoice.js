// What a provider would write on its invoice: the price list's own numbers, the usage of each answer that
// was sent, in whole nano-USD, each call rounded up once. Made of nothing that the gateway says.
const nano = (usd) => {
  const [whole, part = ''] = String(usd).split('.');
  return BigInt(whole) * 1000000000n + BigInt(part.padEnd(9, '0'));
};

// USD per million tokens; nano-USD of one call.
export function cost({ input, output, cached_input = input }, usage) {
  const cached = BigInt(usage.prompt_tokens_details?.cached_tokens ?? 0);
  const sum =
    (BigInt(usage.prompt_tokens) - cached) * nano(input) +
    cached * nano(cached_input) +
    BigInt(usage.completion_tokens) * nano(output);
  return (sum + 999999n) / 1000000n;
}

// "0.000001234" and 1234n.
export const usd = (amount) => {
  const digits = String(amount).padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
};
export const nanoOf = nano;
