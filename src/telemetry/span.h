/* telemetry/span.h
 * One finished span of a trace, as a worker notes it: flat, so that it is copied in one piece, and
 * without JSON, which is made of it in the exporter's thread. All names of attributes are here, as
 * the semantic conventions of OpenTelemetry have them; those of generative AI change still. */
#pragma once
#include "telemetry/trace_context.h"

/* name, word, how its value is written down: TEXT, or JSON that is an integer (INT), a number
 * (DOUBLE), a boolean (BOOL), a list of strings or one string (TEXTS). */
#define SPAN_ATTRIBUTES(X)                                                                         \
    X(HTTP_METHOD, "http.request.method", TEXT)                                                    \
    X(HTTP_ROUTE, "http.route", TEXT)                                                              \
    X(HTTP_STATUS, "http.response.status_code", INT)                                               \
    X(URL_SCHEME, "url.scheme", TEXT)                                                              \
    X(SERVER_ADDRESS, "server.address", TEXT)                                                      \
    X(SERVER_PORT, "server.port", INT)                                                             \
    X(CLIENT_ADDRESS, "client.address", TEXT)                                                      \
    X(ERROR_TYPE, "error.type", TEXT)                                                              \
    X(ENDPOINT, "pinion.endpoint", TEXT)                                                           \
    X(VERSION, "pinion.version", TEXT)                                                             \
    X(ROUTE, "pinion.route", TEXT)                                                                 \
    X(ATTEMPTS, "pinion.attempts", INT)                                                            \
    X(REQUEST_ID, "pinion.request_id", TEXT)                                                       \
    X(ATTEMPT, "pinion.attempt", INT)                                                              \
    X(OPERATION, "gen_ai.operation.name", TEXT)                                                    \
    X(PROVIDER, "gen_ai.provider.name", TEXT)                                                      \
    X(MODEL, "gen_ai.request.model", TEXT)                                                         \
    X(TEMPERATURE, "gen_ai.request.temperature", DOUBLE)                                           \
    X(MAX_TOKENS, "gen_ai.request.max_tokens", INT)                                                \
    X(TOP_P, "gen_ai.request.top_p", DOUBLE)                                                       \
    X(STOP, "gen_ai.request.stop_sequences", TEXTS)                                                \
    X(SEED, "gen_ai.request.seed", INT)                                                            \
    X(STREAM, "gen_ai.request.stream", BOOL)                                                       \
    X(RESPONSE_ID, "gen_ai.response.id", TEXT)                                                     \
    X(RESPONSE_MODEL, "gen_ai.response.model", TEXT)                                               \
    X(FINISH_REASONS, "gen_ai.response.finish_reasons", TEXTS)                                     \
    X(FIRST_CHUNK, "gen_ai.response.time_to_first_chunk", DOUBLE)                                  \
    X(INPUT_TOKENS, "gen_ai.usage.input_tokens", INT)                                              \
    X(OUTPUT_TOKENS, "gen_ai.usage.output_tokens", INT)                                            \
    X(CACHE_READ_TOKENS, "gen_ai.usage.cache_read.input_tokens", INT)                              \
    X(CACHE_CREATION_TOKENS, "gen_ai.usage.cache_creation.input_tokens", INT)                      \
    X(REASONING_TOKENS, "gen_ai.usage.reasoning.output_tokens", INT)                               \
    X(CONVERSATION, "gen_ai.conversation.id", TEXT)                                                \
    X(OUTPUT_TYPE, "gen_ai.output.type", TEXT)                                                     \
    X(PROMPT_NAME, "gen_ai.prompt.name", TEXT)                                                     \
    X(PROMPT_VERSION, "gen_ai.prompt.version", TEXT)

enum span_attribute {
#define X(name, word, type) SPAN_##name,
    SPAN_ATTRIBUTES(X)
#undef X
        SPAN_ATTRIBUTE_COUNT
};
enum span_type { SPAN_TEXT, SPAN_INT, SPAN_DOUBLE, SPAN_BOOL, SPAN_TEXTS };
struct span_attribute_row {
    const char *word;
    enum span_type type;
};
const struct span_attribute_row *span_attribute_row(enum span_attribute attribute);

/* As OTLP numbers them. */
enum span_kind { SPAN_KIND_SERVER = 2, SPAN_KIND_CLIENT = 3 };

enum { SPAN_NAME_MAX = 128, SPAN_VALUE_MAX = 256, SPAN_BYTES = 1600 };
struct span {
    uint8_t trace_id[TRACE_ID_BYTES], span_id[SPAN_ID_BYTES];
    uint8_t parent_id[SPAN_ID_BYTES]; /* zero: it has none */
    uint8_t flags;
    bool remote; /* the parent is another process's */
    bool failed;
    enum span_kind kind;
    int64_t start_us, end_us; /* wall */
    uint16_t name_len, used, dropped;
    char name[SPAN_NAME_MAX];
    char attributes[SPAN_BYTES]; /* of each: which, two bytes of length, the value */
};

/* Begins one with its name, cut at SPAN_NAME_MAX. */
void span_init(struct span *span, const struct trace_context *trace, enum span_kind kind,
               struct text name);
/* Adds an attribute; an empty value adds nothing. A text is cut at SPAN_VALUE_MAX; what finds no
 * room, or is JSON and too long, is left out and counted in `dropped`. */
void span_put(struct span *span, enum span_attribute attribute, struct text value);
void span_put_integer(struct span *span, enum span_attribute attribute, int64_t value);
/* Takes the next attribute off *rest, which began as the span's; false: there is none. */
bool span_next(struct text *rest, enum span_attribute *out, struct text *out_value);
