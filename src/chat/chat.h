/* chat/chat.h
 * One conversation with a model in neutral form: what every provider dialect is built from and read
 * into, and what every client surface is written from. Plain data; texts are borrowed from the
 * request's arena or the configuration. */
#pragma once
#include "base/arena.h"
#include "document/document.h"

enum chat_role { CHAT_SYSTEM, CHAT_USER, CHAT_ASSISTANT, CHAT_TOOL, CHAT_ROLE_COUNT };

enum chat_part_type {
    CHAT_TEXT,
    CHAT_IMAGE,
    CHAT_CALL,      /* of a tool; in an assistant message */
    CHAT_RESULT,    /* of a tool; the only part of a tool message */
    CHAT_REASONING, /* what the model thought; in an assistant message, in front of what it led to
                     */
    CHAT_PART_TYPE_COUNT
};

/* A piece of a message. Members that a type does not name are empty. */
struct chat_part {
    enum chat_part_type type;
    struct text text; /* TEXT, RESULT: the text; REASONING: as far as it is shown; IMAGE: its URL,
                         empty when it is sent as data; CALL: the arguments, JSON text as the model
                         wrote it, empty for none (which means {}) */
    struct text data; /* IMAGE: base64 (RFC 4648 section 4) */
    struct text media_type; /* IMAGE as data: "image/png" */
    struct text detail;     /* IMAGE: "low", "high", "auto"; may be empty */
    struct text id;         /* CALL, RESULT: which call */
    struct text name;       /* CALL, RESULT: which tool */
    struct text state;      /* what only the provider understands and wants back unchanged with this
                               part, as the JSON value its dialect made of it */
    const char *state_of;   /* the dialect's name: others leave it out */
    bool failed;            /* RESULT: the tool failed */
};

/* Where `parts` is NULL the message is one text; else `text` is that of its text parts, joined. */
struct chat_message {
    enum chat_role role;
    struct text text; /* UTF-8 */
    const struct chat_part *parts;
    size_t part_count;
};

/* A function that the model may ask to have called. */
struct chat_tool {
    struct text name; /* [A-Za-z0-9_-]{1,64} */
    struct text description;
    const struct document *parameters; /* a JSON Schema with an object root; NULL: it takes none */
    uint32_t parameters_at;
    bool strict; /* arguments are to be held to the schema by the provider */
};
enum chat_choice {
    CHAT_CHOICE_UNSAID,
    CHAT_CHOICE_AUTO,
    CHAT_CHOICE_NONE,
    CHAT_CHOICE_REQUIRED,
    CHAT_CHOICE_NAMED /* chat->choice_name */
};
enum { CHAT_TOOLS_MAX = 128 };

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

/* What texts are embedded for, which some models want to be told. */
enum chat_purpose {
    CHAT_PURPOSE_UNSAID,
    CHAT_PURPOSE_DOCUMENT, /* to be found */
    CHAT_PURPOSE_QUERY,    /* to find others by */
    CHAT_PURPOSE_CLASSIFICATION,
    CHAT_PURPOSE_CLUSTERING,
    CHAT_PURPOSE_COUNT
};

/* A request. */
struct chat {
    struct text model;
    const struct chat_message *messages;
    size_t message_count;
    struct chat_params params;
    const struct chat_tool *tools;
    size_t tool_count;
    enum chat_choice choice;
    struct text choice_name;
    bool one_call;                        /* at most one tool call in an answer */
    const struct document *output_schema; /* NULL: free text */
    uint32_t output_schema_at;
    struct text output_strict; /* the schema in the target's own dialect (schema/lower.h), or empty:
                                  it cannot be said there */
    struct text output_name;   /* a name for the schema: [A-Za-z0-9_-]{1,64} */
    struct text
        caller_text;    /* what the caller itself sent, without prompt or template; for `demo` */
    int64_t max_output; /* tokens the model can write (struct price); 0: not known */
    bool stream;
    bool reasoning_model; /* takes no sampling parameters (struct price says which do) */
    bool embeds;          /* no answer is wanted, but a vector of each message, which is a text */
    bool token_texts;     /* ... each being a JSON list of the numbers of its tokens */
    int64_t dimensions;   /* ... of so many numbers; 0: as many as the model makes */
    enum chat_purpose purpose; /* ... made for this */
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
    int64_t free_prompt_tokens, free_completion_tokens; /* of them, what is not charged for */
    bool reported; /* by the provider; a dialect leaves the rest 0 without it, for the gateway to
                      estimate */
};

