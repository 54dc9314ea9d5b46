/* telemetry/names.h
 * Every name that a receiver of OTLP gets, as the semantic conventions of OpenTelemetry have them;
 * nothing else spells one. Those of generative AI change still
 * (https://github.com/open-telemetry/semantic-conventions-genai): a process uses either the ones
 * that have been in use for long, or the latest, and says so by OTEL_SEMCONV_STABILITY_OPT_IN. */
#pragma once
#include "journal/series.h"

/* name, word, the latest word where it is another (else NULL), how a value is written down: TEXT,
 * or JSON that is an integer (INT), a number (DOUBLE), a boolean (BOOL), a list of strings or one
 * string (TEXTS). */
#define TELEMETRY_NAMES(X)                                                                         \
    X(HTTP_METHOD, "http.request.method", NULL, TEXT)                                              \
    X(HTTP_ROUTE, "http.route", NULL, TEXT)                                                        \
    X(HTTP_STATUS, "http.response.status_code", NULL, INT)                                         \
    X(URL_SCHEME, "url.scheme", NULL, TEXT)                                                        \
    X(SERVER_ADDRESS, "server.address", NULL, TEXT)                                                \
    X(SERVER_PORT, "server.port", NULL, INT)                                                       \
    X(CLIENT_ADDRESS, "client.address", NULL, TEXT)                                                \
    X(ERROR_TYPE, "error.type", NULL, TEXT)                                                        \
    X(ENDPOINT, "pinion.endpoint", NULL, TEXT)                                                     \
    X(VERSION, "pinion.version", NULL, TEXT)                                                       \
    X(ROUTE, "pinion.route", NULL, TEXT)                                                           \
    X(ATTEMPTS, "pinion.attempts", NULL, INT)                                                      \
    X(REQUEST_ID, "pinion.request_id", NULL, TEXT)                                                 \
    X(ATTEMPT, "pinion.attempt", NULL, INT)                                                        \
    X(OPERATION, "gen_ai.operation.name", NULL, TEXT)                                              \
    X(PROVIDER, "gen_ai.provider.name", NULL, TEXT)                                                \
    X(MODEL, "gen_ai.request.model", NULL, TEXT)                                                   \
    X(TEMPERATURE, "gen_ai.request.temperature", NULL, DOUBLE)                                     \
    X(MAX_TOKENS, "gen_ai.request.max_tokens", NULL, INT)                                          \
    X(TOP_P, "gen_ai.request.top_p", NULL, DOUBLE)                                                 \
    X(STOP, "gen_ai.request.stop_sequences", NULL, TEXTS)                                          \
    X(SEED, "gen_ai.request.seed", NULL, INT)                                                      \
    X(STREAM, "gen_ai.request.stream", NULL, BOOL)                                                 \
    X(RESPONSE_ID, "gen_ai.response.id", NULL, TEXT)                                               \
    X(RESPONSE_MODEL, "gen_ai.response.model", NULL, TEXT)                                         \
    X(FINISH_REASONS, "gen_ai.response.finish_reasons", NULL, TEXTS)                               \
    X(FIRST_CHUNK, "gen_ai.response.time_to_first_chunk", NULL, DOUBLE)                            \
    X(INPUT_TOKENS, "gen_ai.usage.input_tokens", NULL, INT)                                        \
    X(OUTPUT_TOKENS, "gen_ai.usage.output_tokens", NULL, INT)                                      \
    X(CACHE_READ_TOKENS, "gen_ai.usage.cache_read.input_tokens", NULL, INT)                        \
    X(CACHE_WRITE_TOKENS, "gen_ai.usage.cache_creation.input_tokens",                              \
      "gen_ai.usage.cache_write.input_tokens", INT)                                                \
    X(REASONING_TOKENS, "gen_ai.usage.reasoning.output_tokens", NULL, INT)                         \
    X(CONVERSATION, "gen_ai.conversation.id", NULL, TEXT)                                          \
    X(OUTPUT_TYPE, "gen_ai.output.type", NULL, TEXT)                                               \
    X(PROMPT_NAME, "gen_ai.prompt.name", NULL, TEXT)                                               \
    X(PROMPT_VERSION, "gen_ai.prompt.version", NULL, TEXT)                                         \
    X(TOKEN_TYPE, "gen_ai.token.type", NULL, TEXT)                                                 \
    X(MODALITY, "gen_ai.token.modality", NULL, TEXT)                                               \
    X(TOOL, "gen_ai.tool.name", NULL, TEXT)                                                        \
    X(MCP_METHOD, "mcp.method.name", NULL, TEXT)                                                   \
    X(MCP_VERSION, "mcp.protocol.version", NULL, TEXT)                                             \
    X(RPC_ID, "jsonrpc.request.id", NULL, TEXT)                                                    \
    X(RPC_STATUS, "rpc.response.status_code", NULL, TEXT)                                          \
    X(OVERFLOW, "otel.metric.overflow", NULL, BOOL)

