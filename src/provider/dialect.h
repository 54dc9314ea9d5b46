/* provider/dialect.h
 * How one kind of provider is spoken to: a pure translation between the neutral chat and its bytes.
 * A dialect never sees a socket, reads no clock, and keeps nothing between calls but what
 * `stream_bytes` gives it. Whatever bytes a provider sends are read without harm. */
#pragma once
#include "base/buffer.h"
#include "chat/chat.h"
#include "health/breaker.h"
#include "provider/failure.h"
#include "provider/framing.h"

struct provider_kind;

/* A name for a model that says nothing of what it is: an Azure deployment's. */
struct deployment {
    struct text name, model;
};

/* A provider as configured; const, lives in the configuration. */
struct provider {
    struct text name; /* as endpoints refer to it */
    const struct provider_kind *kind;
    const struct dialect *dialect;          /* that of its kind */
    const struct provider_kind *stands_for; /* whose models it answers as, where the built-in
                                               provider takes its place; NULL: it is itself */
    const struct dialect *api; /* the one that all its models are spoken to in; NULL: as each of
                                  them needs it */
    bool https;
    struct text host; /* as in the URL: IPv6 in brackets */
    uint16_t port;
    struct text path;        /* of base_url, without trailing slash: "/v1"; may be empty */
    struct text query;       /* put behind the path: "api-version=2024-10-21"; may be empty */
    const struct text *keys; /* its credentials, any of which will do. Never logged, never in an
                                error */
    size_t key_count;        /* 0: it asks for none */
    const struct text *key_names; /* "${env:NAME}", as pinion.yaml calls each; empty: it is made of
                                     pieces */
    struct text ca_file;          /* extra trust anchors (PEM); empty: the system's */
    bool allow_private;           /* may lead to private or loopback addresses */
    uint32_t connect_ms;          /* time to connect, TLS included */
    struct breaker_rule breaker;  /* of each of its models */
    const struct deployment *deployments; /* which models its own names stand for */
    size_t deployment_count;
    struct text origin; /* "https://host:port", unique per pool together with a key and ca_file */
};

/* What the transport sends. The head's own framing (request line, Host, Content-Length) is the
 * transport's; here are the path and the further header lines, each ending in CRLF. */
struct wire_request {
    struct text method;  /* empty: POST */
    struct text path;    /* "/v1/chat/completions" */
    struct text headers; /* "Authorization: Bearer ...\r\nContent-Type: application/json\r\n" */
    struct text body;
};

/* A reply with another status than 200. */
struct wire_refusal {
    int status;
    struct text body;        /* at most its first 64 KiB */
    uint64_t retry_after_ms; /* what its headers say; 0: nothing */
};

/* Texts to turn into vectors. */
struct embed {
    struct text model;
    const struct text *inputs;
    size_t input_count;
    bool tokens;        /* each is a JSON list of the numbers of its tokens, for hosts that take
                           those */
    int64_t dimensions; /* 0: the model's own */
    enum chat_purpose purpose;
};
struct embed_answer {
    struct text model;
    const float *const *vectors; /* one per input, in their order */
    size_t vector_count;
    size_t dimensions;
    struct chat_usage usage;
};

struct dialect {
    const char *name;
    bool local; /* answered inside the process (demo): no host, no key */
    enum framing framing;
    unsigned unsaid; /* bits by enum chat_param: what its API has no word for, and goes unsaid */
    /* What this dialect remembers from one event of a stream to the next: so many bytes, zeroed
     * when it begins, 16-byte aligned. What they point to lies in the arena of the stream. */
    size_t stream_bytes;
    /* Builds the request in the arena, with `key` as its credential (empty: none); cannot fail:
     * what a dialect cannot say was refused at load, or is left out. */
    void (*request)(const struct chat *chat, const struct provider *provider, struct text key,
                    struct arena *arena, struct wire_request *out);
    /* Reads a whole 200 body. False with *failure. */
    bool (*answer)(struct text body, struct arena *arena, struct chat_answer *out,
                   struct failure *failure);
    /* Reads one event of a stream; what it means is added to *out. `arena` holds what the events
     * refer to, until they are taken; `kept` is that of the whole stream. An error object in the
     * stream is false with the failure it means. */
    bool (*event)(void *stream, const struct wire_event *event, struct arena *kept,
                  struct arena *arena, struct chat_events *out, struct failure *failure);
    /* Says what a status other than 200 means. */
    void (*refusal)(const struct wire_refusal *refusal, struct arena *arena,
                    struct failure *failure);
    /* Embeddings; NULL where there are none. */
    void (*embed_request)(const struct embed *embed, const struct provider *provider,
                          struct text key, struct arena *arena, struct wire_request *out);
    bool (*embed_answer)(struct text body, size_t inputs, struct arena *arena,
                         struct embed_answer *out, struct failure *failure);
    size_t embed_most; /* texts in one request; 0: as many as there are */
};

extern const struct dialect dialect_openai;    /* Chat Completions, any base URL */
extern const struct dialect dialect_responses; /* OpenAI Responses */
extern const struct dialect dialect_anthropic; /* Messages */
extern const struct dialect dialect_gemini;    /* generateContent */
extern const struct dialect dialect_cohere;    /* version 2 */
extern const struct dialect dialect_ollama;    /* its own API */
extern const struct dialect dialect_mistral;
extern const struct dialect dialect_demo; /* the same bytes, answered by demo/demo.c */