/* A complete answer. */
struct chat_answer {
    struct text id;                /* the provider's; may be empty */
    struct text model;             /* as the provider names it */
    struct text content;           /* its text parts, joined */
    struct text refusal;           /* the model declined under a strict schema; else empty */
    const struct chat_part *parts; /* TEXT, REASONING and CALL in the model's order, so that they
                                      can be sent back as its message; NULL: just the content */
    size_t part_count;
    enum chat_finish finish;
    struct text stop; /* the stop sequence that it ended at; empty: at none, or it is not told */
    struct chat_usage usage;
    const float *const *vectors; /* of a chat that embeds: one per message, in their order, and
                                    nothing else */
    size_t vector_count;
    size_t dimensions; /* numbers of each */
};

/* One step of a streamed answer. What follows a type is what such an event fills in. */
enum chat_event_type {
    CHAT_EVENT_START,     /* id, model: each the first time it is known */
    CHAT_EVENT_TEXT,      /* text: to append to the content */
    CHAT_EVENT_REFUSAL,   /* text: to append */
    CHAT_EVENT_REASONING, /* text: to append to the reasoning under way, or to a new one; an empty
                             text only sees that one is under way */
    CHAT_EVENT_CALL,      /* call, id, name: a tool call begins; calls count from 0 without gaps. No
                             id: the provider gave none, and whoever asked gives it one */
    CHAT_EVENT_ARGUMENTS, /* call, text: to append to that call's arguments */
    CHAT_EVENT_STATE,     /* text, state_of: the state (chat_part.state) of the part under way; with
                             no part under way, of a reasoning without text */
    CHAT_EVENT_FINISH,    /* finish; text: the stop sequence that it ended at, where that is told */
    CHAT_EVENT_USAGE,     /* usage: replaces what was said before */
    CHAT_EVENT_DONE       /* the provider's end mark: nothing that follows counts */
};
struct chat_event {
    enum chat_event_type type;
    uint32_t call;
    struct text text, id, name, model;
    const char *state_of;
    enum chat_finish finish;
    struct chat_usage usage;
};
/* The steps that one event of a provider means, in order; usually one, often none. A zeroed list
 * is empty; its memory is the arena's. */
struct chat_events {
    struct chat_event *items;
    size_t count, room;
};
/* Adds a step, zeroed but for its type. Valid until the next is added. */
struct chat_event *chat_events_add(struct chat_events *events, struct arena *arena,
                                   enum chat_event_type type);

const char *chat_role_name(enum chat_role role);          /* "system" ... */
const char *chat_finish_name(enum chat_finish finish);    /* "stop" ...; NONE: "" */
const char *chat_purpose_name(enum chat_purpose purpose); /* "document" ...; UNSAID: "" */
const char *chat_param_name(enum chat_param param);
bool chat_role_parse(struct text name, enum chat_role *out_role);

/* Tokens that `text` is estimated to cost: a deterministic rule of thumb (UTF-8 bytes / 4 for
 * mostly ASCII text, code points / 2 otherwise, rounded up), labelled an estimate wherever it is
 * shown. */
int64_t chat_estimate_tokens(struct text text);
/* The same of everything that a message holds, an image being CHAT_IMAGE_TOKENS whatever its size;
 * and of what describes tools to the model. */
enum { CHAT_IMAGE_TOKENS = 1000 };
int64_t chat_estimate_message(const struct chat_message *message);
int64_t chat_estimate_parts(const struct chat_part *parts, size_t count);
int64_t chat_estimate_tools(const struct chat_tool *tools, size_t count);
/* The same of all that is sent, but for a schema of the answer. */
int64_t chat_estimate(const struct chat *chat);