enum telemetry_name {
    NAME_NONE,
#define X(name, word, latest, type) NAME_##name,
    TELEMETRY_NAMES(X)
#undef X
        NAME_COUNT
};
enum telemetry_type { VALUE_TEXT, VALUE_INT, VALUE_DOUBLE, VALUE_BOOL, VALUE_TEXTS };
enum telemetry_type telemetry_type(enum telemetry_name name);
const char *telemetry_word(enum telemetry_name name, bool latest);

/* The name that is agreed upon for a vendor (`gen_ai.provider.name`), where there is one; else that
 * of its kind, as a provider's `kind` names it. Static. */
const char *telemetry_vendor(const char *kind);

/* Whose calls these are, which every instrument of calls tells first. A model that callers name
 * themselves is "*": attributes of instruments have few values. */
#define OF_CALL NAME_OPERATION, NAME_PROVIDER, NAME_MODEL, NAME_SERVER_ADDRESS, NAME_SERVER_PORT

/* name, what its numbers are (see below), word, unit (UCUM), what it says, its attributes. */
#define INSTRUMENTS(X)                                                                             \
    X(TOKEN_USAGE, TOKENS, "gen_ai.client.token.usage", "{token}",                                 \
      "Number of input and output tokens used.", OF_CALL, NAME_TOKEN_TYPE)                         \
    X(OPERATION_DURATION, SECONDS, "gen_ai.client.operation.duration", "s",                        \
      "Duration of a call to a provider.", OF_CALL, NAME_ERROR_TYPE)                               \
    X(OPERATION_FIRST_CHUNK, SECONDS, "gen_ai.client.operation.time_to_first_chunk", "s",          \
      "Time from sending a call to the first piece of a streamed answer.", OF_CALL)                \
    X(INFERENCE_DURATION, SECONDS, "gen_ai.client.inference.duration", "s",                        \
      "Duration of a call to a provider.", OF_CALL, NAME_ERROR_TYPE)                               \
    X(INFERENCE_FIRST_CHUNK, SECONDS, "gen_ai.client.inference.time_to_first_chunk", "s",          \
      "Time from sending a call to the first piece of a streamed answer.", OF_CALL)                \
    X(USED_INPUT, SUM, "gen_ai.client.inference.usage.input_tokens", "{token}",                    \
      "Number of input tokens used, cached ones included.", OF_CALL, NAME_MODALITY)                \
    X(USED_OUTPUT, SUM, "gen_ai.client.inference.usage.output_tokens", "{token}",                  \
      "Number of output tokens used, those of reasoning included.", OF_CALL, NAME_MODALITY)        \
    X(USED_CACHE_READ, SUM, "gen_ai.client.inference.usage.cache_read.input_tokens", "{token}",    \
      "Number of input tokens that a provider read from its cache.", OF_CALL, NAME_MODALITY)       \
    X(USED_CACHE_WRITE, SUM, "gen_ai.client.inference.usage.cache_write.input_tokens", "{token}",  \
      "Number of input tokens that a provider wrote to its cache.", OF_CALL, NAME_MODALITY)        \
    X(USED_REASONING, SUM, "gen_ai.client.inference.usage.reasoning.output_tokens", "{token}",     \
      "Number of output tokens spent on reasoning.", OF_CALL, NAME_MODALITY)                       \
    X(INFERENCE_INPUT, TOKENS, "gen_ai.client.inference.operation.input_tokens", "{token}",        \
      "Number of input tokens of a call.", OF_CALL)                                                \
    X(INFERENCE_OUTPUT, TOKENS, "gen_ai.client.inference.operation.output_tokens", "{token}",      \
      "Number of output tokens of a call.", OF_CALL)                                               \
    X(EMBEDDINGS_DURATION, SECONDS, "gen_ai.client.embeddings.duration", "s",                      \
      "Duration of a call for embeddings.", OF_CALL, NAME_ERROR_TYPE)                              \
    X(EMBEDDINGS_INPUT, TOKENS, "gen_ai.client.embeddings.operation.input_tokens", "{token}",      \
      "Number of input tokens of a call for embeddings.", OF_CALL)                                 \
    X(TOOL_DURATION, TOOL_SECONDS, "mcp.server.operation.duration", "s",                           \
      "Duration of a call of a tool, from the message to its answer.", NAME_MCP_METHOD, NAME_TOOL, \
      NAME_OPERATION, NAME_MCP_VERSION, NAME_ERROR_TYPE, NAME_RPC_STATUS)

enum instrument_id {
#define X(name, ...) INSTRUMENT_##name,
    INSTRUMENTS(X)
#undef X
        INSTRUMENT_COUNT
};
/* SUM: a counter. The others are histograms, whose buckets are those of the conventions; seconds,
 * of calls to providers and of tools, are handed in as microseconds. */
enum instrument_scale { SCALE_SUM, SCALE_TOKENS, SCALE_SECONDS, SCALE_TOOL_SECONDS };
struct instrument {
    enum instrument_scale scale;
    const char *name, *unit, *about;
    enum telemetry_name attributes[SERIES_LABELS_MAX]; /* NAME_NONE behind the last */
};
const struct instrument *instrument_of(enum instrument_id id);
/* As they are counted; static. */
const struct series_kind *instrument_kinds(void);
