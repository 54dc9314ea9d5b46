/* chat/chat.h
 * One conversation with a model in neutral form: what every provider dialect is built from and read
 * into, and what every client surface is written from. Plain data; texts are borrowed from the
 * request's arena or the configuration. */
#pragma once
#include "document/document.h"

enum chat_role { CHAT_SYSTEM, CHAT_USER, CHAT_ASSISTANT, CHAT_ROLE_COUNT };

struct chat_message {
    enum chat_role role;
    struct text text; /* UTF-8 */
};

/* Sampling parameters, by the names of the OpenAI surface: name, JSON type, least, greatest. Kept
 * as the JSON text they were written in, so that they arrive as the author wrote them. */
#define CHAT_PARAMS(X)                                                                             \
    X(TEMPERATURE, "temperature", NUMBER, 0, 2)                                                    \
    X(TOP_P, "top_p", NUMBER, 0, 1)                                                                \
    X(MAX_TOKENS, "max_tokens", INTEGER, 1, 10000000)                                              \
    X(SEED, "seed", INTEGER, -9.2e18, 9.2e18)                                                      \
    X(PRESENCE_PENALTY, "presence_penalty", NUMBER, -2, 2)                                         \
    X(FREQUENCY_PENALTY, "frequency_penalty", NUMBER, -2, 2)                                       \
    X(STOP, "stop", STRINGS, 1, 4)                                                                 \
    X(REASONING_EFFORT, "reasoning_effort", STRING, 0, 0)

enum chat_param {
#define X(name, word, type, least, greatest) CHAT_PARAM_##name,
    CHAT_PARAMS(X)
#undef X
        CHAT_PARAM_COUNT
};

struct chat_params {
    struct text json[CHAT_PARAM_COUNT]; /* empty: not set */
};

/* A request. */
struct chat {
    struct text model;
    const struct chat_message *messages;
    size_t message_count;
    struct chat_params params;
    const struct document *output_schema; /* NULL: free text */
    uint32_t output_schema_at;
    struct text output_strict; /* the schema as strict structured output takes it, or empty */
    struct text output_name;   /* a name for the schema: [A-Za-z0-9_-]{1,64} */
    struct text
        caller_text; /* what the caller itself sent, without prompt or template; for `demo` */
    bool stream;
    bool reasoning_model; /* takes no sampling parameters (struct price says which do) */
};

enum chat_finish {
    CHAT_FINISH_NONE,
    CHAT_FINISH_STOP,
    CHAT_FINISH_LENGTH,
    CHAT_FINISH_TOOL_CALLS,
    CHAT_FINISH_CONTENT_FILTER,
    CHAT_FINISH_COUNT
};

struct chat_usage {
    int64_t prompt_tokens;     /* all input, cached included */
    int64_t completion_tokens; /* all output, reasoning included */
    int64_t cached_tokens;
    int64_t cache_write_tokens;
    int64_t reasoning_tokens;
    bool reported; /* by the provider; else estimated by us */
};

/* A complete answer. */
struct chat_answer {
    struct text id;    /* the provider's; may be empty */
    struct text model; /* as the provider names it */
    struct text content;
    struct text refusal; /* the model declined under a strict schema; else empty */
    enum chat_finish finish;
    struct chat_usage usage;
};

/* One step of a streamed answer. What an event does not say is empty or NONE. */
struct chat_event {
    struct text id, model;
    struct text content; /* to append */
    struct text refusal;
    enum chat_finish finish;
    bool has_usage;
    struct chat_usage usage;
    bool done; /* the provider's end mark */
};

const char *chat_role_name(enum chat_role role);       /* "system" ... */
const char *chat_finish_name(enum chat_finish finish); /* "stop" ...; NONE: "" */
const char *chat_param_name(enum chat_param param);
bool chat_role_parse(struct text name, enum chat_role *out_role);

/* Tokens that `text` is estimated to cost: a deterministic rule of thumb (UTF-8 bytes / 4 for
 * mostly ASCII text, code points / 2 otherwise, rounded up), labelled an estimate wherever it is
 * shown. */
int64_t chat_estimate_tokens(struct text text);
