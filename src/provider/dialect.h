/* provider/dialect.h
 * How one kind of provider is spoken to: a pure translation between the neutral chat and its bytes.
 * A dialect never sees a socket. */
#pragma once
#include "base/buffer.h"
#include "base/error.h"
#include "chat/chat.h"

/* A provider as configured; const, lives in the configuration. */
struct provider {
    struct text name; /* as endpoints refer to it */
    const struct dialect *dialect;
    bool https;
    struct text host; /* as in the URL: IPv6 in brackets */
    uint16_t port;
    struct text path;    /* of base_url, without trailing slash: "/v1"; may be empty */
    struct text key;     /* the credential; empty: none. Never logged, never in an error */
    struct text ca_file; /* extra trust anchors (PEM); empty: the system's */
    bool allow_private;  /* may lead to private or loopback addresses */
    uint32_t connect_ms; /* time to connect, TLS included */
    struct text origin;  /* "https://host:port", unique per pool together with key and ca_file */
};

/* What the transport sends. The head's own framing (request line, Host, Content-Length) is the
 * transport's; here are the path and the further header lines, each ending in CRLF. */
struct wire_request {
    struct text path;    /* "/v1/chat/completions" */
    struct text headers; /* "Authorization: Bearer ...\r\nContent-Type: application/json\r\n" */
    struct text body;
};

struct dialect {
    const char *name;
    bool local; /* answered inside the process (demo): no host, no key */
    /* Builds the request in the arena; cannot fail, what a dialect cannot say was refused at load.
     */
    void (*request)(const struct chat *chat, const struct provider *provider, struct arena *arena,
                    struct wire_request *out);
    /* Reads a whole 200 body. On failure ERROR_UPSTREAM_INVALID_RESPONSE. */
    bool (*answer)(struct text body, struct arena *arena, struct chat_answer *out,
                   struct error *err);
    /* Reads the data of one SSE event. An error object in the stream fails with the error it means.
     */
    bool (*event)(struct text data, struct arena *arena, struct chat_event *out, struct error *err);
    /* Says what a status other than 200 means, from status and body (at most its first 64 KiB). */
    void (*refusal)(int status, struct text body, uint32_t retry_after_s, struct arena *arena,
                    struct error *err);
};

extern const struct dialect dialect_openai; /* Chat Completions, any base URL */
extern const struct dialect dialect_demo;   /* the same bytes, answered by provider/demo.c */
/* By name, or NULL. */
const struct dialect *dialect_find(struct text name);
/* All names, for "did you mean". */
size_t dialect_names(const struct text **out_names);
